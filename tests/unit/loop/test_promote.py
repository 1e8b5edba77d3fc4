"""What a person's hand may do to releases, and what not."""

from __future__ import annotations

import pytest

from tests.unit.loop.kit import NOON, release, situation
from tidemill.errors import RunError
from tidemill.loop.promote import by_person, taken_back_by_person

WHO = {"who": "min.park", "why": "checked by hand"}
RELEASES = (
    release(1, "superseded"),
    release(2, "champion", previous=1),
    release(3, "canary"),
    release(4, "validated"),
    release(5, "refused"),
    release(6, "rolled_back"),
)


@pytest.mark.parametrize(
    ("ordinal", "expected"),
    [
        (1, {1: "champion", 2: "superseded", 3: "superseded"}),
        (3, {3: "champion", 2: "superseded"}),
        (4, {4: "champion", 2: "superseded", 3: "superseded"}),
        (6, {6: "champion", 2: "superseded", 3: "superseded"}),
    ],
)
def test_makes_a_version_champion_and_clears_the_way(ordinal: int, expected: dict[int, str]) -> None:
    decision = by_person(ordinal, situation(*RELEASES), **WHO)
    assert {one.ordinal: one.state for one in decision.releases} == expected
    assert decision.releases[0].previous == 2
    assert (decision.fields["who"], decision.fields["reason"]) == ("min.park", "checked by hand")


@pytest.mark.parametrize(("ordinal", "code"), [(2, "already-champion"), (5, "step-not-allowed"), (9, "no-release")])
def test_what_cannot_become_champion_is_said(ordinal: int, code: str) -> None:
    with pytest.raises(RunError) as raised:
        by_person(ordinal, situation(*RELEASES), **WHO)
    assert raised.value.code == f"run.{code}"


@pytest.mark.parametrize(
    ("ordinal", "expected"),
    [(2, {2: "rolled_back", 1: "champion", 3: "canary"}), (3, {3: "rolled_back"}), (4, {4: "superseded"})],
)
def test_takes_a_version_out(ordinal: int, expected: dict[int, str]) -> None:
    decision = taken_back_by_person(ordinal, situation(*RELEASES), **WHO)
    assert {one.ordinal: one.state for one in decision.releases} == expected


def test_a_first_champion_cannot_be_taken_back() -> None:
    with pytest.raises(RunError) as raised:
        taken_back_by_person(1, situation(release(1, "champion")), **WHO)
    assert raised.value.code == "run.nothing-before"


def test_since_when_is_noted() -> None:
    decision = by_person(1, situation(*RELEASES, now_us=NOON + 5), **WHO)
    assert {one.step_since_us for one in decision.releases} == {NOON + 5}
