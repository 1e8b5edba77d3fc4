"""From a declared source or view to the SELECT that yields its rows: one text for training and the online store.

All texts are DuckDB's dialect over a table named like the source's dataset, holding the landed rows.

Which version of a row is seen. Rows of one key and time are versions of one row, in the order of their landing; a row
that landed as deleted (`_op` D) is the last version of all rows of its key that landed before. A version can be known
from max(time, known) on, and a moment t sees it if that is before t and no later landed version could be known before
t: max(time, known) < t <= until, where until is the least max(time, known) of the later versions. So a value of a
feature as of t never changes for what could be known later only. Of two versions that could be known at one moment the
later landing is seen alone, and a version that could be known before an earlier one takes its place from the first. A
version that is deleted, of which the condition of a part does not hold, or that is of another entity, ends the earlier
ones all the same, and shows nothing there.

`versions` are rows so seen, for features. Outcomes, and all that looks ahead, read rows as they turned out: the last
version (`clean`). Asks are rows as they first landed. Lists of candidates at a moment are the last versions of what
could be known before it, which is the same as the versions that the moment sees.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Literal

from tidemill.errors import DataError, ExpressionError
from tidemill.features.sqltext import to_duckdb
from tidemill.features.tileplan import plan_of
from tidemill.spec.expression import Call, Expression, Node, Type, columns_of
from tidemill.spec.source import Source
from tidemill.spec.view import Lookup, Window

ENTITY, TIME, KNOWN, SINCE, ROW, OP = "_entity", "_time_us", "_known_us", "_since_us", "_row", "_op"
COLUMN, VALUE, MASK, GONE, UNTIL, CELL = "_column", "_value", "_mask", "_gone", "_until_us", "_cell"


@dataclass(frozen=True, slots=True, kw_only=True)
class Dialect:
    """How expressions become SQL: the zone that reads days, and the types of each dataset's columns.

    `single`: datasets of which every landed row is the only version of its row.
    """

    zone: str
    columns: Mapping[str, Mapping[str, Type]]
    single: frozenset[str] = frozenset()

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


def key_text(columns: Iterable[str]) -> str:
    """One text of several columns, for stable hashes: a control sign stands between, nothing for nulls."""
    parts = [f"coalesce(cast({quoted(column)} as varchar), '')" for column in columns]
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
    if version == "last":
        seen = versions(source, dialect, table=table, landed_where=landed_where)
        return f"select * exclude ({UNTIL}) from ({seen}) where {UNTIL} is null"
    landed = f"select * from {quoted(table or source.dataset)} where {landed_where}"
    if source.key and source.dataset not in dialect.single:
        landed += f" qualify row_number() over (partition by {names(identity(source))} order by {ROW}) = 1"
    return f"select * from ({landed}) where {there(source, dialect)}"


def versions(source: Source, dialect: Dialect, *, table: str = "", landed_where: str = "true") -> str:
    """Every version of the rows that some moment sees, each with `_until_us`: the last such moment, null if it stands.

    `table`, `landed_where`: as `clean` has them; versions that do not come through end nothing.
    """
    landed = f"{quoted(table or source.dataset)} where {landed_where}"
    if not source.key or source.dataset in dialect.single:
        return f"select *, null::bigint as {UNTIL} from (select * from {landed}) where {there(source, dialect)}"
    same_row = f"partition by {names(identity(source))} order by {ROW} desc"
    later = f"min({seen_from(source)}) over ({same_row} rows between unbounded preceding and 1 preceding)"
    keys = names(source.key)
    same = " and ".join(f"old.{name} is not distinct from new.{name}" for name in map(quoted, source.key))
    deleted = f"select {keys}, {ROW}, {seen_from(source)} as _ended_us from {landed} and {OP} = 'D'"
    ends = (
        f"(select * from {landed}) left join ("
        f"select old.{ROW}, min(_ended_us) as _ended_us from (select {keys}, {ROW} from {landed}) old "
        f"join ({deleted}) new on {same} and new.{ROW} > old.{ROW} group by old.{ROW}) using ({ROW})"
    )
    return (
        f"select * from (select * exclude (_ended_us), least({later}, _ended_us) as {UNTIL} from {ends}) "
        f"where {there(source, dialect)} and ({UNTIL} is null or {UNTIL} > {seen_from(source)})"
    )


def seen_from(source: Source) -> str:
    """The moment after which a version can be seen, in microseconds."""
    return f"epoch_us(greatest({quoted(source.time)}, _known_at))"


def there(source: Source, dialect: Dialect) -> str:
    """The condition of a version that shows something: neither deleted nor outside of the part of the source."""
    conditions = [f"{OP} <> 'D'", f"{quoted(source.time)} is not null"]
    if source.condition is not None:
        conditions.append(f"coalesce({dialect.sql(source.condition, source.dataset)}, false)")
    if source.share < 1.0:
        conditions.append(hash_share(source.key or (ROW,), source.share))
    return " and ".join(conditions)


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
    ]


def projection(
    view: Lookup, dialect: Dialect, *, landed_where: str = "true", items: Iterable[str] | None = None
) -> str:
    """A looked-up view's rows: what it keeps of them (`projected`, or these `items`) and `_until_us`, in no order.

    `landed_where`: as `clean` has it.
    """
    items = ", ".join(projected(view, dialect) if items is None else items)
    rows = versions(view.source, dialect, landed_where=landed_where)
    return f"select {items}, {UNTIL} from ({rows}) where {present(view)}"


def newly_landed(view: Lookup, dialect: Dialect, *, first_row: int) -> str:
    """What records keep of the rows landed from `first_row` on, and of the earlier versions that they end, `_gone`."""
    items = ", ".join(recorded(view, dialect))
    fresh = versions(view.source, dialect, landed_where=f"{ROW} >= {first_row}")
    text = f"select {items}, {UNTIL}, false as {GONE} from ({fresh}) where {present(view)}"
    if view.source.key:
        ends = ended(view.source, first_row)
        text += f" union all select {items}, null as {UNTIL}, true as {GONE} from ({ends}) where {present(view)}"
    return f"select * from ({text}) order by {ROW}"


def ended(source: Source, first_row: int) -> str:
    """Versions landed before `first_row` that one landed from it on ends; a row of a new key (`_op` I) ends none."""
    same = " and ".join(f"old.{name} is not distinct from new.{name}" for name in map(quoted, source.key))
    time, table = quoted(source.time), quoted(source.dataset)
    return (
        f"select old.* from {table} old semi join "
        f"(select * from {table} where {ROW} >= {first_row} and {OP} <> 'I') new "
        f"on {same} and (old.{time} = new.{time} or new.{OP} = 'D') where old.{ROW} < {first_row}"
    )


def present(view: Lookup) -> str:
    """The condition of a row that is somebody's."""
    return " and ".join(f"{quoted(column)} is not null" for column in (*view.entity, view.source.time))


def projected(view: Lookup, dialect: Dialect) -> list[str]:
    """What a view keeps of a row."""
    dataset = view.source.dataset
    columns = [f"{dialect.sql(item.expression, dataset)} as {COLUMN}{place}" for place, item in enumerate(view.columns)]
    return [*rows_of(view.source, view.entity), *columns, *window_columns(view.windows, dataset, dialect)]


def recorded(view: Lookup, dialect: Dialect) -> list[str]:
    """What an online record keeps of a row: its cells as tidemill.features.tileplan has them, each once."""
    plan, dataset = plan_of(view), view.source.dataset
    cells = dict(enumerate(dialect.sql(item.expression, dataset) for item in view.columns))
    for (_, window), value, mask in zip(view.windows, plan.values, plan.masks, strict=True):
        if value is not None and window.expression is not None:
            cells[value] = dialect.sql(window.expression, dataset)
        if mask is not None and window.where is not None:
            cells[mask] = f"coalesce({dialect.sql(window.where, dataset)}, false)"
    return [*rows_of(view.source, view.entity), *(f"{cells[place]} as {CELL}{place}" for place in range(plan.size))]
