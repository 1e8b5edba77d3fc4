"""A system over PostgreSQL, told by its commands: a run, new rows, and what goes wrong with a database."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.postgres import QUOTED, Database
from tests.story.typed import Project, Row, rows

TABLE = (
    "CREATE TABLE loans (loan_id bigint PRIMARY KEY, applied_at timestamp NOT NULL, amount numeric(10,2), state text, "
    "bank text, bad int)"
)


@pytest.fixture
def project(database: Database, tmp_path: Path) -> Project:
    """The project whose loans are a table, reached by a URL of the environment."""
    made = Project(tmp_path / "project", environment={"SHOP": database.url})
    made.change('tm.files("loans.csv")', 'tm.sql("${SHOP}").table("loans", cursor="applied_at")')
    database.run(TABLE)
    add(database, rows())
    return made


def add(database: Database, data: list[Row]) -> None:
    with database.connect() as link, link.cursor() as cursor:
        names = ", ".join(f"%({name})s" for name in data[0])
        cursor.executemany(f"INSERT INTO loans VALUES ({names})", data)


def test_a_run_reads_the_table_and_the_next_what_came_since(database: Database, project: Project) -> None:
    assert project.typed("run").code == 0
    assert project.champion() == "risk@1"
    assert "300" in project.typed("datasets")
    add(database, rows(320)[300:])
    assert project.typed("run").code == 0
    listed = project.typed("datasets")
    assert "loans@v2" in listed
    assert "320" in listed


@pytest.mark.parametrize(
    ("column", "kind", "said"),
    [
        ("amount", "int", "amount of loans held decimal(10, 2) so far and holds int now"),
        ("amount", "numeric(10, 1)", "amount of loans held decimal(10, 2) so far and holds decimal(10, 1) now"),
        ("seen", "date", "seen of loans held timestamp so far and holds date now"),
    ],
)
def test_a_column_whose_type_became_narrower_stops_the_run_and_nothing_is_corrected(
    database: Database, project: Project, column: str, kind: str, said: str
) -> None:
    project.change(', cursor="applied_at"', "")
    database.run("ALTER TABLE loans ADD COLUMN seen timestamp", "UPDATE loans SET amount = amount + 0.25, seen = now()")
    assert project.typed("run").code == 0
    database.run(f"ALTER TABLE loans ALTER COLUMN {column} TYPE {kind}")
    ended = project.typed("run")
    assert ended.code == 1
    assert "data.type-changed" in ended
    assert said in ended
    assert "loans@v2" not in project.typed("datasets")
    database.run(
        f"ALTER TABLE loans ALTER COLUMN {column} TYPE {'timestamp' if column == 'seen' else 'numeric(14, 3)'}"
    )
    assert project.typed("run").code == 0, "a wider one holds all that it held"


@pytest.mark.parametrize(
    ("before", "after", "code", "hint"),
    [
        ('table("loans"', 'table("loan"', "source.table-missing", "loans"),
        ('cursor="applied_at"', 'cursor="aplied_at"', "data.column-missing", "applied_at"),
        ('.table("loans", ', '.query("select nothing from loans", ', "source.query-failed", "nothing"),
        ("${SHOP}", "${WRONG}", "source.unreachable", "password"),
        ("${SHOP}", "postgresql://me:hunter2@127.0.0.1:1/shop", "source.unreachable", "refused"),
    ],
)
def test_what_is_wrong_is_said_once_and_no_password_is(
    database: Database, project: Project, before: str, after: str, code: str, hint: str
) -> None:
    project.environment["WRONG"] = database.url.replace(QUOTED, "hunter2")
    project.change(before, after)
    ended = project.typed("run")
    assert ended.code == 1
    assert code in ended
    assert hint in ended
    assert "hunter2" not in ended
    assert "s3cret" not in ended
