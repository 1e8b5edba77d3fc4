"""New rows into an entity's record: what every ask sees goes into tiles, and what no ask can need any more goes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import isfinite

from tidemill.facts.data import Value
from tidemill.features.record import NEVER, Record, Row, packed, put_before, told, unpacked
from tidemill.features.tileplan import Plan
from tidemill.features.tiles import NONE_YET, Tiles, start_of

CROWD = 64
"""So many rows are looked at one by one; where more came lately, asks must be less late to be exact."""
SPARE, SPARE_OF_COLUMNS = 8, 1
"""So many rows come before a record with windows, or with none, is settled again."""


def merged(old: bytes | None, rows: Sequence[Row], plan: Plan, now_us: int = NEVER, *, late_us: int = 0) -> bytes:
    """The record with these rows too, none of which may be a later version of one that it had.

    `now_us`: rows from after it age no other row, for their clock may be wrong. `late_us`: asks so late are exact
    whatever the plan says. StoreError `record-corrupt`.
    """
    if old is None and len(rows) == 1 and not (plan.groups or plan.backs or plan.keeps_all):
        return packed(Record(rows=list(rows), tiles=[], newest_us=rows[0].enters, spare=SPARE_OF_COLUMNS), plan)
    rows = sorted(rows, key=newest_first)
    with told():
        quick = put_before(old, rows, plan) if old is not None and rows else old
        if quick is not None:
            return quick
        record = empty(plan) if old is None else unpacked(old, plan)
    record.rows = sorted([*rows, *record.rows], key=newest_first)
    record.newest_us = max([record.newest_us, *(row.enters for row in rows)])
    record.spare = SPARE if plan.groups or plan.backs else SPARE_OF_COLUMNS
    if record.rows and not plan.keeps_all:
        settle(
            record, plan, max(settled_us(record, plan, min(record.newest_us, now_us), late_us), record.exact_from_us)
        )
    return packed(record, plan)


def settled_us(record: Record, plan: Plan, newest_us: int, late_us: int) -> int:
    """From which moment on asks are to be exact."""
    moment = newest_us - max(plan.slack_us, late_us)
    lately = sum(not row.folded and row.enters >= moment for row in record.rows)
    return moment if lately <= CROWD else newest_us - max(plan.crowded_us, late_us)


def empty(plan: Plan) -> Record:
    """The record of an entity without rows."""
    return Record(rows=[], tiles=[Tiles(group) for group in plan.groups])


def newest_first(row: Row) -> tuple[int, int]:
    """The order of a record's rows."""
    return -row.time, -row.order


def settle(record: Record, plan: Plan, moment_us: int) -> None:
    """Keeps what asks from the moment on need.

    A row that all of them see, for good, goes into the tiles, and stays beside them only if it may be asked for itself;
    one that was replaced before goes; all others stay.
    """
    fresh = [row for row in record.rows if not row.folded and row.until == NEVER and row.enters < moment_us]
    lost = fold(fresh, record.tiles)
    kept = []
    still = Needed(plan, moment_us)
    for row in record.rows:
        settled = row.folded or (row.until == NEVER and row.enters < moment_us)
        if row.until < moment_us or (settled and not still.wants(row)):
            lost = True
        else:
            kept.append(row._replace(folded=True) if settled and not row.folded else row)
    for one in record.tiles:
        if one.group.longest_us is not None and one.group.step_us:
            lost |= one.expire(start_of(moment_us - one.group.longest_us, one.group))
    record.rows = kept
    if lost:
        record.exact_from_us = moment_us


@dataclass(slots=True)
class Sought:
    """So many rows that the mask keeps are `left` to be found, none older."""

    left: int
    mask: int | None
    oldest_us: int


class Needed:
    """Which rows that all asks from a moment on see may be asked for as rows; to be asked from the newest on."""

    def __init__(self, plan: Plan, moment_us: int) -> None:
        self._newest = 1 if plan.columns else 0
        self._backs = [Sought(back.rows, back.mask, reached(moment_us, back.longest_us)) for back in plan.backs]
        sliding = (one.longest_us for one in plan.groups if not one.tiled)
        self._oldest = min((reached(moment_us, longest) for longest in sliding), default=NEVER)

    def wants(self, row: Row) -> bool:
        """Whether it does, and it counts as one of those asked for by their number."""
        wanted = row.time >= self._oldest
        if self._newest:
            self._newest -= 1
            wanted = True
        for back in self._backs:
            if back.left and row.time >= back.oldest_us and (back.mask is None or row.cells[back.mask]):
                back.left -= 1
                wanted = True
        return wanted


def reached(moment_us: int, longest_us: int | None) -> int:
    """The oldest time that asks from the moment on see that look back so far."""
    return NONE_YET if longest_us is None else moment_us - longest_us


def fold(rows: Sequence[Row], held: Sequence[Tiles]) -> bool:
    """Counts rows, newest first, in the tiles of each group that has some; whether any was."""
    tiled = [one for one in held if one.group.tiled]
    for one in tiled:
        group = one.group
        for row in reversed(rows):
            there, value = counted(row.cells, group.value, group.mask)
            if there or (group.rows and counted(row.cells, None, group.mask)[0]):
                one.add(row.time, value if there else None)
    return bool(tiled and rows)


def counted(cells: Sequence[Value], value: int | None, mask: int | None) -> tuple[bool, Value]:
    """Whether a row with these cells counts - the mask holds, the value is there and finite - and its value."""
    found = None if value is None else cells[value]
    if mask is not None and not cells[mask]:
        return False, found
    return value is None or (found is not None and (not isinstance(found, float) or isfinite(found))), found
