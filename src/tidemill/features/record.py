"""An entity's record in the online store: bytes, and the rows and tiles that they hold.

A head, the kind of each cell, the rows from the newest to the oldest, each group's tiles, and the texts of the rows.
Records are made and read by this house alone: another version of the format begins with another `MAGIC`.
"""

from __future__ import annotations

import struct
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache
from struct import Struct
from typing import NamedTuple

from tidemill.errors import StoreError
from tidemill.facts.data import Value
from tidemill.features import tiles
from tidemill.features.rows import STANDS
from tidemill.features.tileplan import Plan
from tidemill.features.tiles import Tiles

MAGIC = b"TM3\n"
HEAD = Struct("<4sIIIIIqq")
"""Magic, size, rows, where tiles and texts begin, and what Record says: spare, exact_from_us, newest_us."""
ALWAYS = -(2**63)
NEVER, NO_SINCE = STANDS, STANDS
FOLDED = 1
FIXED = "<qqqqqB"
"""What each row begins with: time, known, until, since, order and whether tiles hold it."""
FIELDS = 6
FIRST = Struct(FIXED)
NUMBERS = {bool: "?", int: "q", float: "d"}
KINDS, TEXT, NOTHING = {kind: ord(letter) for kind, letter in NUMBERS.items()}, ord("Q"), ord("d")


BROKEN = (ValueError, IndexError, TypeError, struct.error)
"""What the bytes of no record may lead to."""


class Row(NamedTuple):
    """A source's row as one view sees it: times in microseconds, `order` of landing, its cells as the plan has them.

    Asks see it that come after `time` and `known`, up to `until` (NEVER: nothing has replaced it). `since`: from when
    its state may be assumed (NO_SINCE: no longer than it says). `folded`: tiles hold it too.
    """

    time: int
    known: int
    until: int
    since: int
    order: int
    cells: Sequence[Value]
    folded: bool = False

    @property
    def enters(self) -> int:
        """Asks after that moment see it."""
        return max(self.time, self.known)


@dataclass(slots=True, kw_only=True)
class Record:
    """Rows from the newest (by time, then landing) to the oldest, and each group's tiles.

    Asks from `exact_from_us` on get what they would get from all rows. `newest_us`: the last moment at which one of the
    entity's rows arrived. `spare`: so many rows may come before it is worth while to settle again.
    """

    rows: list[Row]
    tiles: list[Tiles]
    exact_from_us: int = ALWAYS
    newest_us: int = ALWAYS
    spare: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Shape:
    """How the rows of a record lie in its bytes: their kinds of cells, one word of null bits per 64 of them."""

    row: Struct
    nulls: int
    texts: tuple[int, ...]


@lru_cache(maxsize=4096)
def shape_of(kinds: bytes) -> Shape:
    """The shape of rows with cells of these kinds: `?`, `q`, `d`, or `Q` for text. struct.error for other kinds."""
    letters = kinds.decode("ascii")
    nulls = (len(letters) + 63) // 64
    if set(letters) - {"?", "q", "d", "Q"}:
        raise struct.error(f"cells of kinds {letters}")
    return Shape(
        row=Struct(f"{FIXED}{nulls}Q{letters}"),
        nulls=nulls,
        texts=tuple(place for place, letter in enumerate(letters) if letter == "Q"),
    )


def packed(record: Record, plan: Plan) -> bytes:
    """The record as bytes."""
    kinds = kinds_of(record.rows, plan.size)
    texts = bytearray()
    rows = b"".join([packed_row(row, kinds, texts) for row in record.rows])
    tiles_at = HEAD.size + len(kinds) + len(rows)
    tiles = b"".join([one.packed() for one in record.tiles])
    texts_at = tiles_at + len(tiles)
    size = texts_at + len(texts)
    numbers = (len(record.rows), tiles_at, texts_at, record.spare, record.exact_from_us, record.newest_us)
    return b"".join([HEAD.pack(MAGIC, size, *numbers), kinds, rows, tiles, texts])


def put_before(old: bytes, rows: Sequence[Row], plan: Plan) -> bytes | None:
    """The record with these rows, newest first, before all that it has; None where that is not what is to be done.

    It is as long as there are rows to spare, all are newer, nothing has replaced one, and the cells are of the same
    kinds: then nothing else has to be read. ValueError, struct.error for what is no record.
    """
    opened = Opened(old, plan)
    if len(rows) > opened.spare or not opened.count:
        return None
    time, _, _, _, order, *_ = FIRST.unpack_from(old, opened.rows_at)
    if (rows[-1].time, rows[-1].order) <= (time, order):
        return None
    kinds = old[HEAD.size : opened.rows_at]
    if any(row.until != NEVER or not fits(row.cells, kinds) for row in rows):
        return None
    texts = bytearray(old[opened.texts_at :])
    fresh = b"".join([packed_row(row, kinds, texts) for row in rows])
    tiles_at, texts_at = opened.tiles_at + len(fresh), opened.texts_at + len(fresh)
    newest = max([opened.newest_us, *(row.enters for row in rows)])
    numbers = (opened.count + len(rows), tiles_at, texts_at, opened.spare - len(rows), opened.exact_from_us, newest)
    head = HEAD.pack(MAGIC, texts_at + len(texts), *numbers)
    return b"".join([head, kinds, fresh, old[opened.rows_at : opened.texts_at], texts])


def fits(cells: Sequence[Value], kinds: bytes) -> bool:
    """Whether the cells are of these very kinds, or null."""
    return all(cell is None or KINDS.get(type(cell), TEXT) == kind for cell, kind in zip(cells, kinds, strict=True))


def kinds_of(rows: Sequence[Row], size: int) -> bytes:
    """The kind of each of the rows' cells; most records of columns have one row."""
    if len(rows) == 1:
        return kinds_of_types(tuple(map(type, rows[0].cells)))
    return "".join(kind_of([row.cells[place] for row in rows]) for place in range(size)).encode()


@lru_cache(maxsize=4096)
def kinds_of_types(types: tuple[type, ...]) -> bytes:
    """The kinds of cells of these types."""
    return bytes(NOTHING if kind is type(None) else KINDS.get(kind, TEXT) for kind in types)


def kind_of(cells: Iterable[Value]) -> str:
    """The kind that holds all of these: whole numbers beside fractions are fractions."""
    kinds = {type(cell) for cell in cells if cell is not None}
    if not kinds:
        return "d"
    if len(kinds) == 1:
        return NUMBERS.get(kinds.pop(), "Q")
    return "d" if kinds <= {int, float} else "Q"


def packed_row(row: Row, kinds: bytes, texts: bytearray) -> bytes:
    """The row as bytes; its texts go to the end of the record's, a cell says where and how long."""
    shape = shape_of(kinds)
    bits, cells = 0, list(row.cells)
    if None in cells:
        for place, cell in enumerate(cells):
            if cell is None:
                bits |= 1 << place
                cells[place] = 0
    for place in shape.texts:
        text = str(row.cells[place]).encode() if row.cells[place] is not None else b""
        cells[place] = len(texts) << 32 | len(text)
        texts += text
    words = [bits >> (64 * word) & (2**64 - 1) for word in range(shape.nulls)]
    fixed = (row.time, row.known, row.until, row.since, row.order, FOLDED if row.folded else 0)
    return shape.row.pack(*fixed, *words, *cells)


def unpacked(data: bytes, plan: Plan) -> Record:
    """The record of these bytes. ValueError, IndexError, TypeError, struct.error when they are none of this plan."""
    opened = Opened(data, plan)
    words, at, held = opened.words(), 0, []
    for group in plan.groups:
        one, at = tiles.unpacked(words, group, at)
        held.append(one)
    return Record(rows=list(opened.rows()), tiles=held, exact_from_us=opened.exact_from_us, newest_us=opened.newest_us)


@contextmanager
def told() -> Iterator[None]:
    """StoreError `record-corrupt` for whatever the bytes of no record lead to."""
    try:
        yield
    except BROKEN as error:
        raise StoreError("record-corrupt", reason=str(error)) from error


class Opened:
    """A record's bytes, to be read as far as somebody needs. ValueError, struct.error for what is no record."""

    __slots__ = ("count", "data", "exact_from_us", "newest_us", "rows_at", "shape", "spare", "texts_at", "tiles_at")

    def __init__(self, data: bytes, plan: Plan) -> None:
        head = HEAD.unpack_from(data)
        magic, size, self.count, self.tiles_at, self.texts_at, self.spare, self.exact_from_us, self.newest_us = head
        self.data, self.rows_at = data, HEAD.size + plan.size
        self.shape = shape_of(data[HEAD.size : self.rows_at])
        if magic != MAGIC or size != len(data) or self.tiles_at != self.rows_at + self.count * self.shape.row.size:
            raise ValueError("not a record of this view")

    def words(self) -> memoryview:
        """The words of its tiles."""
        return tiles.words_of(self.data, self.tiles_at, self.texts_at)

    def rows(self) -> Iterable[Row]:
        """The rows, from the newest to the oldest."""
        row, at = self.shape.row, self.rows_at
        for _ in range(self.count):
            fields = row.unpack_from(self.data, at)
            time, known, until, since, order, folded = fields[:FIELDS]
            yield Row(time, known, until, since, order, self.cells(fields), folded == FOLDED)
            at += row.size

    def loose(self, asked_at_us: int) -> list[tuple[int, Sequence[Value]]]:
        """Time and cells of the rows that no tile holds and that an ask at that moment sees, newest first."""
        row, at, found = self.shape.row, self.rows_at, []
        for _ in range(self.count):
            fields = row.unpack_from(self.data, at)
            if fields[5] != FOLDED and fields[0] < asked_at_us and fields[1] < asked_at_us <= fields[2]:
                found.append((fields[0], self.cells(fields)))
            at += row.size
        return found

    def newest(self, asked_at_us: int) -> tuple[int, Sequence[Value]] | None:
        """Time and cells of the newest row that an ask at that moment sees."""
        row, at = self.shape.row, self.rows_at
        for _ in range(self.count):
            fields = row.unpack_from(self.data, at)
            if fields[0] < asked_at_us and fields[1] < asked_at_us <= fields[2]:
                return fields[0], self.cells(fields)
            at += row.size
        return None

    def cells(self, fields: Sequence[Value]) -> Sequence[Value]:
        """The cells of a row from all that was read of it."""
        shape = self.shape
        cells = fields[FIELDS + shape.nulls :]
        nulls = fields[FIELDS] if shape.nulls == 1 else any(fields[FIELDS : FIELDS + shape.nulls])
        if not nulls and not shape.texts:
            return cells
        found = list(cells)
        for place in shape.texts:
            where = int(found[place] or 0)
            begin = self.texts_at + (where >> 32)
            found[place] = self.data[begin : begin + (where & (2**32 - 1))].decode()
        for word in range(shape.nulls):
            bits = int(fields[FIELDS + word] or 0)
            while bits:
                place = (bits & -bits).bit_length() - 1
                found[64 * word + place] = None
                bits &= bits - 1
        return found
