"""Rows of a query beside those of another run of it: which come before a moment, and what is not the same in them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from tidemill.features.offline.lake import types_of
from tidemill.features.plan import Dialect
from tidemill.lifecycle.extract.normalise import Shape, column_types, local_to_utc, normalised
from tidemill.measure.ahead import Changes, changes
from tidemill.measure.arrays import Floats, Ints
from tidemill.ports.compute import Compute
from tidemill.ports.tables import OURS
from tidemill.spec.source import Source

CUTS = (2 / 3, 1 / 4, 1 / 20)
"""Shares of the rows, in order of time, that stay before a cut: one run more in all, if all are tried."""
LONGEST = 60
"""Signs of a value that are shown."""
NEVER = 2**62
NAIVE = pa.timestamp("us")


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """Whose query it is, the zone that reads naive times, and who evaluates `known`."""

    source: Source
    zone: str
    compute: Compute

    @property
    def identity(self) -> tuple[str, ...]:
        """Columns that name a row; without a key rows of one time are told apart by nothing."""
        return tuple(dict.fromkeys((*self.source.key, self.source.time)))

    @property
    def needed(self) -> frozenset[str]:
        """Columns without which rows cannot be put beside each other."""
        return frozenset((*self.identity, *(self.source.known.names if self.source.known else ())))


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Apart:
    """Rows, those of another run, and what of the first is not in the second.

    `identity`: of the rows and then of the others, equal for what is the same row.
    """

    rows: pa.Table
    other: pa.Table
    identity: Ints
    changes: Changes

    def own(self, place: int, column: str) -> str:
        """What the row has in the column."""
        return shown(self.rows[column][place])

    def twin(self, place: int, column: str) -> str:
        """What the other run has there."""
        own = self.own(place, column)
        twins = np.flatnonzero(self.identity[self.rows.num_rows :] == self.identity[place])
        return next((word for twin in twins if (word := shown(self.other[column][int(twin)])) != own), own)


def comparable(rows: pa.Table, asked: Asked) -> bool:
    """Whether they have what names a row and says when it happened and was known."""
    if not asked.needed <= set(rows.column_names):
        return False
    kind = rows[asked.source.time].type
    return bool(pa.types.is_timestamp(kind) or pa.types.is_date(kind))


def moments(rows: pa.Table, asked: Asked) -> Iterator[int]:
    """Times of rows to cut at; each has rows before it."""
    times = clock(rows[asked.source.time])
    times = np.sort(times[times < NEVER])
    places = [int(len(times) * share) for share in CUTS] if len(times) else []
    yield from dict.fromkeys(int(times[place]) for place in places if times[place] > times[0])


def clock(times: pa.ChunkedArray) -> Ints:
    """Microseconds since 1970 as the column's own clock shows them, a date at its midnight; NEVER for null."""
    plain = times.cast(pa.timestamp("us", tz=zone_of(times))).cast(pa.int64()).fill_null(NEVER)
    return np.asarray(plain.to_numpy(), np.int64)


def zone_of(times: pa.ChunkedArray) -> str | None:
    """The zone that the column names itself."""
    return times.type.tz if pa.types.is_timestamp(times.type) else None


def early(rows: pa.Table, moment_us: int, asked: Asked) -> pa.Table:
    """The rows whose time is before the moment, on their own clock."""
    return rows.filter(pa.array(clock(rows[asked.source.time]) < moment_us))


def known(rows: pa.Table, moment_us: int, asked: Asked) -> pa.Table:
    """Of early rows those that could be known before the moment; all, if nothing is declared of that."""
    source, zone = asked.source, asked.zone
    if source.known is None or not rows.num_rows:
        return rows
    plain = normalised(rows.select(sorted(asked.needed)), Shape(source=source, zone=zone))
    dialect = Dialect(zone=zone, columns={source.dataset: types_of(column_types(plain))})
    sql = f"select {dialect.moment(source.known, source.dataset)} as known from fresh"
    at = pa.chunked_array([pa.array([moment_us], pa.int64())]).cast(NAIVE)
    if zone_of(rows[source.time]) is None:
        at = local_to_utc(at, zone)
    return rows.filter(pa.array(clock(asked.compute.query(sql, {"fresh": plain})["known"]) < clock(at)[0]))


def apart(rows: pa.Table, other: pa.Table, asked: Asked) -> Apart:
    """What of the rows is not in the others; columns that are equal row by row are looked at no closer."""
    named = asked.identity
    in_place = rows.num_rows == other.num_rows and all(rows[name].equals(other[name]) for name in named)
    columns = [
        name
        for name in rows.column_names
        if name not in named and not name.startswith(OURS) and not (in_place and rows[name].equals(other[name]))
    ]
    both = pa.concat_tables([rows.select([*named, *columns]), other.select([*named, *columns])])
    identity = np.zeros(both.num_rows, np.int64)
    for name in named:
        codes = coded(both[name])
        identity = np.unique(identity * (int(codes.max(initial=0)) + 1) + codes, return_inverse=True)[1]
    values = {name: measured(both[name]) for name in columns}
    return Apart(rows=rows, other=other, identity=identity, changes=changes(identity, values, rows.num_rows))


def measured(values: pa.ChunkedArray) -> Floats | Ints:
    """A column of fractions as they are, NaN for null; any other as whole numbers, equal where the values are."""
    kind = values.type
    if pa.types.is_floating(kind):
        return np.asarray(values.fill_null(np.nan).to_numpy(), np.float64)
    if values.null_count or not (pa.types.is_int64(kind) or pa.types.is_timestamp(kind)):
        return coded(values)
    return np.asarray(values.cast(pa.int64()).to_numpy(), np.int64)


def coded(values: pa.ChunkedArray) -> Ints:
    """A number from 0 on for each row, equal where the values are; null is one of them."""
    if pa.types.is_nested(values.type) or pa.types.is_null(values.type):
        values = pa.chunked_array(
            [[None if value is None else str(value) for value in values.to_pylist()]], pa.string()
        )
    indices = values.combine_chunks().dictionary_encode().indices
    return np.asarray(indices.cast(pa.int64()).fill_null(-1).to_numpy(zero_copy_only=False), np.int64) + 1


def called(rows: pa.Table, place: int, asked: Asked) -> str:
    """How a person finds the row again."""
    return ", ".join(f"{name} {shown(rows[name][place])}" for name in asked.identity)


def shown(value: pa.Scalar) -> str:
    """A value as a person reads it."""
    plain = value.as_py()
    if plain is None:
        return "null"
    word = f"{plain:.7g}" if isinstance(plain, float) else str(plain)
    return word if len(word) <= LONGEST else f"{word[: LONGEST - 1]}…"


def moment_text(moment_us: int) -> str:
    """The moment as its own clock shows it."""
    return str(pa.array([moment_us], pa.int64()).cast(NAIVE)[0].as_py()).removesuffix(" 00:00:00")
