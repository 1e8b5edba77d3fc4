"""Whose staged files are spared: those of living processes, and of no dead one."""

from __future__ import annotations

import os
from pathlib import Path

from tidemill.stores.claims import LOCK, Claims


def claimed(folder: Path) -> set[str]:
    """What a sweep from elsewhere would spare."""
    with Claims(folder).alone() as living:
        return set(living)


def test_claims_are_seen_until_their_dataset_is_settled(tmp_path: Path) -> None:
    mine, others = Claims(tmp_path), Claims(tmp_path)
    mine.claim("events", ["a", "b"])
    mine.claim("events", ["b"])
    mine.claim("loans", ["c"])
    others.claim("events", ["d"])
    assert claimed(tmp_path) == {"a", "b", "c", "d"}
    others.settle("events")
    assert claimed(tmp_path) == {"a", "b", "c"}
    mine.settle("loans")
    mine.settle("nothing")
    assert {"a", "b"} <= claimed(tmp_path)
    mine.settle("events")
    assert claimed(tmp_path) == set()
    assert [place.name for place in tmp_path.iterdir()] == [LOCK]


def test_who_sweeps_sees_its_own_claims_too(tmp_path: Path) -> None:
    mine = Claims(tmp_path)
    mine.claim("events", ["a"])
    with mine.alone() as living:
        assert living == {"a"}


def test_the_list_of_a_dead_process_is_taken_away(tmp_path: Path) -> None:
    dead = os.fork()
    if not dead:
        Claims(tmp_path).claim("events", ["a"])
        os._exit(0)
    os.waitpid(dead, 0)
    assert len(list(tmp_path.iterdir())) == 2
    assert claimed(tmp_path) == set()
    assert [place.name for place in tmp_path.iterdir()] == [LOCK]


def test_a_forked_child_claims_for_itself_and_ends_nothing_of_its_parents(tmp_path: Path) -> None:
    mine = Claims(tmp_path)
    mine.claim("events", ["a"])
    child = os.fork()
    if not child:
        mine.settle("events")
        mine.claim("events", ["b"])
        os._exit(0)
    os.waitpid(child, 0)
    assert claimed(tmp_path) == {"a"}


def test_claims_that_nobody_holds_any_more_are_void(tmp_path: Path) -> None:
    left = Claims(tmp_path)
    left.claim("events", ["a"])
    del left
    assert claimed(tmp_path) == set()


def test_a_list_that_goes_while_a_sweep_reads_it_claims_nothing(tmp_path: Path) -> None:
    mine = Claims(tmp_path)
    mine.claim("events", ["a"])
    (tmp_path / "1-gone").symlink_to(tmp_path / "settled")
    assert claimed(tmp_path) == {"a"}
