"""The table of an attempt: read from its files, its time and its label understood."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from tidemill.app.attempt.record import Target, Timing
from tidemill.app.context import silent
from tidemill.app.wiring import make
from tidemill.errors import DataError
from tidemill.features.offline.columns import text_of, values_of, words_of
from tidemill.features.plan import quoted
from tidemill.measure.column import NULL_CODE, Column, Kind
from tidemill.spec import written
from tidemill.spec.nearest import nearest
from tidemill.spec.source import Files

if TYPE_CHECKING:
    import pyarrow as pa

    from tidemill.measure.arrays import Floats
    from tidemill.ports.compute import Compute
    from tidemill.ports.context import Progress
    from tidemill.ports.source import Reader

DAY_US = 86_400_000_000
KINDS: Mapping[str, Kind] = {
    "int": "number", "float": "number", "boolean": "boolean", "date": "time", "timestamp": "time", "text": "text",
}  # fmt: skip
EPOCHS = ((631_152_000, 4_102_444_800, 1_000_000), (631_152_000_000, 4_102_444_800_000, 1_000))
"""Whole numbers from 1990 to 2100 as seconds or milliseconds since 1970, and microseconds in one."""
DECIMAL = "decimal"
SHOWN = 5
YES = frozenset({"yes", "y", "true", "1"})


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Raw:
    """The rows as they were read, and each column's type in the dialect's words."""

    name: str
    rows: pa.Table
    types: Mapping[str, str]

    def column(self, name: str) -> Column:
        """A column as the measures read it; what they cannot read is text."""
        return column_of(self.rows[name], self.types[name])


def load(path: Path, compute: Compute) -> Raw:
    """All rows of CSV, JSONL or Parquet files. SourceError as the reader says; DataError `empty-source`."""
    return read_whole(make("source.files", Files(path=str(path))), path.name, compute)


def read_whole(reader: Reader, name: str, compute: Compute, progress: Progress = silent) -> Raw:
    """All rows of a source, under a name. SourceError as the reader says; DataError `empty-source`."""
    types = {column.name: column.type for column in reader.columns()}
    pieces: dict[str, pa.Table] = {}
    for piece in reader.slices(""):
        pieces[f"part{len(pieces)}"] = piece.rows
        progress("rows", sum(part.num_rows for part in pieces.values()), None)
    if not any(part.num_rows for part in pieces.values()):
        raise DataError("empty-source", source=name)
    union = " union all by name ".join(f"select {plain(rows)} from {part}" for part, rows in pieces.items())
    rows = compute.query(union, pieces) if len(pieces) > 1 else pieces["part0"]
    return Raw(name=name, rows=rows, types=types)


def plain(rows: pa.Table) -> str:
    """The columns in SQL, decimals as floats: of two types of 38 digits the engine would cut places off one."""
    decimals = [quoted(field.name) for field in rows.schema if str(field.type).startswith(DECIMAL)]
    floats = ", ".join(f"cast({name} as double) as {name}" for name in decimals)
    return f"* replace ({floats})" if floats else "*"


def column_of(values: pa.ChunkedArray, kind: str) -> Column:
    """An Arrow column as the measures read it."""
    if kind not in KINDS or kind == "text":
        codes, words = words_of(text_of(values))
        return Column(kind="text", values=codes, null=codes == NULL_CODE, labels=words)
    plain = values_of(values)
    data = plain.data * DAY_US if kind == "date" else plain.data
    missing = plain.missing | (data != data) if kind == "float" else plain.missing  # noqa: PLR0124 - NaN is not itself.
    return Column(kind=KINDS[kind], values=data.astype("int8") if kind == "boolean" else data, null=missing)


def timing(raw: Raw, name: str) -> Timing:
    """How the column orders the rows. DataError `column-missing`, `not-an-order` (a text, a float), `order-empty`."""
    demand(raw, name)
    kind = raw.types[name]
    column = raw.column(name)
    if column.nulls == column.rows:
        raise DataError("order-empty", column=name)
    if kind in {"timestamp", "date"}:
        return Timing(column=name, kind="time", name=name)
    if kind != "int":
        raise DataError("not-an-order", column=name, type=kind, times=times_of(raw))
    low, high = int(column.present().min()), int(column.present().max())
    made = free_name("happened_at", raw.types)
    for first, last, unit in EPOCHS:
        if first <= low and high <= last:
            return Timing(column=name, kind="epoch", made=f"make_timestamp({quoted(name)} * {unit})", name=made)
    since = f"cast('2000-01-01' as timestamp) + to_seconds({quoted(name)})"
    return Timing(column=name, kind="order", made=since, name=made)


def times_of(raw: Raw) -> tuple[str, ...]:
    """Columns that could order the rows."""
    return tuple(name for name, kind in raw.types.items() if kind in {"timestamp", "date", "int"})[:SHOWN]


def free_name(wished: str, taken: Mapping[str, str]) -> str:
    """The name, with a number behind it where it is taken."""
    return next(name for name in (wished, *(f"{wished}_{n}" for n in range(2, 1000))) if name not in taken)


def target(raw: Raw, name: str, positive: str | None) -> Target:
    """What is to be predicted.

    DataError `column-missing`, `label-constant`, `label-many-words` (a text of more than two), `label-no-such-value`,
    `label-kind` (a time).
    """
    demand(raw, name)
    kind, column = raw.types[name], raw.column(name)
    words = values(column)
    if len(words) < 2:
        raise DataError("label-constant", column=name, values=tuple(words))
    if kind in {"timestamp", "date"} or kind not in KINDS:
        raise DataError("label-kind", column=name, type=kind)
    if positive is not None and positive not in words:
        raise DataError("label-no-such-value", column=name, value=positive, values=tuple(words)[:SHOWN])
    if len(words) > 2 and positive is None:
        if kind == "text":
            some = tuple(words)[:SHOWN]
            raise DataError(
                "label-many-words",
                column=name,
                distinct=len(words),
                values=some,
                example=min(words, key=words.__getitem__),
            )
        return Target(column=name, kind="number", outcome=written.name(name))
    event = positive or usual_event(words)
    return Target(column=name, kind="event", outcome=is_event(name, kind, event), positive=event)


def outcome_of(column: Column, target: Target) -> Floats:
    """The outcome of each row: 0 and 1, or the number; NaN where it is not known."""
    if target.kind == "number":
        return column.numbers()
    events: set[float] = {place for place, value in enumerate(column.labels) if value == target.positive}
    if column.kind == "boolean":
        events = {int(target.positive == "true")}
    elif column.kind == "number":
        events = {float(target.positive)}
    outcome: Floats = sum((column.values == event for event in events), start=column.values != column.values)
    outcome = outcome.astype("float64")
    outcome[column.null] = float("nan")
    return outcome


def usual_event(words: Mapping[str, int]) -> str:
    """Of two values the one that says yes, else the rarer one."""
    for word in words:
        if word.strip().casefold() in YES:
            return word
    return min(words, key=lambda word: (words[word], word))


def values(column: Column) -> dict[str, int]:
    """Distinct values as a person writes them, with their rows; the most frequent first."""
    counts = Counter(column.present().tolist())
    return {shown(column, value): rows for value, rows in counts.most_common()}


def shown(column: Column, value: float) -> str:
    """One value as text."""
    if column.kind == "text":
        return column.labels[int(value)]
    if column.kind == "boolean":
        return "true" if value else "false"
    return str(int(value)) if value == value // 1 else repr(value)


def is_event(name: str, kind: str, event: str) -> str:
    """The expression that is true for the event."""
    if kind == "boolean":
        return written.name(name) if event == "true" else f"not {written.name(name)}"
    literal = written.text(event) if kind == "text" else event
    return f"{written.name(name)} = {literal}"


def demand(raw: Raw, name: str) -> None:
    """DataError `column-missing` with the nearest that is there."""
    if name not in raw.types:
        raise DataError("column-missing", column=name, where=raw.name, nearest=nearest(name, raw.types) or "")


def slug(text: str, instead: str) -> str:
    """The text as a name: letters, digits, underscores, not beginning with a digit."""
    name = re.sub(r"\W+", "_", text.strip()).strip("_")
    return name if name.isidentifier() else f"{instead}_{name}".strip("_") if name else instead


def slugs(names: Sequence[str]) -> tuple[str, ...]:
    """A different name for each."""
    found: dict[str, None] = {}
    for name in names:
        wished = slug(name, "column")
        number = 2
        free = wished
        while free in found:
            free, number = f"{wished}_{number}", number + 1
        found[free] = None
    return tuple(found)
