"""A lease is kept while work goes on, and whoever lost it is told."""

from __future__ import annotations

from threading import Event

import pytest

from tidemill.errors import BusyError, StoreError
from tidemill.loop.hold import Hold, acquire
from tidemill.loop.pace import Pace
from tidemill.ports.ledger import Lease
from tidemill.stores.memory.ledger import MemoryLedger

QUICK = Pace(lease_s=60.0, beat_s=0.01)


class Listening(MemoryLedger):
    """Tells of each heartbeat; the first `refuse` of them find the ledger locked."""

    def __init__(self, refuse: int = 0) -> None:
        super().__init__()
        self.heard = Event()
        self.refuse = refuse

    def renew(self, lease: Lease, *, ttl_us: int) -> bool:
        if self.refuse:
            self.refuse -= 1
            raise BusyError("ledger-locked", path="x", waited_s=1)
        kept = super().renew(lease, ttl_us=ttl_us)
        self.heard.set()
        return kept


def test_one_holds_at_a_time_and_gives_it_up_at_the_end() -> None:
    ledger = MemoryLedger()
    hold = acquire(ledger, "run/bank/risk", Pace())
    assert hold is not None
    with hold:
        assert acquire(ledger, "run/bank/risk", Pace()) is None
        hold.demand()
    assert ledger.holder("run/bank/risk") is None
    again = acquire(ledger, "run/bank/risk", Pace())
    assert again is not None
    assert again.lease.fence > hold.lease.fence


@pytest.mark.parametrize("refuse", [0, 2])
def test_the_heart_beats_on_even_when_the_ledger_is_locked_for_a_moment(refuse: int) -> None:
    ledger = Listening(refuse)
    hold = acquire(ledger, "x", QUICK)
    assert hold is not None
    with hold:
        assert ledger.heard.wait(10)
        hold.demand()


def test_who_lost_it_is_told() -> None:
    ledger = Listening()
    hold = acquire(ledger, "x", QUICK)
    assert hold is not None
    with hold:
        ledger.give_up(hold.lease)
        assert ledger.acquire("x", owner="another", ttl_us=60_000_000) is not None
        assert lost(hold)
    holder = ledger.holder("x")
    assert holder is not None
    assert holder.owner == "another", "the end of the first does not take it from the second"


def lost(hold: Hold) -> bool:
    """Whether the hold says so after its next heartbeat."""
    for _ in range(1_000):
        try:
            hold.demand()
        except StoreError as error:
            return error.code == "store.lease-lost"
        Event().wait(0.01)
    return False
