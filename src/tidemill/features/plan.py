"""From a declared source or view to the SELECT that yields its rows: one text for training and the online store.

All texts are DuckDB's dialect over a table named like the source's dataset, holding the landed rows.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Literal

from tidemill.errors import DataError, ExpressionError
from tidemill.features.sqltext import to_duckdb
from tidemill.spec.expression import Call, Expression, Node, Type, columns_of
from tidemill.spec.source import Source
from tidemill.spec.view import Lookup, Window

ENTITY, TIME, KNOWN, SINCE, ROW, KEY = "_entity", "_time_us", "_known_us", "_since_us", "_row", "_key"
COLUMN, VALUE, MASK, GONE = "_column", "_value", "_mask", "_gone"


@dataclass(frozen=True, slots=True, kw_only=True)
class Dialect:
    """How expressions become SQL: the zone that reads days, and the types of each dataset's columns."""

    zone: str
    columns: Mapping[str, Mapping[str, Type]]

    def sql(self, expression: Expression, dataset: str) -> str:
        """The expression over a landed row of the dataset. DataError `column-missing`."""
        return row_sql(expression.tree, self.columns[dataset], self.zone, where=dataset)

    def moment(self, expression: Expression, dataset: str) -> str:
        """The same as a time: a date is the beginning of its day in the zone, a text is read."""
        return row_sql(as_moment(expression.tree), self.columns[dataset], self.zone, where=dataset)


def row_sql(
    tree: Node, columns: Mapping[str, Type], zone: str, *, where: str, rename: Mapping[str, str] | None = None
) -> str:
    """The expression as SQL over columns of these types; DataError `column-missing` for a name that is none of them.

    Another ExpressionError says in `where` which columns it reads.
    """
    try:
        return to_duckdb(tree, columns=columns, zone=zone, rename=rename)
    except ExpressionError as error:
        code = error.code.partition(".")[2]
        if code == "unknown-name":
            name, near = error.fields["name"], error.fields["nearest"]
            raise DataError("column-missing", column=name, where=where, nearest=near) from error
        read = dict.fromkeys(
            f"{column.view}.{column.name}" if column.view else column.name for column in columns_of(tree)
        )
        raise ExpressionError(code, **{**error.fields, "where": f"{', '.join(read)} of {where}"}) from error


def as_moment(tree: Node) -> Node:
    """The expression cast to a time."""
    return Call(name="cast_timestamp", args=(tree,))


def quoted(name: str) -> str:
    """The name as an SQL identifier."""
    return '"' + name.replace('"', '""') + '"'


def names(columns: Iterable[str]) -> str:
    """Identifiers with commas between."""
    return ", ".join(quoted(column) for column in columns)


def identity(source: Source) -> tuple[str, ...]:
    """What makes two landed rows the same row: the key and the time; without a key every row is its own."""
    return (*source.key, source.time) if source.key else (ROW,)


def key_text(columns: Iterable[str], *, null: str = "''") -> str:
    """One text of several columns, for stable hashes and keys: a control sign stands between, `null` for nulls."""
    parts = [f"coalesce(cast({quoted(column)} as varchar), {null})" for column in columns]
    return " || chr(31) || ".join(parts) if parts else "''"


def hash_share(columns: Iterable[str], share: float) -> str:
    """A condition that holds for `share` of the keys: first 8 bytes of md5 of the key text below share x 2^64."""
    bound = min(int(share * 2**64), 2**64 - 1)
    return f"('0x' || substr(md5({key_text(columns)}), 1, 16))::ubigint < {bound}::ubigint"


def clean(
    source: Source,
    dialect: Dialect,
    *,
    version: Literal["first", "last"] = "last",
    table: str = "",
    landed_where: str = "true",
) -> str:
    """Rows of a source or a part of one: each row once, in its first or last landed version, without deleted ones.

    `first` is the row as it was when it was asked about, `last` with every correction. `table`: name of the landed rows
    (the dataset's own if empty); `landed_where` narrows them before anything else, to what was known at a moment.
    """
    order = "desc" if version == "last" else "asc"
    conditions = [f"{quoted(source.time)} is not null"]
    if source.condition is not None:
        conditions.append(f"coalesce({dialect.sql(source.condition, source.dataset)}, false)")
    if source.share < 1.0:
        conditions.append(hash_share(source.key or (ROW,), source.share))
    return (
        f"select * from (select * from {quoted(table or source.dataset)} where {landed_where} "
        f"qualify row_number() over (partition by {names(identity(source))} order by {ROW} {order}) = 1) "
        f"where _op <> 'D' and {' and '.join(conditions)}"
    )


def window_columns(windows: Iterable[tuple[str, Window]], dataset: str, dialect: Dialect) -> list[str]:
    """Per window its value (null for count and days_since_last) and whether the row counts."""
    items: list[str] = []
    for place, (_, window) in enumerate(windows):
        value = dialect.sql(window.expression, dataset) if window.expression is not None else "null"
        mask = f"coalesce({dialect.sql(window.where, dataset)}, false)" if window.where is not None else "true"
        items += [f"{value} as {VALUE}{place}", f"{mask} as {MASK}{place}"]
    return items


def rows_of(source: Source, entity: Iterable[str]) -> list[str]:
    """The entity's columns and the times of each row, in microseconds."""
    since = f"epoch_us({quoted(source.since)})" if source.since else "null::bigint"
    return [
        *(f"{quoted(column)} as {ENTITY}{place}" for place, column in enumerate(entity)),
        f"epoch_us({quoted(source.time)}) as {TIME}",
        f"epoch_us(_known_at) as {KNOWN}",
        f"{since} as {SINCE}",
        ROW,
        f"{key_text(source.key or (ROW,), null='chr(30)')} as {KEY}",  # no other row than one with an empty text
    ]


def projection(view: Lookup, dialect: Dialect, *, landed_where: str = "true") -> str:
    """A looked-up view's rows: entity, times, its column expressions and its windows' values and masks.

    `landed_where`: as `clean` has it.
    """
    present = " and ".join(f"{quoted(column)} is not null" for column in view.entity)
    items = ", ".join(projected(view, dialect))
    rows = clean(view.source, dialect, landed_where=landed_where)
    return f"select {items} from ({rows}) where {present} order by {ROW}"


def newly_landed(view: Lookup, dialect: Dialect, *, first_row: int) -> str:
    """The same of the rows landed from `first_row` on, every version of each, with `_gone` for what is not of the view.

    Gone is a row that was deleted, that its condition does not hold for any more, or whose later version is of another
    entity: it takes back an earlier version.
    """
    source = view.source
    there = ["_op <> 'D'"]
    if source.condition is not None:
        there.append(f"coalesce({dialect.sql(source.condition, source.dataset)}, false)")
    if source.share < 1.0:
        there.append(hash_share(source.key or (ROW,), source.share))
    present = " and ".join(f"{quoted(column)} is not null" for column in (*view.entity, source.time))
    items = ", ".join(projected(view, dialect))
    fresh = (
        f"select {items}, not ({' and '.join(there)}) as {GONE} from {quoted(source.dataset)} "
        f"where {ROW} >= {first_row} and {present}"
    )
    left = [column for column in view.entity if column not in (*source.key, source.time)]
    if not source.key or not left:
        return f"{fresh} order by {ROW}"
    moved = f"select {items}, true as {GONE} from ({moved_away(source, left, first_row)}) where {present}"
    return f"select * from ({fresh} union all {moved}) order by {ROW}"


def moved_away(source: Source, entity: Iterable[str], first_row: int) -> str:
    """Earlier versions of rows whose version landed from `first_row` on has another entity; `_row` is the later's."""
    same = " and ".join(f"old.{name} is not distinct from new.{name}" for name in map(quoted, identity(source)))
    other = " or ".join(f"old.{name} is distinct from new.{name}" for name in map(quoted, entity))
    table = quoted(source.dataset)
    return (
        f"select old.* replace (new.{ROW} as {ROW}) from {table} old join {table} new on {same} "
        f"where new.{ROW} >= {first_row} and new.{ROW} > old.{ROW} and ({other})"
    )


def projected(view: Lookup, dialect: Dialect) -> list[str]:
    """What a view keeps of a row."""
    dataset = view.source.dataset
    columns = [f"{dialect.sql(item.expression, dataset)} as {COLUMN}{place}" for place, item in enumerate(view.columns)]
    return [*rows_of(view.source, view.entity), *columns, *window_columns(view.windows, dataset, dialect)]
