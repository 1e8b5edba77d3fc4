"""Whether a table is to be compared with what landed of it, and the keys that are gone from it, as deleted rows."""

from __future__ import annotations

import json
from dataclasses import dataclass

import pyarrow as pa
import pyarrow.compute as pc

from tidemill.features.plan import names, quoted
from tidemill.lifecycle.extract.keyranges import number_sql
from tidemill.lifecycle.extract.land import Landing
from tidemill.ports.source import Held, KeyRanges
from tidemill.ports.tables import BATCH, KNOWN_AT, OP, REASON, ROW
from tidemill.spec.source import Source, SqlTable


def is_due(source: Source, told: str, now_us: int) -> bool:
    """Whether the source is to be compared now. `told`: the last time's note, "" if it never was."""
    interval = source.table.reconcile_us if isinstance(source.table, SqlTable) else None
    return interval is not None and (not told or now_us - noted(told).at_us >= interval)


@dataclass(frozen=True, slots=True, kw_only=True)
class Note:
    """What the cursor keeps of a comparison: when it was, what each range held, the first row that landed after."""

    at_us: int
    held: str
    row: int

    def __str__(self) -> str:
        return json.dumps({"at_us": self.at_us, "held": self.held, "row": self.row}, separators=(",", ":"))


def noted(told: str) -> Note:
    """The note of a cursor; of "" that of no comparison."""
    return Note(**json.loads(told)) if told else Note(at_us=0, held="", row=0)


def since(last: Note, now: Held, landing: Landing) -> list[int]:
    """The ranges of rows that landed since the last comparison."""
    number = number_sql(now.numbering, landing.source.key)
    sql = f"select distinct {number} as number from landed where {ROW} >= {last.row} and number is not null"
    found: list[int] = landing.compute.query(sql, {"landed": landing.before})["number"].to_pylist()
    return found


def known_by_now(rows: pa.Table, now_us: int) -> pa.Table:
    """Landed rows of a comparison: what replaces an earlier row could not be known before it was compared."""
    now = pa.scalar(now_us, pa.timestamp("us", tz="UTC"))
    early = pc.and_(pc.equal(rows[OP], "U"), pc.less(rows[KNOWN_AT], now))
    known = pc.if_else(early, now, rows[KNOWN_AT])
    return rows.set_column(rows.schema.get_field_index(KNOWN_AT), KNOWN_AT, known)


def within(ranges: KeyRanges, landing: Landing) -> pa.Table:
    """The landed rows of these ranges, those put aside too."""
    numbers = ", ".join(map(str, ranges.numbers))
    where = f"{number_sql(ranges.numbering, landing.source.key)} in ({numbers})"
    return landing.compute.query(f"select * from landed where {where} order by {ROW}", {"landed": landing.before})


def gone(present: pa.Table, landing: Landing) -> pa.Table:
    """For each key that is `near` and not `present` its last landed row again, as deleted and known from now.

    With the greatest time of the key's rows: no window that reaches one of them misses the deletion.
    """
    key, time = landing.source.key, quoted(landing.source.time)
    same = " and ".join(f"mine.{name} is not distinct from theirs.{name}" for name in map(quoted, key))
    each = f"partition by {names(key)}"
    newest = f"max({time}) over ({each}) as {time}"
    last = f"select * replace ({newest}) from near qualify row_number() over ({each} order by {ROW} desc) = 1"
    rows = landing.compute.query(
        f"select mine.* replace (make_timestamptz({landing.now_us}) as {KNOWN_AT}, 'D' as {OP}, "
        f"{landing.batch}::bigint as {BATCH}, {landing.first_row} + row_number() over (order by {ROW}) - 1 as {ROW}) "
        f"from ({last}) mine anti join present theirs on {same} where mine.{OP} <> 'D' order by {ROW}",
        {"near": landed_only(landing.near), "present": present},
    )
    known = rows[KNOWN_AT].cast(pa.timestamp("us", tz="UTC"))
    return rows.set_column(rows.schema.get_field_index(KNOWN_AT), KNOWN_AT, known)


def landed_only(rows: pa.Table) -> pa.Table:
    """Without those put aside."""
    return rows.filter(rows[REASON].is_null()).drop_columns([REASON]) if REASON in rows.column_names else rows
