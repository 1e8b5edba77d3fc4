"""Each Ledger against the suite, and against each other."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tidemill.errors import StoreError
from tidemill.facts.event import Event
from tidemill.facts.fact import Fact
from tidemill.facts.run import Run, StageRun
from tidemill.ports.ledger import Ledger
from tidemill.stores.ledger.sqlite import SqliteLedger
from tidemill.stores.memory.ledger import MemoryLedger
from tidemill.testing.ledger import LedgerSuite, Make, event, run, stage


class TestSqlite(LedgerSuite):
    @pytest.fixture
    def make(self, tmp_path: Path) -> Iterator[Make]:
        handles: list[SqliteLedger] = []

        def opened() -> Ledger:
            handles.append(SqliteLedger(tmp_path / "ledger.db"))
            return handles[-1]

        yield opened
        for handle in handles:
            handle.close()


class TestMemory(LedgerSuite):
    @pytest.fixture
    def make(self) -> Make:
        ledger = MemoryLedger()
        return lambda: ledger


KEYS = st.sampled_from("abc")
FACTS = st.one_of(
    st.builds(run, KEYS, st.integers(1, 4), state=st.sampled_from(["running", "passed"])),
    st.builds(stage, KEYS, st.integers(1, 4), subject=st.sampled_from(["ranker", "risk"])),
)
COMMITS = st.lists(st.tuples(st.lists(FACTS, max_size=3), st.lists(KEYS, max_size=2)), max_size=8)


@settings(max_examples=15)
@given(COMMITS)
def test_both_ledgers_tell_the_same(commits: list[tuple[list[Fact], list[str]]]) -> None:
    with TemporaryDirectory() as folder:
        sqlite, memory = SqliteLedger(Path(folder) / "ledger.db"), MemoryLedger()
        for facts, subjects in commits:
            refused = [_commit(ledger, facts, [event(subject) for subject in subjects]) for ledger in (sqlite, memory)]
            assert refused[0] == refused[1]
        for kind in (Run, StageRun):
            assert sqlite.find(kind) == memory.find(kind)
            assert sqlite.find(kind, newest=2) == memory.find(kind, newest=2)
        assert sqlite.events() == memory.events()
        sqlite.close()


def _commit(ledger: Ledger, facts: list[Fact], events: list[Event]) -> str:
    try:
        ledger.commit(*facts, events=events)
    except StoreError as error:
        return str(error)
    return ""
