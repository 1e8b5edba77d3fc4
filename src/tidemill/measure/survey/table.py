"""A table as it is surveyed: its columns in landing order, what names a row, and how a row is called in a finding."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np

from tidemill.facts.data import Finding, Value
from tidemill.measure.arrays import Bools, Ints
from tidemill.measure.column import Column
from tidemill.spec.zones import shown_at, zone_info

Fields = dict[str, Value | tuple[Value, ...]]
"""What a finding says beside its code."""
DAY_US, HOUR_US, MINUTE_US = 86_400_000_000, 3_600_000_000, 60_000_000
NULL = "null"
LONGEST = 60
"""Signs of a text value that are shown."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Table:
    """All rows of a dataset, put-aside ones too, in the order in which they landed.

    `types`: the dialect's word per column. `key`, `time`: what names a row and orders it; both may be missing.
    `entities`: columns whose rows one clock has written. `ids`: other columns that are declared to name something.
    `reasons`: the broken promise of each put-aside row, null for the others. `first_new`: rows before it were there in
    the previous version (0: all are new). `anew`: rows of which an earlier pass brought another version, corrections;
    None: there are none. `now_us`: no row may be later; None: not known. `zone`: whose days and hours
    a person reads.
    """

    name: str
    columns: Mapping[str, Column]
    types: Mapping[str, str]
    key: tuple[str, ...] = ()
    time: str | None = None
    entities: tuple[tuple[str, ...], ...] = ()
    ids: frozenset[str] = frozenset()
    reasons: Column | None = None
    first_new: int = 0
    anew: Bools | None = None
    now_us: int | None = None
    zone: str = "UTC"

    @property
    def rows(self) -> int:
        """How many rows."""
        return next((column.rows for column in self.columns.values()), 0)

    @property
    def identity(self) -> tuple[str, ...]:
        """What makes two rows the same row: the key and the time; empty without a key."""
        if not self.key:
            return ()
        return (*self.key, self.time) if self.time and self.time not in self.key else self.key

    @property
    def named(self) -> frozenset[str]:
        """Columns that are declared to name something: ids, and what alone, or beside the time, is a key or an entity.

        Of a key of several columns any may be an amount: lines of an invoice differ in their quantities alone.
        """
        plain = ({*names} - {self.time} for names in (self.key, *self.entities))
        return self.ids.union(*(names for names in plain if len(names) == 1))

    @property
    def in_order(self) -> bool:
        """Whether no row is older than the one that landed before it, by what the time column holds."""
        moments = self.columns[self.time].values if self.time is not None else np.zeros(0)
        return bool((moments[1:] >= moments[:-1]).all())

    def by_time(self) -> Ints:
        """Places of the rows from the oldest to the newest; as they landed without a time column."""
        if self.time is None or self.in_order:
            return np.arange(self.rows)
        return np.argsort(self.columns[self.time].values, kind="stable")

    def called(self, row: int) -> str:
        """How a person finds the row again: key and time, else its number (from 1) and time."""
        names = self.identity or ((self.time,) if self.time else ())
        number = () if self.key else (f"row {row + 1:,}",)
        return ", ".join([*number, *(f"{name} {self.shown(name, row)}" for name in names)])

    def called_all(self, rows: Iterable[int]) -> tuple[Value, ...]:
        """Each of the rows by its name."""
        return tuple(self.called(row) for row in rows)

    def shown(self, name: str, row: int) -> str:
        """The value in that row as text, as it can be searched for."""
        column = self.columns[name]
        if column.null[row]:
            return NULL
        value = column.values[row].item()
        if column.kind == "time":
            return moment_text(value, self.zone)
        if column.kind == "boolean":
            return "true" if value else "false"
        if column.kind == "text":
            text = column.labels[value]
            return text if len(text) <= LONGEST else f"{text[: LONGEST - 1]}…"
        return number_text(value).replace(",", "")

    def found(self, code: str, importance: float, column: str = "", **fields: Value | tuple[Value, ...]) -> Finding:
        """A finding about the table, or about one of its columns."""
        subject = f"{self.name}.{column}" if column else self.name
        named: Fields = {"column": column} if column else {}
        return Finding(code=code, subject=subject, importance=round(importance, 4), fields=named | fields)


def number_text(value: float) -> str:
    """A number in up to seven digits, whole ones whole; thousands apart from 10,000 on, so that a year stays a year."""
    comma = "," if abs(value) >= 10_000 else ""
    whole = value == value // 1 and abs(value) < 1e15
    return format(int(value), comma + "d") if whole else format(value, comma + ".7g")


def rounded(length_us: int) -> int:
    """A length in whole days, hours or minutes, whichever leaves two of them at least."""
    unit = next((unit for unit in (DAY_US, HOUR_US, MINUTE_US) if length_us >= 2 * unit), 1)
    return (length_us + unit // 2) // unit * unit


def moment_text(us: int, zone: str) -> str:
    """A moment there to the second, or finer where it is; a midnight is its day."""
    moment = shown_at(us, zone_info(zone))
    if (moment.hour, moment.minute, moment.second, moment.microsecond) == (0, 0, 0, 0):
        return moment.date().isoformat()
    return f"{moment.date().isoformat()} {moment:%H:%M:%S}" + (
        f".{moment.microsecond:06d}".rstrip("0") if us % 1_000_000 else ""
    )
