"""Reads a view's features from an entity's record as training would read them from all of the entity's rows."""

from __future__ import annotations

from collections.abc import Sequence
from math import isfinite
from typing import NamedTuple

from tidemill.errors import StoreError
from tidemill.facts.data import Value
from tidemill.features.first import First, Found
from tidemill.features.newest import DAY_US
from tidemill.features.online import FORGOTTEN, OVERFLOW
from tidemill.features.record import BROKEN, Opened, Row
from tidemill.features.seen import READ, NoSumError, Read, Seen
from tidemill.features.tileplan import Back, plan_of
from tidemill.features.tiles import NONE_YET, Kept, totals_of
from tidemill.features.young import Loose, Young, young_of
from tidemill.spec.view import Lookup, Window

Placed = Sequence[tuple[int, str, Window]]
"""Windows with their place among what is read, and their name."""


Counted = tuple[bool, int | None, int | None]
"""Whether a group has tiles, and its value and mask: groups that agree count the same of the rows outside of them."""


class Asked(NamedTuple):
    """Windows of one group and length, which see the same; each with its place among what is read, and its name.

    `reach`: the place of their length and step among the reader's. `counts`: places of those that count rows.
    """

    reach: int
    counts: tuple[int, ...]
    windows: tuple[tuple[int, Read, str], ...]


class Reader:
    """Reads a view's features from its records; `names`: their short names, in the order of what it reads."""

    def __init__(self, view: Lookup) -> None:
        self.view = view
        self.names = (*(one.name for one in view.columns), *(name for name, _ in view.windows))
        self._plan = plan = plan_of(view)
        wants_one_row = not (view.windows or plan.keeps_all or view.max_age_us)
        self._forgotten = (f"{FORGOTTEN}{view.name}",)
        self._first = First(plan, self._forgotten) if wants_one_row else None
        self._nobody = tuple([None] * plan.columns + [nothing(window) for _, window in view.windows])
        windows = [(place, name, window) for place, (name, window) in enumerate(view.windows, plan.columns)]
        homes = list(zip(plan.homes, windows, strict=True))
        reaches = dict.fromkeys((window.length_us, window.step_us) for home, (_, _, window) in homes if home >= 0)
        self._reaches = list(reaches)
        self._groups = [
            (group, totals_of(group), asked([window for home, window in homes if home == number], self._reaches))
            for number, group in enumerate(plan.groups)
        ]
        self._wants_loose = not plan.backs and all(group.tiled for group in plan.groups)
        self._backs = [
            (back, [window for home, window in homes if home == -1 - number]) for number, back in enumerate(plan.backs)
        ]

    def read_all(self, records: Sequence[bytes | None], moments: Sequence[int]) -> list[Found]:
        """As `read`, of each record at its own moment."""
        if self._first is not None:
            return self._first.read(records, moments, self.read)
        return [self.read(record, moment) for record, moment in zip(records, moments, strict=True)]

    def read(self, record: bytes | None, asked_at_us: int) -> Found:
        """(values, flags); without a record those of an entity with no rows.

        Flagged are a record that does not reach back so far, and each window whose sum does not fit, which is null.
        StoreError `record-corrupt`.
        """
        if record is None:
            return self._nobody, ()
        flags: tuple[str, ...] = ()
        try:
            opened = Opened(record, self._plan)
            found = self._columns(opened, asked_at_us)
            if self._plan.homes:
                found = [*found, *self._nobody[self._plan.columns :]]
                flags = self._windows(opened, asked_at_us, found)
        except BROKEN as error:
            raise StoreError("record-corrupt", reason=str(error)) from error
        return found, flags if asked_at_us >= opened.exact_from_us else (*self._forgotten, *flags)

    def _columns(self, opened: Opened, asked_at_us: int) -> Sequence[Value]:
        """The cells of the newest row that the ask sees; nulls where there is none, or it is too old."""
        many, oldest = self._plan.columns, self.view.max_age_us
        if not many:
            return ()
        if self._plan.keeps_all:
            times, rows = [row.time for row in opened.rows()], assumed(list(opened.rows()))
            place = next((place for place, row in enumerate(rows) if sees(row, asked_at_us)), None)
            found = None if place is None else (times[place], rows[place].cells)
        else:
            found = opened.newest(asked_at_us)
        if found is None or (oldest is not None and found[0] < asked_at_us - oldest):
            return self._nobody[:many]
        return found[1][:many]

    def _windows(self, opened: Opened, asked_at_us: int, values: list[Value]) -> tuple[str, ...]:
        """Fills in the windows; flags of those without a sum."""
        flags: tuple[str, ...] = ()
        loose = opened.loose(asked_at_us)
        rows = [] if self._wants_loose else [row for row in opened.rows() if sees(row, asked_at_us)]
        for back, windows in self._backs:
            row = counted_back(rows, back)
            for place, _, window in windows:
                if row is not None and row.time >= tail_of(window.length_us, window.step_us, asked_at_us):
                    away = (asked_at_us - row.time) / DAY_US
                    values[place] = away if back.value is None else finite(row.cells[back.value])
        words, at = opened.words(), 0
        tails = [tail_of(length, step, asked_at_us) for length, step in self._reaches]
        sliding = [(row.time, row.cells) for row in rows]
        young: dict[Counted, Young] = {}
        for group, totals, asks in self._groups:
            kept = Kept(words, at, totals)
            at = kept.after
            some = loose if group.tiled else sliding
            outside = every = shared(young, some, (group.tiled, group.value, group.mask))
            if group.rows:
                every = shared(young, some, (group.tiled, None, group.mask))
            if not kept.count and not every.count:
                continue
            all_valued = every.count == outside.count and (
                not group.rows or kept.since(totals - 1, 0) == kept.since(0, 0)
            )
            for ask in asks:
                seen = Seen(kept, group, outside, tails[ask.reach])
                for place in ask.counts:
                    values[place] = seen.count if all_valued else seen.rows(every)
                if seen.count:
                    for place, read, name in ask.windows:
                        try:
                            values[place] = read(seen)
                        except NoSumError:
                            values[place] = None
                            flags = (*flags, f"{OVERFLOW}{self.view.name}.{name}")
        return flags


def asked(windows: Placed, reaches: Sequence[tuple[int | None, int]]) -> list[Asked]:
    """The windows of a group by what they see."""
    alike: dict[int, list[tuple[int, str, Window]]] = {}
    for one in windows:
        alike.setdefault(reaches.index((one[2].length_us, one[2].step_us)), []).append(one)
    return [
        Asked(
            reach=reach,
            counts=tuple(place for place, _, window in some if window.expression is None),
            windows=tuple((place, READ[window.kind], name) for place, name, window in some if window.expression),
        )
        for reach, some in alike.items()
    ]


def shared(young: dict[Counted, Young], rows: Loose, key: Counted) -> Young:
    """Those of the rows that such a group counts, made once."""
    found = young.get(key)
    if found is None:
        _, value, mask = key
        found = young[key] = young_of(rows, value, mask)
    return found


def nothing(window: Window) -> Value:
    """What the window says where nothing is seen."""
    return {"count": 0, "distinct": 0, "sum": 0.0}.get(window.kind)


def finite(value: Value) -> Value:
    """The value; null for a fraction that is no number."""
    return None if isinstance(value, float) and not isfinite(value) else value


def sees(row: Row, asked_at_us: int) -> bool:
    """Whether an ask at that moment sees the row."""
    return row.time < asked_at_us and row.known < asked_at_us <= row.until


def assumed(rows: Sequence[Row]) -> list[Row]:
    """Rows from the newest to the oldest, the oldest moved back to its `since`, as tidemill.features.asof.assumed."""
    moved = list(rows)
    if moved and (last := moved[-1]).since < last.time:
        known = last.since if last.known <= last.time else last.known
        moved[-1] = last._replace(time=last.since, known=known)
    return moved


def tail_of(length_us: int | None, step_us: int, asked_at_us: int) -> int:
    """The oldest event time that a window of that length and step holds at that moment."""
    if length_us is None:
        return NONE_YET
    oldest = asked_at_us - length_us
    return oldest // step_us * step_us if step_us else oldest


def counted_back(rows: Sequence[Row], back: Back) -> Row | None:
    """The row that many back from the newest, of those that the mask keeps."""
    left = back.rows
    for row in rows:
        if back.mask is None or row.cells[back.mask]:
            left -= 1
            if not left:
                return row
    return None
