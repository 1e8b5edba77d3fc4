"""The ledger in one SQLite file: WAL, one short transaction per commit, a table per kind of fact."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from threading import RLock
from typing import Any, TypeVar

import msgspec

from tidemill.errors import BusyError, StoreError
from tidemill.facts.codec import canonical, plain
from tidemill.facts.event import Event
from tidemill.facts.fact import Fact
from tidemill.facts.kinds import reader
from tidemill.ports.ledger import Lease
from tidemill.stores.disk import asked, refusal, told
from tidemill.stores.schema import bring_up
from tidemill.stores.sql import queries

F = TypeVar("F", bound=Fact)

SQL = queries("sqlite", "ledger")
BUSY = frozenset({sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED})
BROKEN = frozenset({sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB})
DENIED = frozenset({sqlite3.SQLITE_READONLY, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_PERM})
ANOTHER = 1 << 40
"""Change numbers of one file and of the copy in its place are so far apart that none is taken for another."""
UNSAID = frozenset({sqlite3.SQLITE_IOERR, sqlite3.SQLITE_CANTOPEN})
"""Whatever the operating system refused: of a quota that is used up, too, SQLite tells no more than these."""


class SqliteLedger:
    """Safe across processes by SQLite's own locks, and across threads by one lock around one connection.

    A commit is on the disk when it returns (synchronous = FULL). One that waits longer than `patience_s` for another
    process is BusyError `ledger-locked`. A copy that is put in the file's place is the ledger from then on. StoreError
    `disk-full`, `ledger-corrupt`, `not-writable`, `schema-newer`.
    """

    def __init__(self, path: Path, *, patience_s: float = 10.0) -> None:
        self.path = path
        self._patience_s = patience_s
        self._lock = RLock()
        self._own_commits = 0
        with self._told(), told(path):
            path.parent.mkdir(parents=True, exist_ok=True)
            self._link = self._opened()
            self._place = path.absolute()
            self._file = _identity(self._place)

    def commit(self, *facts: Fact, events: Sequence[Event] = (), lease: Lease | None = None) -> None:
        with self._transaction():
            if lease is not None and not self._one("lease_is_held", **_named(lease))[0]:
                raise StoreError("lease-lost", **_named(lease))
            for fact in facts:
                self._keep(fact)
            for event in events:
                document = canonical(event).decode()
                self._link.execute(SQL["event_add"], (event.subject, event.at_us, document))

    def get(self, kind: type[F], *key: str | int) -> F | None:
        if len(key) != len(kind.KEY):
            raise TypeError(f"a {kind.__name__} is known by {kind.KEY}")
        found = self._all(_fill("fact_get", kind, where=kind.KEY), key)
        return self._read(found[0][0]) if found else None

    def find(self, kind: type[F], *, newest: int | None = None, **equal: str | int) -> tuple[F, ...]:
        if unknown := equal.keys() - {*kind.KEY, *kind.FOUND_BY}:
            raise TypeError(f"a {kind.__name__} is not found by {sorted(unknown)}")
        if newest is None:
            rows = self._all(_fill("fact_find", kind, where=tuple(equal)), tuple(equal.values()))
        else:
            rows = self._all(_fill("fact_newest", kind, where=tuple(equal)), (*equal.values(), newest))
        return tuple(self._read(document) for (document,) in rows)

    def events(self, *, after: int = 0, newest: int | None = None, subject: str | None = None) -> tuple[Event, ...]:
        asked = {"after": after, "subject": subject, "newest": newest}
        rows = self._all(SQL["event_after" if newest is None else "event_newest"], asked)
        return tuple(replace(self._read(document), seq=seq) for seq, document in rows)

    def acquire(self, name: str, *, owner: str, ttl_us: int) -> Lease | None:
        with self._transaction():
            given = self._one("lease_acquire", name=name, owner=owner, ttl_us=ttl_us)
        return Lease(name=name, owner=owner, fence=given[0]) if given else None

    def renew(self, lease: Lease, *, ttl_us: int) -> bool:
        with self._transaction():
            return self._link.execute(SQL["lease_renew"], {**_named(lease), "ttl_us": ttl_us}).rowcount == 1

    def give_up(self, lease: Lease) -> None:
        with self._transaction():
            self._link.execute(SQL["lease_give_up"], _named(lease))

    def holder(self, name: str) -> Lease | None:
        found = self._all(SQL["lease_holder"], {"name": name})
        return Lease(name=name, owner=found[0][0], fence=found[0][1]) if found else None

    def change_number(self) -> int:
        """SQLite counts what other connections committed (`data_version`), this object what it did itself."""
        number: int = self._all(SQL["change_number"], ())[0][0]
        return number + self._own_commits

    def close(self) -> None:
        with self._lock:
            self._link.close()

    def _opened(self) -> sqlite3.Connection:
        link = sqlite3.connect(self.path, timeout=self._patience_s, isolation_level=None, check_same_thread=False)
        try:
            bring_up(link, self.path, self._patience_s)
        except BaseException:
            link.close()
            raise
        return link

    def _follow(self) -> None:
        """Opens the file that stands in the place of the one that was opened; where none does, it is damaged."""
        with told(self.path):
            found = _identity(self._place)
        if found is None:
            raise StoreError("ledger-corrupt", path=str(self.path), reason="the file is gone")
        if found != self._file:
            link = self._opened()
            self._link.close()
            self._link, self._file = link, found
            self._own_commits += ANOTHER

    def _keep(self, fact: Fact) -> None:
        kind = type(fact)
        values = tuple(getattr(fact, name) for name in (*kind.KEY, *kind.FOUND_BY))
        document = canonical(fact)
        row = (*values, fact.at_us, document.decode())
        if kind.MUTABLE:
            self._link.execute(_fill("fact_put", kind), row)
        elif self._link.execute(_fill("fact_add", kind), row).rowcount == 0:
            key = values[: len(kind.KEY)]
            there = self._link.execute(_fill("fact_get", kind, where=kind.KEY), key).fetchone()
            if _content(self._read(there[0])) != _content(fact):
                raise StoreError("fact-conflict", kind=kind.KIND, key=key)

    def _read(self, document: str) -> Any:
        try:
            return reader.read(document.encode())
        except msgspec.DecodeError as error:
            raise StoreError("ledger-corrupt", path=str(self.path), reason=str(error)) from error

    def _one(self, name: str, /, **values: object) -> Any:
        return self._link.execute(SQL[name], values).fetchone()

    def _all(self, sql: str, values: Any) -> list[Any]:
        with self._told(), self._lock:
            self._follow()
            return self._link.execute(sql, values).fetchall()

    @contextmanager
    def _transaction(self) -> Iterator[None]:
        """All or nothing, the only writer meanwhile."""
        with self._told(), self._lock:
            self._follow()
            self._link.execute("BEGIN IMMEDIATE")
            try:
                yield
                self._link.execute("COMMIT")
            finally:
                if self._link.in_transaction:
                    self._link.execute("ROLLBACK")
            self._own_commits += 1

    @contextmanager
    def _told(self) -> Iterator[None]:
        """SQLite's errors in the house's words."""
        try:
            yield
        except sqlite3.Error as error:
            raise self._refusal(error) from error

    def _refusal(self, error: sqlite3.Error) -> StoreError | BusyError:
        code = getattr(error, "sqlite_errorcode", 0) & 0xFF
        path, reason = str(self.path), str(error)
        if code in BUSY:
            return BusyError("ledger-locked", path=path, waited_s=self._patience_s)
        if code == sqlite3.SQLITE_FULL:
            return StoreError("disk-full", path=path, reason=reason)
        if code in UNSAID and (said := asked(self.path.parent, self._size())) is not None:
            return refusal(said, self.path)
        if code in BROKEN:
            return StoreError("ledger-corrupt", path=path, reason=reason)
        if code in DENIED:
            return StoreError("not-writable", path=path, reason=reason)
        return StoreError("io-failed", path=path, reason=reason)

    def _size(self) -> int:
        """Of the larger of the ledger and its log, in bytes."""
        return max((file.stat().st_size for file in self.path.parent.glob(f"{self.path.name}*")), default=0)


def _fill(name: str, kind: type[Fact], *, where: Sequence[str] = ()) -> str:
    """The statement for a kind of fact; an empty `where` is every row."""
    columns = (*kind.KEY, *kind.FOUND_BY)
    return SQL[name].format(
        table=kind.KIND,
        columns=", ".join(f'"{column}"' for column in columns),
        holes=", ".join("?" for _ in columns),
        where=" AND ".join(f'"{column}" = ?' for column in where) or "true",
    )


def _identity(path: Path) -> tuple[int, int] | None:
    """Which file it is, by whatever name; None for none."""
    try:
        status = path.stat()
    except FileNotFoundError:
        return None
    return status.st_dev, status.st_ino


def _content(fact: Any) -> Any:
    """A fact without the moment of its writing: saying the same later is saying the same."""
    return {name: value for name, value in plain(fact).items() if name != "at_us"}


def _named(lease: Lease) -> dict[str, Any]:
    return {"name": lease.name, "owner": lease.owner, "fence": lease.fence}
