"""Holds a lease while work goes on: a heartbeat renews it, and who lost it is told before going on."""

from __future__ import annotations

import logging
import os
from secrets import token_hex
from threading import Event, Thread
from types import TracebackType
from typing import Self

from tidemill.errors import StoreError, TidemillError
from tidemill.loop.pace import Pace
from tidemill.ports.ledger import Lease, Ledger

LOG = logging.getLogger(__name__)
SECOND = 1_000_000


class Hold:
    """A lease that is held from `with` to its end. `lease` goes with every commit: the ledger checks its fence."""

    def __init__(self, ledger: Ledger, lease: Lease, pace: Pace) -> None:
        self.lease = lease
        self._ledger = ledger
        self._pace = pace
        self._stop, self._lost = Event(), Event()
        self._thread = Thread(target=self._beat, name=f"heartbeat {lease.name}", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stop.set()
        self._thread.join()
        self._ledger.give_up(self.lease)

    def demand(self) -> None:
        """StoreError `lease-lost` when another process has it by now."""
        if self._lost.is_set():
            raise StoreError("lease-lost", name=self.lease.name, owner=self.lease.owner, fence=self.lease.fence)

    def _beat(self) -> None:
        while not self._stop.wait(self._pace.beat_s):
            try:
                kept = self._ledger.renew(self.lease, ttl_us=round(self._pace.lease_s * SECOND))
            except TidemillError as error:
                LOG.warning("heartbeat of %s not written: %s", self.lease.name, error)
                continue
            if not kept:
                self._lost.set()
                return


def acquire(ledger: Ledger, name: str, pace: Pace) -> Hold | None:
    """The lease of that name for this piece of work, or None while another has it."""
    owner = f"{os.uname().nodename}:{os.getpid()}:{token_hex(4)}"
    lease = ledger.acquire(name, owner=owner, ttl_us=round(pace.lease_s * SECOND))
    return None if lease is None else Hold(ledger, lease, pace)
