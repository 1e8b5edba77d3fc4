"""Two arms: the challenger's share is answered by its own process, and by the champion when that fails."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from tests.shelf import ASK, Shelf
from tests.unit.interfaces.http.conftest import Bench
from tidemill.interfaces.http.challenger import Unanswered

MANY = [{**ASK, "bank": f"B{n}"} for n in range(40)]


@dataclass(slots=True)
class Inner:
    """Stands for the challenger's socket: asks its application at once, or fails."""

    bench: Bench
    failing: str = ""

    async def ask(self, path: str, headers: dict[str, str], body: bytes) -> bytes:
        if self.failing:
            raise Unanswered(self.failing)
        found = await self.bench.asked(
            "POST", f"/{path}", body, **{name.replace("-", "_"): v for name, v in headers.items()}
        )
        if found.status != 200:
            raise Unanswered("serve.challenger-failed")
        return found.body

    def close(self) -> None:
        """Nothing to let go of."""


@dataclass(slots=True)
class Pair:
    """A worker in front and a challenger behind it."""

    front: Bench
    inner: Inner

    def predict(self, instances: list[dict[str, Any]], **headers: str) -> Any:
        async def run() -> Any:
            found = await self.front.asked("POST", "/predict/risk", {"instances": instances}, **headers)
            await self.front.arms.close()
            self.connect()
            return found.document

        return asyncio.run(run())

    def connect(self) -> None:
        self.front.arms._known["risk@2"] = self.inner  # type: ignore[assignment]  # stands in for a socket


def pair(shelf: Shelf, **policy: Any) -> Pair:
    shelf.policy("risk", (1, shelf.risk(0.25)), challenger=(2, shelf.risk(0.75)), **policy)
    made = Pair(Bench(shelf), Inner(Bench(shelf, challenger="risk@2")))
    made.inner.bench.desk._writers["predictions"] = made.front.desk.stores.journal.writer("predictions", "behind")
    made.connect()
    return made


@pytest.fixture
def canary(shelf: Shelf) -> Iterator[Pair]:
    made = pair(shelf, share=0.5)
    yield made
    made.front.close()
    made.inner.bench.close()


@pytest.fixture
def shadow(shelf: Shelf) -> Iterator[Pair]:
    made = pair(shelf, shadow=True)
    yield made
    made.front.close()
    made.inner.bench.close()


def test_each_instance_is_answered_by_its_arm_in_its_place(canary: Pair, shelf: Shelf) -> None:
    found = canary.predict(MANY)
    assert found["version"] == "risk@1"
    arms = ["challenger" if one.get("version") == "risk@2" else "champion" for one in found["predictions"]]
    assert [one["score"] for one in found["predictions"]] == [0.75 if arm == "challenger" else 0.25 for arm in arms]
    assert 5 < arms.count("challenger") < 35
    logged = {one["ask"].rpartition("/")[2]: one for one in shelf.logged()}
    assert [logged[str(n)]["arm"] for n in range(40)] == arms
    assert [logged[str(n)]["keys"]["bank"] for n in range(40)] == [one["bank"] for one in MANY]
    assert len({one["ask"].rpartition("/")[0] for one in logged.values()}) == 1


@pytest.mark.parametrize(
    "reason", ["serve.challenger-timeout", "serve.challenger-unreachable", "serve.challenger-failed"]
)
def test_the_champion_answers_for_a_challenger_that_fails(canary: Pair, shelf: Shelf, reason: str) -> None:
    canary.inner.failing = reason
    found = canary.predict(MANY)["predictions"]
    assert [one["score"] for one in found] == [0.25] * 40
    fallen = [n for n, one in enumerate(found) if "fallback:risk@2" in one["flags"]]
    failed = [one for one in shelf.logged() if one["error"]]
    assert {(one["version"], one["arm"], one["error"]) for one in failed} == {("risk@2", "challenger", reason)}
    assert [one["ask"].rpartition("/")[2] for one in failed] == [str(n) for n in fallen]
    assert fallen


def test_a_caller_whom_the_challenger_refuses_costs_it_nothing(canary: Pair, shelf: Shelf) -> None:
    canary.inner.failing = "serve.challenger-refused"
    assert [one["score"] for one in canary.predict(MANY)["predictions"]] == [0.25] * 40
    assert [one for one in shelf.logged() if one["error"]] == []


def test_a_tester_chooses_the_arm(canary: Pair) -> None:
    ours = canary.predict(MANY, x_tidemill_arm="champion")["predictions"]
    theirs = canary.predict(MANY, x_tidemill_arm="challenger")["predictions"]
    assert ({one["score"] for one in ours}, {one["score"] for one in theirs}) == ({0.25}, {0.75})


def test_a_shadow_gets_a_copy_and_answers_nobody(shadow: Pair, shelf: Shelf) -> None:
    found = shadow.predict(MANY[:3])
    assert [one["score"] for one in found["predictions"]] == [0.25] * 3
    logged = shelf.logged()
    assert sorted((one["arm"], one["ask"], one["score"]) for one in logged) == sorted(
        (arm, f"{logged[0]['ask'].rpartition('/')[0]}/{n}", score)
        for n in range(3)
        for arm, score in (("champion", 0.25), ("shadow", 0.75))
    )
    assert len({one["received_at_us"] for one in logged}) == 1


def test_a_failing_shadow_is_written_down_and_harms_nobody(shadow: Pair, shelf: Shelf) -> None:
    shadow.inner.failing = "serve.challenger-timeout"
    found = shadow.predict(MANY[:2])
    assert [one["flags"] for one in found["predictions"]] == [["unknown:bank"], []]
    assert [(one["arm"], one["error"]) for one in shelf.logged() if one["error"]] == [
        ("shadow", "serve.challenger-timeout")
    ] * 2


@pytest.mark.parametrize(("policy", "arms"), [({"shadow": True}, set()), ({"share": 0.5}, {"challenger"})])
def test_while_it_rests_a_share_is_failed_and_a_copy_is_not_even_made(
    policy: dict[str, Any], arms: set[str], shelf: Shelf
) -> None:
    made = pair(shelf, **policy)
    made.inner.failing = "serve.challenger-resting"
    made.predict(MANY)
    assert {one["arm"] for one in shelf.logged() if one["error"]} == arms
    made.front.close()
    made.inner.bench.close()


def test_rankings_are_routed_too(shelf: Shelf) -> None:
    shelf.policy("ranker", (1, shelf.ranker()), challenger=(2, shelf.ranker()), share=1.0)
    front, behind = Bench(shelf), Bench(shelf, challenger="ranker@2")
    behind.desk._writers["predictions"] = front.desk.stores.journal.writer("predictions", "behind")
    front.arms._known["ranker@2"] = Inner(behind)  # type: ignore[assignment]  # stands in for a socket
    found = front.ask("POST", "/recommend", {"customer_id": 1}).document
    assert (found["version"], [one["product"] for one in found["items"]]) == ("ranker@2", ["tea", "milk", "soap"])
    front.arms._known["ranker@2"] = Inner(behind, "serve.challenger-timeout")  # type: ignore[assignment]  # stands in for a socket
    found = front.ask("POST", "/recommend", {"customer_id": 1}).document
    assert (found["version"], found["flags"]) == ("ranker@1", ["fallback:ranker@2"])
    front.close()
    behind.close()
    assert sorted((one["arm"], one["version"], one["error"]) for one in shelf.logged()) == [
        ("challenger", "ranker@2", ""),
        ("challenger", "ranker@2", "serve.challenger-timeout"),
        ("champion", "ranker@1", ""),
    ]
