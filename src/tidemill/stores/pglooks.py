"""Up to which value of a cursor column no open transaction of PostgreSQL can still add rows.

A transaction may take its values when it begins (`now()`) or before it writes (`nextval`), and show them much later.
So each look at a table notes the newest value in sight and the transactions that are open then. Once all of these have
ended, whoever writes has begun after the look, with values at least as new: all smaller ones are in sight for good.

`pg_current_snapshot()` knows only transactions that have written; `pg_locks` shows every role those that may still.
On a replica, where the primary's locks cannot be seen, the snapshot is all there is.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tidemill.stores.pglink import NAME, ask, literal, snapshot

if TYPE_CHECKING:
    from tidemill.stores.pglink import Link

KEPT = 32
"""Looks that are remembered: the oldest, of which one ends first, and the last."""

OPEN = (
    "SELECT l.virtualxid FROM pg_locks l LEFT JOIN pg_stat_activity a USING (pid) "
    "WHERE l.locktype = 'virtualxid' AND l.mode = 'ExclusiveLock' AND l.pid <> pg_backend_pid() AND (a.pid IS NULL OR "
    "a.usesysid IS NOT NULL AND a.datname = current_database() "
    f"AND a.application_name IS DISTINCT FROM {literal(NAME)})"
)
PREPARED = "SELECT gid FROM pg_prepared_xacts WHERE database = current_database()"
XMAX = "pg_snapshot_xmax(pg_current_snapshot())::text"
XMIN = "SELECT pg_snapshot_xmin(pg_current_snapshot())::text"


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """The newest value in sight as text, the number of the next transaction to write, and who was open then."""

    value: str
    xmax: int
    open: frozenset[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Open:
    """Who is open now. `prepared`: transactions without a session, of which nobody tells when they began."""

    sessions: frozenset[str]
    prepared: bool


def opened(link: Link) -> Open:
    """Who is open in this database; in this order, as who prepares leaves the first list for the second."""
    sessions = frozenset(name for (name,) in ask(link, OPEN))
    return Open(sessions=sessions, prepared=bool(ask(link, PREPARED)))


def look(link: Link, rows: str, column: str) -> tuple[Look | None, Open]:
    """What is in sight now, and who is open after; None: no rows."""
    ordered = f"SELECT {column} AS v FROM {rows} WHERE {column} IS NOT NULL ORDER BY {column} DESC LIMIT 1"
    with snapshot(link):
        ((xmax, value),) = ask(
            link, f"SELECT pg_snapshot_xmax(pg_current_snapshot())::text, (SELECT v::text FROM ({ordered}) o)"
        )
    now = opened(link)
    return None if value is None else Look(value=value, xmax=int(xmax), open=now.sessions), now


def xmin(link: Link) -> int:
    """The oldest transaction that had written and not ended when the running snapshot was taken."""
    ((found,),) = ask(link, XMIN)
    return int(found)


def settled(looks: Sequence[Look], now: Open, oldest: int) -> int | None:
    """The place of the newest look whose open transactions have all ended; None: of none.

    `now` was seen before the snapshot of which `oldest` is the xmin, so that who ended in between is in its sight.
    """
    if now.prepared:
        return None
    places = [place for place, one in enumerate(looks) if one.xmax <= oldest and not one.open & now.sessions]
    return max(places, default=None)


def kept(looks: Iterable[Look]) -> tuple[Look, ...]:
    """Those worth remembering."""
    found = tuple(looks)
    return found if len(found) <= KEPT else (*found[: KEPT - 1], found[-1])
