"""Brings a SQLite file to the newest schema: the file is copied first, and a newer one is refused."""

from __future__ import annotations

import sqlite3
from pathlib import Path
from threading import Event
from time import monotonic

from tidemill.errors import StoreError
from tidemill.stores.sql import Migration, migrations, queries

SQL = queries("sqlite", "ledger")


def bring_up(link: sqlite3.Connection, path: Path, patience_s: float) -> None:
    """Sets the connection's ways and runs the migrations that the file lacks, in one transaction.

    Before an existing file changes it is copied to `<name>.before-<number>`. StoreError `schema-newer` when the file
    was written by a house that knows more. Several processes may do this at once.
    """
    _write_ahead(link, patience_s)
    link.execute("PRAGMA synchronous = FULL")
    steps = migrations("sqlite")
    if _number(link, path, steps) == steps[-1].number:
        return
    link.execute("BEGIN IMMEDIATE")
    try:
        reached = _number(link, path, steps)
        ahead = [step for step in steps if step.number > reached]
        if reached and ahead:
            _copy(path, path.with_name(f"{path.name}.before-{ahead[0].number:04d}"))
        for step in ahead:
            for statement in step.statements:
                link.execute(statement)
            link.execute(SQL["schema_reached"], (step.number, step.name))
        link.execute("COMMIT")
    finally:
        if link.in_transaction:
            link.execute("ROLLBACK")


def _write_ahead(link: sqlite3.Connection, patience_s: float) -> None:
    """WAL mode. SQLite does not wait by itself when two processes switch a new file at once."""
    give_up_at = monotonic() + patience_s
    while True:
        try:
            link.execute("PRAGMA journal_mode = WAL")
            return
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY or monotonic() > give_up_at:
                raise
        Event().wait(0.005)


def _number(link: sqlite3.Connection, path: Path, steps: tuple[Migration, ...]) -> int:
    if not link.execute(SQL["has_schema"]).fetchone()[0]:
        return 0
    number: int = link.execute(SQL["schema_number"]).fetchone()[0]
    if number > steps[-1].number:
        raise StoreError("schema-newer", path=str(path), found=number, known=steps[-1].number)
    return number


def _copy(path: Path, copy: Path) -> None:
    """The file as of the last commit, what stands in its write-ahead log included."""
    source, target = sqlite3.connect(path), sqlite3.connect(copy)
    try:
        source.backup(target)
    finally:
        target.close()
        source.close()
