"""Fresh rows become landed rows: known ones are left, broken ones put aside, times and landing order are added."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc

from tidemill.features.plan import Dialect, quoted
from tidemill.lifecycle.extract.normalise import UTC_US
from tidemill.lifecycle.extract.pushed import RECEIVED
from tidemill.ports.compute import Compute
from tidemill.ports.tables import BATCH, KNOWN_AT, OP, REASON, ROW
from tidemill.spec.source import Source

PLACE = "_place"


@dataclass(frozen=True, slots=True, kw_only=True)
class Landing:
    """Where a pass of extraction stands: landed files before it, its number, the next row's number, the clock."""

    source: Source
    dialect: Dialect
    compute: Compute
    before: Sequence[Path]
    batch: int
    first_row: int
    now_us: int


def land(rows: pa.Table, landing: Landing, *, whole: bool) -> tuple[pa.Table, pa.Table]:
    """(landed rows, rows put aside with `_reason`), both with the lake's own columns, in the order of the source."""
    source = landing.source
    tables: dict[str, pa.Table | Sequence[Path]] = {
        "fresh": rows.append_column(PLACE, pa.array(range(rows.num_rows), pa.int64()))
    }
    if landing.before:
        tables["before"] = landing.before
    came = RECEIVED if RECEIVED in rows.column_names else f"make_timestamptz({landing.now_us})"
    own = [name for name in rows.column_names if name != RECEIVED]
    items = [
        *(f"fresh.{quoted(name)}" for name in own),
        f"{known_sql(landing, came)} as {KNOWN_AT}",
        f"{op_sql(source, landing)} as {OP}",
        f"{landing.batch}::bigint as {BATCH}",
        f"{reason_sql(source, landing.dialect)} as {REASON}",
    ]
    seen = f"not exists ({same_row_sql(own)})" if whole and landing.before else "true"
    timed = f"{quoted(source.time)} is not null"
    result = landing.compute.query(
        f"select {', '.join(items)} from fresh where {timed} and {seen} order by {PLACE}", tables
    )
    result = result.set_column(result.schema.get_field_index(KNOWN_AT), KNOWN_AT, result[KNOWN_AT].cast(UTC_US))
    numbers = range(landing.first_row, landing.first_row + result.num_rows)
    result = result.append_column(ROW, pa.array(numbers, pa.int64()))
    fine = result[REASON].is_null()
    return result.filter(fine).drop_columns([REASON]), result.filter(pc.invert(fine))


def known_sql(landing: Landing, came: str) -> str:
    """When a row could be known: as declared; else the event time for history, and when it came from then on."""
    source = landing.source
    if source.known is not None:
        return f"({landing.dialect.sql(source.known, source.dataset)})::timestamptz"
    time = quoted(source.time)
    return f"greatest({time}, {came})" if landing.before or came == RECEIVED else time


def op_sql(source: Source, landing: Landing) -> str:
    """`U` when the key was landed before, else `I`."""
    if not source.key or not landing.before:
        return "'I'"
    same = " and ".join(f"before.{quoted(column)} is not distinct from fresh.{quoted(column)}" for column in source.key)
    return f"case when exists (select 1 from before where {same}) then 'U' else 'I' end"


def same_row_sql(columns: Sequence[str]) -> str:
    """A landed row equal in every column."""
    same = " and ".join(f"before.{quoted(column)} is not distinct from fresh.{quoted(column)}" for column in columns)
    return f"select 1 from before where {same}"


def reason_sql(source: Source, dialect: Dialect) -> str:
    """The text of the first promise that the row breaks, or null; a null promise is kept, as in SQL's CHECK."""
    if not source.expect:
        return "null::varchar"
    escaped = [(dialect.sql(promise, source.dataset), promise.text.replace("'", "''")) for promise in source.expect]
    return f"case {' '.join(f'''when not coalesce({sql}, true) then '{text}' ''' for sql, text in escaped)} end"
