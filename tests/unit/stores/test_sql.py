"""Named queries and numbered migrations."""

from __future__ import annotations

import sqlite3
from contextlib import closing

from tidemill.stores.sql import migrations, queries


def test_queries_are_named_and_whole() -> None:
    found = queries("sqlite", "ledger")
    assert found["fact_get"] == 'SELECT document FROM "{table}" WHERE {where}'
    assert found["lease_acquire"].endswith("RETURNING fence")
    assert all(text and "-- name:" not in text for text in found.values())


def test_migrations_are_numbered_without_a_gap() -> None:
    assert [step.number for step in migrations("sqlite")] == list(range(1, len(migrations("sqlite")) + 1))


def test_each_statement_stands_alone_triggers_included() -> None:
    with closing(sqlite3.connect(":memory:", isolation_level=None)) as link:
        for step in migrations("sqlite"):
            for statement in step.statements:
                link.execute(statement)
        triggers = link.execute("SELECT count(*) FROM sqlite_schema WHERE type = 'trigger'").fetchone()
    assert triggers == (2,)
