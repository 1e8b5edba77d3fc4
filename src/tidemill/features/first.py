"""Reads the newest rows of many records, in one step each where the ask sees it and all its cells are numbers."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from struct import Struct, error

from tidemill.facts.data import Value
from tidemill.features.record import FIRST, HEAD, MAGIC, TEXT, shape_of
from tidemill.features.tileplan import Plan

Found = tuple[Sequence[Value], tuple[str, ...]]
"""What an ask sees, and the flags of what a caller should know of it."""

BEGIN = Struct("<4sIIII")
"""How HEAD begins: the same in all records of one row that have no text and cells of the same kinds."""
FORM = "<{begin}s4xq8x{kinds}xqqq{skipped}xQ{cells}"
"""What is read of HEAD and the row: how it begins, exact_from_us; time, known, until, null bits, cells."""
SKIPPED = FIRST.size - 3 * 8
"""Bytes between `until` and the null bits: what else each row begins with."""
SAID, EXACT_FROM, TIME, KNOWN, UNTIL, NULLS, CELLS = range(7)


class First:
    """Of records of one plan. Those of a view mostly have cells of the same kinds: how they lie is made out once.

    `forgotten`: the flags where a record does not reach back so far.
    """

    def __init__(self, plan: Plan, forgotten: tuple[str, ...]) -> None:
        self._forgotten = forgotten
        self._rows_at = HEAD.size + plan.size
        self._begin, self._kinds, self._row = b"", b"", 0
        self._form: Struct | None = None

    def read(
        self, records: Sequence[bytes | None], moments: Sequence[int], by_steps: Callable[[bytes | None, int], Found]
    ) -> list[Found]:
        """What each ask sees in its record; `by_steps` reads those that must be, and says what is wrong with one."""
        found: list[Found] = []
        head, rows_at, form, forgotten = HEAD.size, self._rows_at, self._form, self._forgotten
        for data, moment in zip(records, moments, strict=True):
            if data is not None and data[head:rows_at] != self._kinds:
                form = self._learn(data[head:rows_at])
            if form is not None and data is not None and len(data) >= form.size:
                said = form.unpack_from(data)
                if (
                    said[TIME] < moment <= said[UNTIL]
                    and said[KNOWN] < moment
                    and not said[NULLS]
                    and ((said[SAID] == self._begin and len(data) == form.size) or self._has_more(data))
                ):
                    found.append((said[CELLS:], () if moment >= said[EXACT_FROM] else forgotten))
                    continue
            found.append(by_steps(data, moment))
        return found

    def _has_more(self, data: bytes) -> bool:
        """Whether it is a whole record of more rows than one."""
        magic, size, count, tiles_at, _ = BEGIN.unpack_from(data)
        whole = magic == MAGIC and size == len(data) and tiles_at == self._rows_at + count * self._row
        return bool(whole and count > 1)

    def _learn(self, kinds: bytes) -> Struct | None:
        """How such records lie; None of those with texts, with more cells than a word has bits, or of no view."""
        self._kinds, self._form = kinds, None
        try:
            shape = shape_of(kinds)
        except (error, ValueError):
            return None
        if TEXT not in kinds and shape.nulls == 1:
            self._form = form_of(kinds)
            self._row, size = shape.row.size, self._form.size
            self._begin = BEGIN.pack(MAGIC, size, 1, size, size)
        return self._form


def form_of(kinds: bytes) -> Struct:
    """How what is read of a record lies, whose cells are of these kinds."""
    return Struct(FORM.format(begin=BEGIN.size, kinds=len(kinds), skipped=SKIPPED, cells=kinds.decode("ascii")))
