"""Fresh rows become landed rows: known ones are left, broken ones put aside, times and landing order are added."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from tidemill.features.plan import Dialect, identity, quoted
from tidemill.features.sqlparts import literal
from tidemill.lifecycle.extract.normalise import UTC_US
from tidemill.lifecycle.extract.pushed import RECEIVED, UNFIT
from tidemill.lifecycle.extract.repeats import NONE, PLACE, TURN, columns_of, counted_sql, landed_sql
from tidemill.ports.compute import Compute
from tidemill.ports.tables import BATCH, KNOWN_AT, OP, REASON, ROW
from tidemill.spec.source import Source


@dataclass(frozen=True, slots=True, kw_only=True)
class Landing:
    """Where a pass of extraction stands: what landed before it and with which columns, its number, its first row's.

    `near`: the only ones of the rows before that matter to the fresh ones, where that is known. `earlier`: what this
    pass has read so far of a source without a key that it reads whole.
    """

    source: Source
    dialect: Dialect
    landed: frozenset[str]
    compute: Compute
    before: Sequence[Path]
    batch: int
    first_row: int
    now_us: int
    near: pa.Table | None = None
    earlier: Sequence[pa.Table] = ()


def land(rows: pa.Table, landing: Landing, *, whole: bool) -> tuple[pa.Table, pa.Table]:
    """(landed rows, rows put aside with `_reason`), both with the lake's own columns, in the order of the source.

    `whole`: rows that stand as they come are left, for they may be the very same.
    """
    source = landing.source
    tables: dict[str, pa.Table | Sequence[Path]] = {
        "fresh": rows.append_column(PLACE, pa.array(np.arange(rows.num_rows)))
    }
    if landing.before:
        tables["before"] = landing.before if landing.near is None else landing.near
    if not source.key:
        tables["earlier"] = pa.concat_tables([NONE, *landing.earlier])
    came = RECEIVED if RECEIVED in rows.column_names else f"make_timestamptz({landing.now_us})"
    own = [name for name in rows.column_names if name not in (RECEIVED, UNFIT)]
    items = [
        *(f"fresh.{quoted(name)}" for name in own),
        f"{known_sql(landing, came)} as {KNOWN_AT}",
        f"{op_sql(source, landing)} as {OP}",
        f"{landing.batch}::bigint as {BATCH}",
        f"{reason_sql(source, landing.dialect, unfit=UNFIT in rows.column_names)} as {REASON}",
    ]
    pushed = RECEIVED in rows.column_names
    fresh, seen = unseen_sql(own, landing, pushed=pushed) if whole and landing.before else ("fresh", "true")
    if pushed and source.key:
        fresh = once_sql(own, landing)
    timed = f"{quoted(source.time)} is not null"
    result = landing.compute.query(
        f"select {', '.join(items)} from {fresh} where {timed} and {seen} order by {PLACE}",
        tables,
    )
    result = result.set_column(result.schema.get_field_index(KNOWN_AT), KNOWN_AT, result[KNOWN_AT].cast(UTC_US))
    numbers = np.arange(landing.first_row, landing.first_row + result.num_rows)
    result = result.append_column(ROW, pa.array(numbers))
    fine = result[REASON].is_null()
    if pc.all(fine).as_py():
        return result.drop_columns([REASON]), result.slice(0, 0)
    return result.filter(fine).drop_columns([REASON]), result.filter(pc.invert(fine))


def unseen_sql(columns: Sequence[str], landing: Landing, *, pushed: bool) -> tuple[str, str]:
    """The fresh rows as FROM takes them, and a condition: none of them that has landed before."""
    if landing.source.key:
        return "fresh", f"not exists ({same_row_sql(columns, landing, pushed=pushed)})"
    both = columns_of(columns, landing.landed)
    return counted_sql(both), f"not exists ({landed_sql(both)})"


def once_sql(columns: Sequence[str], landing: Landing) -> str:
    """What was pushed of a source with a key, less rows that repeat the one before of the same key and time.

    TURN: the how many-eth of its key and time a row is, from 1.
    """
    same = f"row({', '.join(map(quoted, columns))})"
    names = ", ".join(quoted(column) for column in identity(landing.source))
    turns = f"over (partition by {names} order by {PLACE})"
    each = f"select *, row_number() {turns} as {TURN} from fresh qualify lag({same}) {turns} is distinct from {same}"
    return f"({each}) fresh"


def known_sql(landing: Landing, came: str) -> str:
    """When a row could be known: as declared; else the event time for history, and when it came from then on.

    Where what is declared is null, it was known when it came.
    """
    source = landing.source
    time = quoted(source.time)
    late = f"greatest({time}, {came})"
    if source.known is not None:
        return f"coalesce({landing.dialect.moment(source.known, source.dataset)}, {late})"
    return late if landing.before or came == RECEIVED else time


def op_sql(source: Source, landing: Landing) -> str:
    """`D` where the row says itself that it is deleted; else `U` when the key was landed before, else `I`."""
    gone = f"when {deleted_sql(source, landing.dialect)} then 'D'" if source.deleted else ""
    if not source.key or not landing.before:
        return f"case {gone} else 'I' end" if gone else "'I'"
    same = " and ".join(f"before.{quoted(column)} is not distinct from fresh.{quoted(column)}" for column in source.key)
    return f"case {gone} when exists (select 1 from before where {same}) then 'U' else 'I' end"


def deleted_sql(source: Source, dialect: Dialect) -> str:
    """True for rows that say themselves that they are deleted."""
    return f"coalesce({dialect.sql(source.deleted, source.dataset)}, false)" if source.deleted else "false"


def ended_sql(source: Source) -> str:
    """The rest of a FROM that leaves landed rows out that a later deletion of their key ended."""
    keys = [quoted(column) for column in source.key]
    same = " and ".join(f"before.{name} is not distinct from gone.{name}" for name in keys)
    last = f"select {', '.join(keys)}, max({ROW}) as _gone from before where {OP} = 'D' group by all"
    return f" anti join ({last}) gone on {same} and before.{ROW} < gone._gone"


def same_row_sql(columns: Sequence[str], landing: Landing, *, pushed: bool) -> str:
    """A landed row equal in every column, of the last pass that brought its key and time; one it lacks is null there.

    A row that was changed and changed back is no row that stands: it lands again. What is pushed may change twice in
    one pass: there the last row stands, and what is fresh is so little that all other keys are best left out first.
    """
    same = [
        f"before.{name} is not distinct from fresh.{name}" if column in landing.landed else f"fresh.{name} is null"
        for column, name in ((column, quoted(column)) for column in columns)
    ]
    same.append(f"(before.{OP} = 'D') = {deleted_sql(landing.source, landing.dialect)}")
    names = [quoted(column) for column in identity(landing.source)]
    mine = " and ".join(f"before.{name} is not distinct from fresh.{name}" for name in names)
    near = f"(select * from before semi join fresh on {mine}) before" if pushed else "before"
    order = ROW if pushed else BATCH
    last = f"select {', '.join(names)}, max({order}) as {order} from {near} group by all"
    its = " and ".join(f"before.{name} is not distinct from last.{name}" for name in names)
    standing = f"select before.* from {near} semi join ({last}) last on before.{order} = last.{order} and {its}"
    first = [f"fresh.{TURN} = 1"] if pushed else []
    return f"select 1 from ({standing}{ended_sql(landing.source)}) before where {' and '.join([*first, *same])}"


def reason_sql(source: Source, dialect: Dialect, *, unfit: bool) -> str:
    """Why the row is put aside, or null: it has no key at all, or the text of the first promise that it breaks.

    A null promise is kept, as in SQL's CHECK, and a deleted row breaks none. `unfit`: the rows say themselves if they
    do not fit the dataset's types.
    """
    there = f"not {deleted_sql(source, dialect)} and " if source.deleted else ""
    broken = [(f"{there}not coalesce({dialect.sql(one, source.dataset)}, true)", one.text) for one in source.expect]
    cases = " ".join(f"when {condition} then {literal(text)}" for condition, text in broken)
    first = [f"when {UNFIT} is not null then {UNFIT}"] if unfit else []
    if source.key:
        nameless = " and ".join(f"{quoted(column)} is null" for column in source.key)
        first.append(f"when {nameless} then {literal(f'{source.key[0]} is not null')}")
    return f"case {' '.join([*first, cases])} end" if first or broken else "null::varchar"
