"""Versions come and go in a running worker; a damaged one changes nothing but the diary."""

from __future__ import annotations

import asyncio
from itertools import pairwise
from types import SimpleNamespace

import pytest

from tests.shelf import ASK, Shelf
from tests.unit.interfaces.http.conftest import Bench
from tidemill.errors import ModelError
from tidemill.interfaces.http.follow import Follower, prover, why
from tidemill.predict.bundle import files_of


def version(bench: Bench) -> str:
    found: str = bench.ask("POST", "/predict/risk", {"instances": [ASK]}).document["version"]
    return found


def turn(bench: Bench) -> bool:
    return asyncio.run(bench.follower.turn())


def test_a_new_champion_is_put_in_place_of_the_old(bench: Bench, shelf: Shelf) -> None:
    assert version(bench) == "risk@1"
    assert turn(bench) is False
    shelf.policy("risk", (2, shelf.risk(0.75)))
    assert turn(bench) is True
    assert version(bench) == "risk@2"


def test_going_back_needs_no_loading(bench: Bench, shelf: Shelf, monkeypatch: pytest.MonkeyPatch) -> None:
    first, second = shelf.risk(0.25), shelf.risk(0.75)
    shelf.policy("risk", (2, second))
    turn(bench)
    monkeypatch.setattr("tidemill.interfaces.http.follow.load", None)
    shelf.policy("risk", (1, first))
    turn(bench)
    assert version(bench) == "risk@1"


def test_a_version_that_no_policy_needs_is_freed(bench: Bench, shelf: Shelf) -> None:
    for ordinal in (2, 3, 4):
        shelf.policy("risk", (ordinal, shelf.risk(ordinal / 10)))
        turn(bench)
    assert set(bench.follower._loaded) == {shelf.risk(0.4), shelf.risk(0.3), shelf.ranker()}


def test_a_damaged_version_leaves_the_old_one_answering(bench: Bench, shelf: Shelf) -> None:
    shelf.policy("risk", (2, shelf.damaged()))
    turn(bench)
    assert version(bench) == "risk@1"
    assert bench.ask("GET", "/health/ready").status == 200
    (event,) = shelf.ledger.events()
    assert (event.code, event.subject, event.by) == ("event.bundle-refused", "risk@2", "w")
    turn(bench)
    assert len(shelf.ledger.events()) == 1
    shelf.policy("risk", (3, shelf.risk(0.5)))
    turn(bench)
    assert version(bench) == "risk@3"


def test_a_worker_that_starts_with_a_damaged_champion_answers_with_the_one_before(shelf: Shelf) -> None:
    shelf.policy("risk", (1, shelf.risk()))
    shelf.policy("risk", (2, shelf.damaged()))
    bench = Bench(shelf)
    assert version(bench) == "risk@1"
    bench.close()


def test_without_any_version_that_can_be_loaded_it_says_so(shelf: Shelf) -> None:
    shelf.policy("risk", (1, shelf.damaged()))
    bench = Bench(shelf)
    found = bench.ask("POST", "/predict/risk", {"instances": [ASK]})
    error = found.document["error"]
    assert (found.status, error["code"], error["fields"]["version"]) == (503, "serve.no-champion", "risk@1")
    assert bench.ask("GET", "/health/ready").status == 503
    bench.close()


def test_a_blob_that_rotted_is_found_out(bench: Bench, shelf: Shelf) -> None:
    bundle = shelf.risk(0.9)
    path = shelf.blobs.path(bundle)
    path.chmod(0o644)
    path.write_bytes(b"rot")
    shelf.policy("risk", (2, bundle))
    turn(bench)
    assert version(bench) == "risk@1"
    assert shelf.ledger.events()[0].fields["error"] == "store.blob-corrupt"


def test_a_version_whose_lost_file_is_restored_is_found(shelf: Shelf) -> None:
    bundle = shelf.risk()
    path = shelf.blobs.path(files_of(bundle, shelf.blobs)["bundle.json"])
    away = path.rename(path.with_suffix(".away"))
    shelf.policy("risk", (1, bundle))
    bench = Bench(shelf)
    lost = bench.ask("POST", "/predict/risk", {"instances": [ASK]}).document["error"]
    assert (lost["code"], lost["fields"]["error"]) == ("serve.no-champion", "store.blob-missing")
    turn(bench)  # its own line in the diary
    assert turn(bench) is False, "not looked for again at once"
    bench.follower = Follower(bench.desk, bench.prove, retry_s=0)
    assert [turn(bench) for _ in range(4)] == [True] * 4
    assert [event.code for event in shelf.ledger.events()] == ["event.bundle-refused"] * 2, "each follower says it once"
    away.rename(path)
    turn(bench)
    assert version(bench) == "risk@1"
    assert shelf.ledger.events()[-1].code == "event.bundle-loaded"
    assert [turn(bench), turn(bench)] == [True, False], "once for its own line in the diary"
    bench.close()


class Busy:
    """Proves nothing in time, so many times."""

    def __init__(self, times: int) -> None:
        self.left = times

    async def __call__(self, digest: str) -> None:
        self.left -= 1
        if self.left >= 0:
            raise ModelError("proof-late", bundle=digest, seconds=60)


def test_a_version_that_was_not_proven_in_time_is_tried_again_and_answers(shelf: Shelf) -> None:
    shelf.policy("risk", (1, shelf.risk()))
    bench = Bench(shelf)
    bench.follower = Follower(bench.desk, Busy(2), retry_s=0)
    bench.follower._loaded = {shelf.risk(): bench.desk.lines.by_model["risk"].served}
    shelf.policy("risk", (2, shelf.risk(0.75)))
    said = []
    for _ in range(3):
        turn(bench)
        said.append(version(bench))
    assert said == ["risk@1", "risk@1", "risk@2"]
    refused, loaded = shelf.ledger.events()
    assert (refused.code, refused.subject) == ("event.bundle-refused", "risk@2")
    assert (refused.fields["error"], refused.fields["answers"]) == ("model.proof-late", "risk@1")
    assert (loaded.code, loaded.subject) == ("event.bundle-loaded", "risk@2")
    assert turn(bench) is True
    assert turn(bench) is False, "there is nothing to be tried any more"
    bench.close()


def test_pauses_between_tries_grow_and_a_version_that_fails_its_proof_is_not_tried_again(
    shelf: Shelf, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = 0.0
    monkeypatch.setattr("tidemill.interfaces.http.follow.time", SimpleNamespace(monotonic=lambda: clock))
    shelf.policy("risk", (1, shelf.risk()))
    bench = Bench(shelf)
    busy = Busy(10)
    bench.follower = Follower(bench.desk, busy)
    tried = []
    for second in range(0, 1_500, 5):
        clock = float(second)
        before = busy.left
        turn(bench)
        tried += [second] * (before - busy.left)
    assert [later - one for one, later in pairwise(tried)] == [5, 10, 20, 40, 80, 160, 300, 300, 300]
    shelf.policy("risk", (2, shelf.damaged()))
    bench.follower = Follower(bench.desk, bench.prove)
    turn(bench)
    clock = 1e9
    told = [event.code for event in shelf.ledger.events()]
    turn(bench)
    turn(bench)
    assert bench.follower._refused[shelf.damaged()].tries == 1
    assert [event.code for event in shelf.ledger.events()] == told
    bench.close()


def test_a_worker_that_starts_anew_says_that_what_was_refused_answers(shelf: Shelf) -> None:
    shelf.policy("risk", (1, shelf.risk()))
    bench = Bench(shelf)
    bench.follower = Follower(bench.desk, Busy(1))
    turn(bench)
    bench.close()
    for _ in range(2):
        bench = Bench(shelf)
        bench.close()
    assert [event.code for event in shelf.ledger.events()] == ["event.bundle-refused", "event.bundle-loaded"]


def test_a_child_that_does_not_answer_in_time_says_nothing_of_the_version(
    shelf: Shelf, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tidemill.interfaces.http.follow.PROOF_S", 0.0)
    with pytest.raises(ModelError) as raised:
        asyncio.run(prover(shelf.home)(shelf.risk()))
    assert raised.value.code == "model.proof-late"


def test_a_ledger_that_has_never_heard_of_a_model_takes_nobody_away(shelf: Shelf) -> None:
    shelf.policy("risk", (1, shelf.risk()))
    bench = Bench(shelf)
    asyncio.run(bench.follower.apply(()))
    assert version(bench) == "risk@1"
    bench.close()


def test_bundles_are_proven_in_a_child_once(shelf: Shelf) -> None:
    bundle = shelf.risk()
    prove = prover(shelf.home)
    asyncio.run(prove(bundle))
    assert (shelf.home / "tmp" / "proven" / bundle).exists()
    with pytest.raises(ModelError) as raised:
        asyncio.run(prove(shelf.damaged()))
    assert raised.value.fields["reason"] == "model.damaged"


def test_says_how_a_child_ended() -> None:
    assert why(1, b'{"code": "model.damaged", "fields": {}}') == "model.damaged"
    assert "-11" in why(-11, b"")
