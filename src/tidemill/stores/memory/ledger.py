"""A ledger in memory, for one process: what the tests run on, and systems that need not be remembered."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from threading import RLock
from time import monotonic_ns
from typing import Any, TypeVar

from tidemill.errors import StoreError
from tidemill.facts.codec import canonical, plain
from tidemill.facts.event import Event
from tidemill.facts.fact import Fact
from tidemill.facts.kinds import reader
from tidemill.ports.ledger import Lease

F = TypeVar("F", bound=Fact)
Key = tuple[str | int, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Kept:
    """A fact as it was committed; `place` rises with every commit."""

    place: int
    fact: Any


class MemoryLedger:
    """Facts go through their JSON, so that what comes back is what another process would read."""

    def __init__(self) -> None:
        self._lock = RLock()
        self._facts: dict[str, dict[Key, _Kept]] = {}
        self._events: list[Event] = []
        self._leases: dict[str, tuple[Lease, int]] = {}
        self._place = 0
        self._commits = 0

    def commit(self, *facts: Fact, events: Sequence[Event] = (), lease: Lease | None = None) -> None:
        with self._lock:
            if lease is not None and self._leases.get(lease.name, (None, 0))[0] != lease:
                raise StoreError("lease-lost", name=lease.name, owner=lease.owner, fence=lease.fence)
            kept = {kind: dict(facts) for kind, facts in self._facts.items()}
            for fact in facts:
                self._keep(kept.setdefault(type(fact).KIND, {}), fact)
            added = [reader.read(canonical(event)) for event in events]
            self._facts = kept
            for event in added:
                self._events.append(replace(event, seq=len(self._events) + 1))
            self._commits += 1

    def get(self, kind: type[F], *key: str | int) -> F | None:
        if len(key) != len(kind.KEY):
            raise TypeError(f"a {kind.__name__} is known by {kind.KEY}")
        found = self._facts.get(kind.KIND, {}).get(key)
        return found.fact if found else None

    def find(self, kind: type[F], *, newest: int | None = None, **equal: str | int) -> tuple[F, ...]:
        if unknown := equal.keys() - {*kind.KEY, *kind.FOUND_BY}:
            raise TypeError(f"a {kind.__name__} is not found by {sorted(unknown)}")
        found = [
            kept
            for kept in self._facts.get(kind.KIND, {}).values()
            if all(getattr(kept.fact, name) == value for name, value in equal.items())
        ]
        found.sort(key=lambda kept: (kept.fact.at_us, kept.place))
        ordered = found if newest is None else found[::-1][:newest]
        return tuple(kept.fact for kept in ordered)

    def events(self, *, after: int = 0, newest: int | None = None, subject: str | None = None) -> tuple[Event, ...]:
        found = tuple(event for event in self._events[after:] if subject in {None, event.subject})
        return found if newest is None else found[::-1][:newest]

    def acquire(self, name: str, *, owner: str, ttl_us: int) -> Lease | None:
        with self._lock:
            held, until_us = self._leases.get(name, (Lease(name=name, owner="", fence=0), 0))
            now_us = monotonic_ns() // 1000
            expired = until_us <= now_us
            if held.owner != owner and not expired:
                return None
            given = held if held.owner == owner and not expired else Lease(name=name, owner=owner, fence=held.fence + 1)
            self._leases[name] = (given, now_us + ttl_us)
            self._commits += 1
            return given

    def renew(self, lease: Lease, *, ttl_us: int) -> bool:
        with self._lock:
            if self._leases.get(lease.name, (None, 0))[0] != lease:
                return False
            self._leases[lease.name] = (lease, monotonic_ns() // 1000 + ttl_us)
            self._commits += 1
            return True

    def give_up(self, lease: Lease) -> None:
        with self._lock:
            if self._leases.get(lease.name, (None, 0))[0] == lease:
                self._leases[lease.name] = (replace(lease, owner=""), 0)
                self._commits += 1

    def holder(self, name: str) -> Lease | None:
        held, until_us = self._leases.get(name, (None, 0))
        return held if until_us > monotonic_ns() // 1000 else None

    def change_number(self) -> int:
        return self._commits

    def close(self) -> None:
        """Nothing to free."""

    def _keep(self, kept: dict[Key, _Kept], fact: Fact) -> None:
        kind = type(fact)
        key = tuple(getattr(fact, name) for name in kind.KEY)
        there = kept.get(key)
        if kind.MUTABLE or there is None:
            self._place += 1
            kept[key] = _Kept(place=self._place, fact=reader.read(canonical(fact)))
        elif _content(there.fact) != _content(fact):
            raise StoreError("fact-conflict", kind=kind.KIND, key=key)


def _content(fact: Any) -> Any:
    """A fact without the moment of its writing: saying the same later is saying the same."""
    return {name: value for name, value in plain(fact).items() if name != "at_us"}
