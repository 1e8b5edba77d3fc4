"""An entity's recent rows as one packed record of the online store, and how new rows are merged into it.

A record is made and read by this house alone, so its format may be replaced (by tiles) without anybody noticing:
`TM1`, the length of a JSON header (rows, exact_from, kinds of the columns), the header, little-endian arrays, and the
texts as JSON.
"""

from __future__ import annotations

import json
import struct
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import groupby
from operator import itemgetter
from typing import Any, NotRequired, TypedDict

import numpy as np
from numpy.typing import NDArray

from tidemill.errors import StoreError
from tidemill.facts.data import Value
from tidemill.features.rows import STANDS, Bools, Ints, Values
from tidemill.spec.view import Lookup, Window

HEAD = struct.Struct("<4sI")
MAGIC = b"TM1\n"
SLACK_US, SLACK_SHARE = 3_600_000_000, 10
"""Rows are kept for asks that are an hour, or a tenth of the longest window, older than the entity's newest row."""
ALWAYS = -(2**63)
NEVER = NO_SINCE = 2**63 - 1

KINDS: dict[str, type] = {"i": np.int64, "f": np.float64, "b": np.bool_}


class Projected(TypedDict):
    """A source's row as one view sees it; times in microseconds, `row` its landing order, `key` its key as text.

    `columns`, `values`, `masks` in the order of the view's columns and windows (value None where it has none). `until`:
    the last moment that sees it, None if it stands. `gone`: not a row, but the end of the versions of that key and time
    that landed before, seen until `known` and no longer.
    """

    time: int
    known: int
    until: NotRequired[int | None]
    row: int
    key: str
    since: NotRequired[int | None]
    columns: NotRequired[Sequence[Value]]
    values: NotRequired[Sequence[Value]]
    masks: NotRequired[Sequence[bool]]
    gone: NotRequired[bool]


@dataclass(frozen=True, slots=True, kw_only=True)
class Layout:
    """Where each window of a view finds its value and its mask: places among the record's columns, None for neither.

    The view's own columns come first; windows over the same expression or condition share one.
    """

    values: tuple[int | None, ...]
    masks: tuple[int | None, ...]
    size: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """Rows in landing order (`order`), seen up to `until` (STANDS: nothing has taken their place).

    Asks from `exact_from_us` on get what they would get from all rows.
    """

    times: Ints
    known: Ints
    until: Ints
    since: Ints
    order: Ints
    keys: tuple[str, ...]
    columns: tuple[Values, ...]
    exact_from_us: int = ALWAYS


@lru_cache(maxsize=1024)
def layout(view: Lookup) -> Layout:
    """The layout of the view's records."""
    places: dict[tuple[str, str], int] = {}

    def place(kind: str, text: str | None) -> int | None:
        return None if text is None else places.setdefault((kind, text), len(view.columns) + len(places))

    found = [
        (
            place("value", window.expression.text if window.expression else None),
            place("mask", window.where.text if window.where else None),
        )
        for _, window in view.windows
    ]
    return Layout(
        values=tuple(value for value, _ in found),
        masks=tuple(mask for _, mask in found),
        size=len(view.columns) + len(places),
    )


def pack_rows(rows: Sequence[Projected], view: Lookup, now_us: int = NEVER) -> bytes:
    """A new record of these rows of one entity."""
    return merge(None, rows, view, now_us)


def takes_back(record: bytes, rows: Sequence[Projected]) -> bool:
    """Whether one of the rows takes back or corrects one of a record that has forgotten older ones.

    What it hides then may be what the record has forgotten: it has to be made anew from all rows.
    """
    known = unpacked(record)
    if known.exact_from_us == ALWAYS:
        return False
    kept = zip(known.keys, known.times.tolist(), known.order.tolist(), strict=True)
    order = {(key, time): row for key, time, row in kept}
    return any(order.get((row["key"], row["time"]), row["row"]) < row["row"] for row in rows)


def merge(old: bytes | None, rows: Sequence[Projected], view: Lookup, now_us: int = NEVER) -> bytes:
    """The record with these rows too, in each version that some moment sees; what no ask can need any more goes.

    `now_us`: rows from after it age no other row, for their clock may be wrong.
    """
    fresh = record_of(rows, layout(view))
    whole = fresh if old is None else joined(unpacked(old), fresh)
    return packed(pruned(each_once(whole, [row for row in rows if row.get("gone")]), view, now_us))


def each_once(record: Record, ends: Sequence[Projected]) -> Record:
    """The versions that some moment sees, each once and up to when a later one, or an end, could be known."""
    enters, until = np.maximum(record.times, record.known).tolist(), record.until.tolist()
    landed: dict[tuple[str, int], list[tuple[int, int, int]]] = {}
    for place, identity in enumerate(zip(record.keys, record.times.tolist(), strict=True)):
        landed.setdefault(identity, []).append((int(record.order[place]), enters[place], place))
    for row in ends:
        if (row["key"], row["time"]) in landed:
            landed[row["key"], row["time"]].append((row["row"], row["known"], -1))
    kept = []
    for versions in landed.values():
        soonest = STANDS
        for _, same in groupby(sorted(versions, reverse=True), key=itemgetter(0)):
            delivered = list(same)
            places = [place for _, _, place in delivered if place >= 0]
            if places:
                until[places[0]] = min(soonest, *(until[place] for place in places))
                kept += [place for place in places[:1] if until[place] > enters[place]]
            soonest = min(soonest, *(start for _, start, _ in delivered))
    kept.sort(key=record.order.__getitem__)
    return taken(replace(record, until=np.array(until, np.int64)), np.array(kept, np.int64))


def record_of(rows: Sequence[Projected], places: Layout) -> Record:
    """The rows as arrays; those that are gone are left out."""
    there = [row for row in rows if not row.get("gone")]
    columns: list[list[Value]] = [[] for _ in range(places.size)]
    for row in there:
        cells: list[Value] = [*row.get("columns", ())]
        cells += [None] * (places.size - len(cells))
        for found, given in ((places.values, row.get("values", ())), (places.masks, row.get("masks", ()))):
            for place, value in zip(found, given, strict=False):
                if place is not None:
                    cells[place] = value
        for column, cell in zip(columns, cells, strict=True):
            column.append(cell)
    since = [row.get("since") for row in there]
    until = [row.get("until") for row in there]
    return Record(
        times=np.array([row["time"] for row in there], np.int64),
        known=np.array([row["known"] for row in there], np.int64),
        until=np.array([STANDS if moment is None else moment for moment in until], np.int64),
        since=np.array([NO_SINCE if moment is None else moment for moment in since], np.int64),
        order=np.array([row["row"] for row in there], np.int64),
        keys=tuple(row["key"] for row in there),
        columns=tuple(column_of(column) for column in columns),
    )


def column_of(cells: Sequence[Value]) -> Values:
    """The cells as an array of one kind; without any value it is a float column of nulls."""
    missing = np.array([cell is None for cell in cells], np.bool_)
    kinds = {type(cell) for cell in cells if cell is not None}
    if kinds <= {int, float}:
        kind = np.int64 if kinds == {int} else np.float64
        return Values(data=np.array([0 if cell is None else cell for cell in cells], kind), missing=missing)
    if kinds == {bool}:
        return Values(data=np.array([bool(cell) for cell in cells], np.bool_), missing=missing)
    data = np.empty(len(cells), object)
    data[:] = list(cells)
    return Values(data=data, missing=missing)


def joined(old: Record, new: Record) -> Record:
    """The rows of both."""
    return Record(
        times=np.concatenate([old.times, new.times]),
        known=np.concatenate([old.known, new.known]),
        until=np.concatenate([old.until, new.until]),
        since=np.concatenate([old.since, new.since]),
        order=np.concatenate([old.order, new.order]),
        keys=old.keys + new.keys,
        columns=tuple(together([one, other]) for one, other in zip(old.columns, new.columns, strict=True)),
        exact_from_us=max(old.exact_from_us, new.exact_from_us),
    )


def together(parts: Sequence[Values]) -> Values:
    """One column after the other; a part of nothing but nulls takes the kind of the others."""
    if len(parts) == 1:
        return parts[0]
    kinds = {part.data.dtype.kind for part in parts if not part.missing.all()}
    shape = kinds or {parts[0].data.dtype.kind}
    kind: Any = next(iter(shape)) if len(shape) == 1 else "f" if shape <= set("if") else "O"
    arrays = [
        part.data if part.data.dtype.kind == kind else part.data.astype(object if kind == "O" else KINDS[kind])
        for part in (part if part.data.dtype.kind == kind else blank(part) for part in parts)
    ]
    return Values(data=np.concatenate(arrays), missing=np.concatenate([part.missing for part in parts]))


def blank(column: Values) -> Values:
    """The column with a number wherever it has no value, so that it can become another kind."""
    if column.data.dtype.kind != "O":
        return column
    return Values(data=np.where(column.missing, 0, column.data), missing=column.missing)


def taken(record: Record, places: Ints) -> Record:
    """The rows at these places, in that order."""
    return Record(
        times=record.times[places],
        known=record.known[places],
        until=record.until[places],
        since=record.since[places],
        order=record.order[places],
        keys=tuple(record.keys[place] for place in places),
        columns=tuple(Values(data=column.data[places], missing=column.missing[places]) for column in record.columns),
        exact_from_us=record.exact_from_us,
    )


def pruned(record: Record, view: Lookup, now_us: int) -> Record:
    """The rows that asks a little older than the newest row can see; a view with `since` keeps all of its states.

    A version that was replaced stays as long as such an ask can be older than that.
    """
    if not len(record.times) or view.source.since is not None:
        return record
    longest = max((window.length_us or 0 for _, window in view.windows), default=0)
    exact_from = min(int(record.times.max()), now_us) - max(SLACK_US, longest // SLACK_SHARE)
    kept = np.maximum(record.times, record.known) >= exact_from
    windows = [window for _, window in view.windows]
    oldest = min((reach(window, exact_from) for window in windows if window.length_us is not None), default=None)
    if oldest is not None:
        kept |= record.times >= oldest
    masks = [record.columns[place].data if place is not None else None for place in layout(view).masks]
    for window, mask in zip(windows, masks, strict=True):
        if window.length_us is None:
            keep_newest(kept, record, exact_from, mask)
    if view.columns:
        keep_newest(kept, record, exact_from, None)
    kept = np.where(record.until == STANDS, kept, record.until >= exact_from)
    if kept.all():
        return record
    left = taken(record, np.flatnonzero(kept))
    return replace(left, exact_from_us=max(exact_from, record.exact_from_us))


def reach(window: Window, moment: int) -> int:
    """The oldest event time that the window can hold at that moment or later."""
    return moment - (window.length_us or 0) - window.step_us


def keep_newest(kept: Bools, record: Record, moment: int, mask: NDArray[Any] | None) -> None:
    """Marks the newest row, by event time and then landing, of those visible at the moment and for good."""
    seen = (np.maximum(record.times, record.known) < moment) & (record.until == STANDS)
    places = np.flatnonzero(seen if mask is None else seen & mask.astype(np.bool_))
    if len(places):
        kept[places[np.lexsort((record.order[places], record.times[places]))[-1]]] = True


def packed(record: Record) -> bytes:
    """The record as bytes."""
    kinds: list[str] = []
    ends = bool(np.any(record.until != STANDS))
    arrays: list[NDArray[Any]] = [record.times, record.known, record.since, record.order]
    arrays += [record.until] if ends else []
    texts: list[list[Value]] = []
    for column in record.columns:
        kind = "t" if column.data.dtype.kind == "O" else column.data.dtype.kind
        kinds.append(kind + ("?" if column.missing.any() else ""))
        if kind == "t":
            texts.append([None if gone else cell for cell, gone in zip(column.data, column.missing, strict=True)])
        else:
            arrays.append(column.data)
        if column.missing.any():
            arrays.append(column.missing)
    head = {"n": len(record.times), "from": record.exact_from_us, "kinds": kinds, "ends": ends}
    header = json.dumps(head).encode()
    tail = json.dumps([*texts, list(record.keys)], ensure_ascii=False, separators=(",", ":")).encode()
    return b"".join([HEAD.pack(MAGIC, len(header)), header, *(array.tobytes() for array in arrays), tail])


def unpacked(data: bytes) -> Record:
    """The record of these bytes. StoreError `record-corrupt` when they are none."""
    try:
        return parsed(data)
    except (ValueError, KeyError, IndexError, struct.error) as error:
        raise StoreError("record-corrupt", reason=str(error)) from error


def parsed(data: bytes) -> Record:
    """The record of these bytes; arrays are views into them."""
    magic, length = HEAD.unpack_from(data)
    if magic != MAGIC:
        raise ValueError("not a packed record")
    at = HEAD.size + length
    header = json.loads(data[HEAD.size : at])
    n = header["n"]

    def array(kind: type) -> NDArray[Any]:
        nonlocal at
        found: NDArray[Any] = np.frombuffer(data, kind, n, at)
        at += found.nbytes
        return found

    times, known, since, order = (array(np.int64) for _ in range(4))
    until = array(np.int64) if header["ends"] else np.full(n, STANDS)
    cells: list[tuple[NDArray[Any] | None, Bools]] = []
    for kind in header["kinds"]:
        numbers = None if kind[0] == "t" else array(KINDS[kind[0]])
        cells.append((numbers, array(np.bool_) if kind[1:] else np.zeros(n, np.bool_)))
    *texts, keys = json.loads(data[at:])
    spoken = iter(texts)
    columns = [
        Values(data=objects(next(spoken)) if numbers is None else numbers, missing=gone) for numbers, gone in cells
    ]
    return Record(
        times=times,
        known=known,
        until=until,
        since=since,
        order=order,
        keys=tuple(keys),
        columns=tuple(columns),
        exact_from_us=header["from"],
    )


def objects(cells: Sequence[Value]) -> NDArray[np.object_]:
    """The texts as an array of objects."""
    data = np.empty(len(cells), object)
    data[:] = cells
    return data
