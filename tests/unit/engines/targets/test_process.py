"""A bundle tried out in a real server process: latencies, memory, errors, last words."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.shelf import ASK, Shelf
from tidemill.engines.targets.process import ProcessTarget
from tidemill.errors import ServeError

MOODY = "def mood(amount, asked_at):\n    return 1 / (amount - 666)\n"


@pytest.fixture
def shelf(tmp_path: Path) -> Shelf:
    made = Shelf(tmp_path)
    made.stock()
    return made


def test_measures_each_request_and_the_memory_of_the_process(shelf: Shelf) -> None:
    bad = {**ASK, "amount": 666}
    bodies = [json.dumps({"instances": [one]}).encode() for one in (ASK, ASK, bad)]
    found = ProcessTarget(shelf.home).try_out(shelf.risk(mood=MOODY), bodies, seconds=0.2)
    assert len(found.latencies_ms) >= 2
    assert 0.05 < min(found.latencies_ms) < 100
    assert found.errors == pytest.approx(len(found.latencies_ms) / 2, abs=1)
    assert 20 < found.memory_mib < 500
    assert shelf.logged() == []


def test_what_a_trial_counts_is_not_the_homes(shelf: Shelf) -> None:
    ProcessTarget(shelf.home).try_out(shelf.risk(), [json.dumps({"instances": [ASK]}).encode()], seconds=0.6)
    assert list(shelf.home.glob("**/metrics/*")) == []


def test_every_body_is_sent_however_short_the_time(shelf: Shelf) -> None:
    bodies = [json.dumps({"instances": [{**ASK, "amount": n}]}).encode() for n in range(25)]
    found = ProcessTarget(shelf.home).try_out(shelf.risk(), bodies, seconds=0.0)
    assert len(found.latencies_ms) == 25


def test_a_damaged_bundle_says_its_last_words(shelf: Shelf) -> None:
    with pytest.raises(ServeError) as raised:
        ProcessTarget(shelf.home).try_out("0" * 64, [b"{}"], seconds=1.0)
    assert raised.value.code == "serve.did-not-start"
    assert "blob" in str(raised.value.fields["words"])
    with pytest.raises(ServeError) as raised:
        ProcessTarget(shelf.home).try_out(shelf.damaged(), [b"{}"], seconds=1.0)
    assert raised.value.fields["words"]
