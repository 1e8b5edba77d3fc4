"""An expression as DuckDB's SQL, with the meaning of docs/expressions.md whatever the session's settings."""

from __future__ import annotations

from collections.abc import Mapping

from tidemill.features.sqlparts import identifier, literal, null
from tidemill.features.sqlwords import WORDS, variant
from tidemill.spec.expression import Column, Constant, Node, Type
from tidemill.spec.types import Typed, settled


def to_duckdb(node: Node, *, columns: Mapping[str, Type], zone: str, rename: Mapping[str, str] | None = None) -> str:
    """One scalar SQL expression; it never fails on a row: what cannot be had is null.

    `columns`: the type of each name in the expression, as `Expression.names` has them (others may be there too).
    `rename`: name -> column of the table where it differs; `view.feature` is by default a column of that whole name.
    Columns may be of any width of their type; a timestamp must be TIMESTAMPTZ (timestamp[us, UTC]).
    Results are BIGINT, DOUBLE (finite), VARCHAR, BOOLEAN, DATE, TIMESTAMPTZ; an interval is a BIGINT of microseconds.
    ExpressionError `unknown-name`, `type-mismatch`, `constant-unread`, `type-unknown`.
    """
    return _text(settled(node, columns), zone, rename or {})


def _text(part: Typed, zone: str, rename: Mapping[str, str]) -> str:
    """The SQL of a part and all below it."""
    if isinstance(part.node, Constant):
        return null(part.type) if part.node.value is None else literal(part.node.value)
    if isinstance(part.node, Column):
        return _column(part.node, part.type, rename)
    return WORDS[part.name, variant(part)]([_text(argument, zone, rename) for argument in part.args], part, zone)


def _column(column: Column, kind: Type, rename: Mapping[str, str]) -> str:
    """The column in the one width that its type has here; a float that is no finite number is null."""
    name = f"{column.view}.{column.name}" if column.view else column.name
    quoted = identifier(rename.get(name, name))
    if kind == "int":
        return f"TRY_CAST({quoted} AS BIGINT)"
    if kind == "float":
        return f"CASE WHEN isfinite(CAST({quoted} AS DOUBLE)) THEN CAST({quoted} AS DOUBLE) END"
    return quoted
