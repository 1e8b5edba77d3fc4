"""SQL of `candidates` and `query`: it parses as DuckDB's, reads only tables that are there, gives what is needed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from tidemill.spec.declaration import Declaration
from tidemill.spec.examine.finding import Findings
from tidemill.spec.nearest import nearest
from tidemill.spec.source import FilesQuery

if TYPE_CHECKING:
    from sqlglot import exp


def check_queries(findings: Findings, declaration: Declaration) -> None:
    """The SELECT of every `tm.query` over its own files."""
    for source in declaration.roots:
        if isinstance(source.table, FilesQuery):
            names = tuple(name for name, _ in source.table.tables)
            check_tables(findings, f"source {source.name} > table", source.table.sql, names)


def check_select(findings: Findings, path: str, sql: str, sources: Sequence[str], *, gives: Sequence[str]) -> None:
    """A SELECT of candidates: over sources by name, as of `$asked_at`, with these columns among those it gives."""
    tree = check_tables(findings, path, sql, sources)
    if tree is None:
        return
    given = {str(name).casefold() for name in tree.named_selects}
    missing = tuple(column for column in gives if column.casefold() not in given)
    if missing and "*" not in given:
        findings.mistake(path, "sql-column-missing", columns=missing, given=tuple(tree.named_selects))
    asked = parameters(tree)
    for name in sorted(asked - {"asked_at"}):
        findings.mistake(path, "sql-parameter-unknown", parameter=name)
    if "asked_at" not in asked:
        findings.note(path, "sql-without-asked-at")


def check_tables(findings: Findings, path: str, sql: str, names: Sequence[str]) -> exp.Query | None:
    """The parsed SELECT whose tables are all known by these names; None for what is no SELECT."""
    from sqlglot import exp
    from sqlglot.errors import SqlglotError

    try:
        trees = parsed(sql)
    except SqlglotError as error:
        detail = getattr(error, "errors", None) or [{}]
        findings.mistake(path, "sql-syntax", line=detail[0].get("line"), near=detail[0].get("highlight"))
        return None
    if len(trees) != 1 or not isinstance(trees[0], exp.Query):
        findings.mistake(path, "sql-no-select")
        return None
    tree = trees[0]
    known = {name.casefold() for name in (*names, *(part.alias for part in tree.find_all(exp.CTE)))}
    for table in dict.fromkeys(table_name(each) for each in tree.find_all(exp.Table)):
        if table and table.casefold() not in known:
            findings.mistake(path, "sql-table-unknown", table=table, nearest=nearest(table, names))
    return tree


def parsed(sql: str) -> list[exp.Expr | None]:
    """The statements of the text; `$asked_at` is read as a parameter."""
    from sqlglot.dialects.duckdb import DuckDB

    return DuckDB().parse(sql)


def table_name(table: exp.Table) -> str:
    """`schema.table` or `table`; '' for a table function."""
    return ".".join(part for part in (table.db, table.name) if part)


def parameters(tree: exp.Query) -> set[str]:
    """Names of the `$name` parameters."""
    from sqlglot import exp

    return {str(each.this) for each in tree.find_all(exp.Placeholder) if each.this}
