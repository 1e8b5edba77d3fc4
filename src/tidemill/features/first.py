"""Reads the newest rows of many records, in one step each where the ask sees it and all its cells are numbers."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from struct import Struct, error

from tidemill.facts.data import Value
from tidemill.features.record import FIXED, HEAD, MAGIC, TEXT, shape_of
from tidemill.features.tileplan import Plan

Found = tuple[Sequence[Value], bool]
"""Cells of the row that an ask sees, and whether the record reaches back so far."""

SIZE, COUNT, TILES_AT, EXACT_FROM, TIME, KNOWN, UNTIL, NULLS, CELLS = 1, 2, 3, 6, 8, 9, 10, 14, 15
"""Places of what HEAD and the row say among all that is read."""


class First:
    """Of records of one plan. Those of a view mostly have cells of the same kinds: how they lie is made out once."""

    def __init__(self, plan: Plan) -> None:
        self._rows_at = HEAD.size + plan.size
        self._kinds, self._form, self._row = b"", HEAD, 0

    def read(
        self, records: Sequence[bytes | None], moments: Sequence[int], by_steps: Callable[[bytes | None, int], Found]
    ) -> list[Found]:
        """What each ask sees in its record; `by_steps` reads those that must be, and says what is wrong with one."""
        found, rows_at = [], self._rows_at
        for data, moment in zip(records, moments, strict=True):
            if data is not None and data[HEAD.size : rows_at] != self._kinds:
                self._learn(data[HEAD.size : rows_at])
            if data is None or len(data) < self._form.size or not self._row:
                found.append(by_steps(data, moment))
                continue
            said = self._form.unpack_from(data)
            if (
                said[TIME] < moment <= said[UNTIL]
                and said[KNOWN] < moment
                and not said[NULLS]
                and said[TILES_AT] == rows_at + said[COUNT] * self._row
                and said[SIZE] == len(data)
                and said[0] == MAGIC
            ):
                found.append((said[CELLS:], moment >= said[EXACT_FROM]))
            else:
                found.append(by_steps(data, moment))
        return found

    def _learn(self, kinds: bytes) -> None:
        """How such records lie; not of those with texts, with more cells than a word has bits, or of no view."""
        self._kinds, self._row = kinds, 0
        try:
            shape = shape_of(kinds)
        except (error, ValueError):
            return
        if TEXT not in kinds and shape.nulls == 1:
            self._form = Struct(f"{HEAD.format}{len(kinds)}x{FIXED[1:]}Q{kinds.decode('ascii')}")
            self._row = shape.row.size
