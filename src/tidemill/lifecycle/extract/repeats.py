"""Rows without a key that are read whole again: of equal ones, as many land as there are more than landed before."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import pyarrow as pa

from tidemill.features.plan import names, quoted
from tidemill.ports.compute import Compute

PLACE, TURN, HASH, MANY = "_place", "_turn", "_hash", "_many"
NONE = pa.table({HASH: pa.array([], pa.uint64()), MANY: pa.array([], pa.int64())})


@dataclass(frozen=True, slots=True, kw_only=True)
class Columns:
    """Columns of fresh rows: those that landed rows have too, by which both are compared, and the others.

    A fresh row with a value in another one is equal to no landed row.
    """

    shared: tuple[str, ...]
    others: tuple[str, ...]

    @property
    def comparable(self) -> str:
        """True for fresh rows that may be equal to landed ones."""
        return " and ".join(f"fresh.{quoted(name)} is null" for name in self.others) or "true"


def columns_of(own: Sequence[str], landed: frozenset[str]) -> Columns:
    """The columns of fresh rows beside those that have landed."""
    return Columns(
        shared=tuple(name for name in own if name in landed), others=tuple(name for name in own if name not in landed)
    )


def counted_sql(columns: Columns) -> str:
    """The fresh rows with TURN: the how many-eth of its equals each is in this pass, parts read before included.

    `earlier`: of these parts, how many rows have which hash.
    """
    turn = f"row_number() over (partition by {names((*columns.shared, *columns.others))} order by {PLACE})"
    seen = f"(select {HASH}, sum({MANY}) as {MANY} from earlier group by {HASH}) seen"
    each = f"select fresh.*, {turn} + coalesce({MANY}, 0) as {TURN} from fresh left join {seen}"
    return f"({each} on {hash_sql(columns)} = {HASH}) fresh"


def landed_sql(columns: Columns) -> str:
    """A SELECT with a row where as many rows equal to the fresh one have landed as were read, that one included."""
    same = " and ".join(f"held.{name} is not distinct from fresh.{name}" for name in map(quoted, columns.shared))
    held = f"(select {names(columns.shared)}, count(*) as {MANY} from before group by all) held"
    return f"select 1 from {held} where {same} and held.{MANY} >= fresh.{TURN} and {columns.comparable}"


def read_so_far(rows: pa.Table, landed: frozenset[str], compute: Compute) -> pa.Table:
    """Of the rows of one part, how many have which hash: 16 bytes for each that is another.

    Two of 10 million rows share a hash that should not once in 400,000 passes; one of them may then land twice.
    """
    columns = columns_of(rows.column_names, landed)
    sql = f"select {hash_sql(columns)} as {HASH}, count(*) as {MANY} from fresh where {columns.comparable} group by all"
    return compute.query(sql, {"fresh": rows})


def hash_sql(columns: Columns) -> str:
    """64 bits of the row, as far as it is compared."""
    return f"hash({', '.join(f'fresh.{quoted(name)}' for name in columns.shared)})"
