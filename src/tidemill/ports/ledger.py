"""The ledger: facts by key, an append-only diary beside them, and leases with fencing tokens."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol, TypeVar

from tidemill.facts.event import Event
from tidemill.facts.fact import Fact

F = TypeVar("F", bound=Fact)


@dataclass(frozen=True, slots=True, kw_only=True)
class Lease:
    """The right to act under a name until it expires by the ledger's own clock; `fence` grows with each new holder."""

    name: str
    owner: str
    fence: int


class Ledger(Protocol):
    """What every ledger can do. All methods are safe to call from several processes at once."""

    def commit(self, *facts: Fact, events: Sequence[Event] = (), lease: Lease | None = None) -> None:
        """Writes all facts and events in one transaction, or none.

        An immutable fact that is there already with the same content is left alone; with another content: StoreError
        `fact-conflict`. With a lease that is no longer held: StoreError `lease-lost`, and nothing is written.
        """
        ...

    def get(self, kind: type[F], *key: str | int) -> F | None:
        """The fact with that key (in the order of KEY), or None."""
        ...

    def find(self, kind: type[F], *, newest: int | None = None, **equal: str | int) -> tuple[F, ...]:
        """Facts whose KEY or FOUND_BY fields are as given, oldest first; `newest=n`: the n newest, newest first."""
        ...

    def events(self, *, after: int = 0, newest: int | None = None, subject: str | None = None) -> tuple[Event, ...]:
        """The diary from `after` (exclusive) on, oldest first; `newest=n`: the last n, newest first."""
        ...

    def acquire(self, name: str, *, owner: str, ttl_us: int) -> Lease | None:
        """The lease if free or expired; None while another owner holds it. The same owner gets it again."""
        ...

    def renew(self, lease: Lease, *, ttl_us: int) -> bool:
        """Moves the expiry; False if the lease went to another."""
        ...

    def give_up(self, lease: Lease) -> None:
        """Ends the lease now if it is still held."""
        ...

    def holder(self, name: str) -> Lease | None:
        """Who holds the lease now, or None when it is free or expired."""
        ...

    def change_number(self) -> int:
        """A number that moves when anything was committed by any process; cheap enough to ask every 250 ms."""
        ...

    def close(self) -> None:
        """Frees the connection."""
        ...
