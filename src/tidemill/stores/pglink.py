"""A connection to PostgreSQL for one pass over a source, its snapshots, and its failures in the house's words."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from sqlalchemy import URL

from tidemill.errors import SourceError

if TYPE_CHECKING:
    import psycopg

    Link = psycopg.Connection[tuple[Any, ...]]

NAME = "tidemill"
"""How our sessions call themselves: they only read, so that none waits for another to end."""

CONNECT_S = "10"
PLAIN = (
    "SELECT set_config('TimeZone', 'UTC', true), set_config('DateStyle', 'ISO', true), "
    "set_config('IntervalStyle', 'postgres', true), set_config('bytea_output', 'hex', true), "
    "set_config('extra_float_digits', '1', true), set_config('standard_conforming_strings', 'on', true)"
)
"""Values are written one way, whatever the role or the database prefers."""

CANCELLED, FORBIDDEN = "57014", "42501"
BROKEN = ("08", "25P03", "57P", "58", "XX")
"""Beginnings of the codes with which a server takes a session away."""


@contextmanager
def linked(url: URL, *, query: bool) -> Iterator[Link]:
    """A connection that only reads, each statement by itself unless in a `snapshot`; `query`: a SELECT of ours is read.

    SourceError `driver-missing`, `unreachable`; `lost`, `cancelled`, `query-failed` for what fails while it is open.
    """
    try:
        import psycopg
    except ModuleNotFoundError as error:
        raise SourceError("driver-missing", scheme=url.drivername, reason=str(error)) from error
    shown = url.render_as_string(hide_password=True)
    try:
        link = psycopg.connect(**_parameters(url), autocommit=True, prepare_threshold=None)
    except (psycopg.Error, UnicodeError) as error:
        raise SourceError("unreachable", source=shown, reason=_reason(error, url)) from error
    link.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
    link.read_only = True
    try:
        yield link
    except psycopg.Error as error:
        raise SourceError(_code(error.sqlstate, query=query), source=shown, reason=_reason(error, url)) from error
    finally:
        link.close()


@contextmanager
def snapshot(link: Link) -> Iterator[None]:
    """All statements inside see the database as it is at the beginning."""
    with link.transaction():
        link.execute(PLAIN)
        yield


def ask(link: Link, sql: str) -> list[tuple[Any, ...]]:
    """All rows of a statement; nothing in it is a parameter."""
    return link.execute(sql.encode()).fetchall()


def literal(text: str) -> str:
    """Text as standard SQL writes it."""
    return "'" + text.replace("'", "''") + "'"


def _parameters(url: URL) -> dict[str, Any]:
    """What libpq is told: the URL's own words win, several hosts are a list."""
    given = {
        "host": url.host,
        "port": url.port,
        "user": url.username,
        "password": url.password,
        "dbname": url.database,
        **{name: value if isinstance(value, str) else ",".join(value) for name, value in url.query.items()},
    }
    ours = {"connect_timeout": CONNECT_S, "client_encoding": "utf8", "application_name": NAME}
    return ours | {name: value for name, value in given.items() if value is not None} | {"client_encoding": "utf8"}


def _code(state: str | None, *, query: bool) -> str:
    if state is None or state.startswith(BROKEN):
        return "lost"
    if state == CANCELLED:
        return "cancelled"
    if state == FORBIDDEN:
        return "unreachable"
    return "query-failed" if query else "lost"


def _reason(error: Exception, url: URL) -> str:
    """The server's sentence, never with the password."""
    diag = getattr(error, "diag", None)
    words = " ".join(str((diag and diag.message_primary) or error).split())
    return words.replace(str(url.password), "***") if url.password else words
