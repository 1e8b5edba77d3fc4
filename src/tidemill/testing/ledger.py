"""What every Ledger must do; a backend's test inherits the suite and gives its `make` fixture."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest

from tidemill.errors import StoreError
from tidemill.facts.data import DataFile, DatasetVersion
from tidemill.facts.event import Event
from tidemill.facts.release import Arm, Policy
from tidemill.facts.run import Run, RunState, StageRun
from tidemill.ports.ledger import Lease, Ledger

HOUR_US = 3_600_000_000
Make = Callable[[], Ledger]


def run(id: str, at_us: int = 1, *, model: str = "ranker", state: RunState = "running") -> Run:
    return Run(id=id, system="shop", model=model, state=state, cause="manual", declaration="d", at_us=at_us)


def stage(key: str, at_us: int = 1, *, subject: str = "ranker") -> StageRun:
    parts = {"code:fit": "abc", "input": "def"}
    return StageRun(
        key=key, run="run_1", system="shop", stage="train", subject=subject,
        parts=parts, facts=('{"v":1}',), took_ms=5, at_us=at_us,
    )  # fmt: skip


def event(subject: str, at_us: int = 1) -> Event:
    return Event(at_us=at_us, system="shop", code="released", subject=subject, fields={"share": 0.5, "to": None})


class LedgerSuite:
    """Inherit and define `make`: it gives a handle on one and the same ledger each time it is called."""

    @pytest.fixture
    def make(self) -> Make:
        raise NotImplementedError

    def test_what_was_committed_is_read_back_through_any_handle(self, make: Make) -> None:
        policy = Policy(
            system="shop",
            model="ranker",
            seq=3,
            champion=Arm(ordinal=7, bundle="b", share=0.9),
            salt="00",
            endpoints=(("recommend", "choices", 10, 0.02),),
            at_us=5,
        )
        make().commit(policy, stage("k"))
        assert make().get(Policy, "shop", "ranker") == policy
        assert make().get(StageRun, "k") == stage("k")

    def test_what_was_never_committed_is_none(self, make: Make) -> None:
        assert make().get(Run, "run_0") is None
        assert make().find(Run) == ()

    def test_finds_by_columns_oldest_first(self, make: Make) -> None:
        ledger = make()
        ledger.commit(run("c", 3), run("a", 1), run("b", 2, state="failed"), run("d", 3, model="other"))
        assert [found.id for found in ledger.find(Run)] == ["a", "b", "c", "d"]
        assert [found.id for found in ledger.find(Run, model="ranker", state="running")] == ["a", "c"]

    def test_finds_the_newest_first_and_among_equals_the_last_committed(self, make: Make) -> None:
        ledger = make()
        ledger.commit(run("a", 1), run("b", 2), run("c", 2))
        assert [found.id for found in ledger.find(Run, newest=2, system="shop")] == ["c", "b"]
        ledger.commit(run("b", 2, state="passed"))
        assert [found.id for found in ledger.find(Run, newest=9)] == ["b", "c", "a"]

    def test_state_moves_on(self, make: Make) -> None:
        ledger = make()
        ledger.commit(run("a"))
        ledger.commit(run("a", 2, state="passed"))
        assert [(found.state, found.at_us) for found in ledger.find(Run)] == [("passed", 2)]
        assert ledger.find(Run, state="running") == ()

    def test_history_said_again_is_left_as_it_was(self, make: Make) -> None:
        ledger = make()
        ledger.commit(stage("k", 1))
        ledger.commit(stage("k", 2))
        assert ledger.find(StageRun) == (stage("k", 1),)

    def test_history_is_not_rewritten_and_nothing_else_of_that_commit_is_there(self, make: Make) -> None:
        ledger = make()
        ledger.commit(stage("k"))
        with pytest.raises(StoreError) as caught:
            ledger.commit(run("a"), replace(stage("k"), took_ms=6), events=[event("a")])
        assert caught.value.code == "store.fact-conflict"
        assert caught.value.fields == {"kind": "stage_run", "key": ("k",)}
        assert (ledger.find(Run), ledger.find(StageRun), ledger.events()) == ((), (stage("k"),), ())

    def test_numbers_are_keys_too(self, make: Make) -> None:
        ledger = make()
        file = DataFile(digest="f", rows=1, bytes=9, first_us=-5)
        versions = [
            DatasetVersion(
                system="shop", dataset="events", number=n, manifest=f"m{n}", parent=None, content="c", rows=1,
                put_aside=0, new_rows=1, cursor="", watermark_us=-(2**62), columns=(), files=(file,), at_us=1,
            )
            for n in (2, 10)
        ]  # fmt: skip
        ledger.commit(*versions)
        assert ledger.get(DatasetVersion, "shop", "events", 10) == versions[1]
        assert ledger.find(DatasetVersion, manifest="m2") == (versions[0],)

    def test_a_misspelt_column_is_a_type_error(self, make: Make) -> None:
        with pytest.raises(TypeError):
            make().find(Run, owner="me")
        with pytest.raises(TypeError):
            make().get(Run, "shop", "a")

    def test_the_diary_keeps_the_order_of_writing(self, make: Make) -> None:
        ledger = make()
        ledger.commit(events=[event("a", 9), event("b", 1)])
        ledger.commit(events=[event("a", 5)])
        assert [(line.seq, line.subject) for line in ledger.events()] == [(1, "a"), (2, "b"), (3, "a")]
        assert ledger.events(after=2) == (replace(event("a", 5), seq=3),)
        assert [line.seq for line in ledger.events(subject="a", newest=1)] == [3]
        assert [line.seq for line in ledger.events(newest=2)] == [3, 2]

    def test_a_lease_has_one_holder(self, make: Make) -> None:
        one, other = make(), make()
        lease = one.acquire("loop", owner="one", ttl_us=HOUR_US)
        assert lease is not None
        assert other.acquire("loop", owner="other", ttl_us=HOUR_US) is None
        assert one.acquire("loop", owner="one", ttl_us=HOUR_US) == lease
        assert other.holder("loop") == lease
        assert other.holder("nobody's") is None

    def test_an_expired_lease_goes_to_the_next_with_a_higher_fence(self, make: Make) -> None:
        ledger = make()
        old = ledger.acquire("loop", owner="one", ttl_us=0)
        assert old is not None
        assert ledger.holder("loop") is None
        new = ledger.acquire("loop", owner="other", ttl_us=HOUR_US)
        assert new is not None
        assert new.fence > old.fence
        assert not ledger.renew(old, ttl_us=HOUR_US)
        ledger.give_up(old)
        assert ledger.holder("loop") == new

    def test_the_same_owner_comes_back_after_expiry_as_a_new_holder(self, make: Make) -> None:
        ledger = make()
        old = ledger.acquire("loop", owner="one", ttl_us=0)
        new = ledger.acquire("loop", owner="one", ttl_us=HOUR_US)
        assert old is not None
        assert new is not None
        assert new.fence > old.fence
        self._cannot_commit(ledger, old)

    def test_a_heartbeat_keeps_a_lease_alive(self, make: Make) -> None:
        ledger = make()
        lease = ledger.acquire("loop", owner="one", ttl_us=0)
        assert lease is not None
        assert ledger.renew(lease, ttl_us=HOUR_US)
        assert ledger.acquire("loop", owner="other", ttl_us=1) is None

    def test_a_lease_given_up_is_free_and_its_fence_never_comes_back(self, make: Make) -> None:
        ledger = make()
        old = ledger.acquire("loop", owner="one", ttl_us=HOUR_US)
        assert old is not None
        ledger.give_up(old)
        assert ledger.holder("loop") is None
        self._cannot_commit(ledger, old)
        new = ledger.acquire("loop", owner="one", ttl_us=HOUR_US)
        assert new is not None
        assert new.fence > old.fence

    def test_commits_under_a_lease_until_another_takes_it(self, make: Make) -> None:
        ledger = make()
        lease = ledger.acquire("loop", owner="one", ttl_us=0)
        assert lease is not None
        ledger.commit(run("a"), lease=lease)
        ledger.acquire("loop", owner="other", ttl_us=HOUR_US)
        self._cannot_commit(ledger, lease)
        assert [found.id for found in ledger.find(Run)] == ["a"]

    def _cannot_commit(self, ledger: Ledger, lease: Lease) -> None:
        with pytest.raises(StoreError) as caught:
            ledger.commit(run("b"), events=[event("b")], lease=lease)
        assert caught.value.code == "store.lease-lost"
        assert ledger.get(Run, "b") is None

    def test_the_change_number_moves_with_every_commit_of_any_handle(self, make: Make) -> None:
        one, other = make(), make()
        seen = [one.change_number()]
        for writer in (one, other, one):
            writer.commit(events=[event("a")])
            seen.append(one.change_number())
        assert len(set(seen)) == 4
        one.get(Run, "a")
        assert one.change_number() == seen[-1]

    def test_threads_lose_nothing(self, make: Make) -> None:
        ledger = make()
        with ThreadPoolExecutor(4) as pool:
            list(pool.map(lambda n: ledger.commit(run(f"r{n}"), events=[event(f"r{n}")]), range(40)))
        assert [line.seq for line in ledger.events()] == list(range(1, 41))
        assert len(ledger.find(Run)) == 40

    def test_of_many_threads_one_gets_the_lease(self, make: Make) -> None:
        ledger = make()
        with ThreadPoolExecutor(4) as pool:
            got = list(pool.map(lambda n: ledger.acquire("loop", owner=f"t{n}", ttl_us=HOUR_US), range(20)))
        assert sum(lease is not None for lease in got) == 1
