"""A column of a profile as a reader sees it: in a line of the table, and whole."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, tzinfo

from tidemill.facts.data import ColumnProfile, Relation
from tidemill.interfaces.report.page import Markup
from tidemill.interfaces.report.relation import groups_picture
from tidemill.spec.zones import shown_at
from tidemill.tell.draw import number
from tidemill.tell.draw.axis import Axis
from tidemill.tell.draw.bars import Bar, bars, histogram
from tidemill.tell.draw.frame import Told
from tidemill.tell.draw.spark import bins

QUANTILES = ("lowest", "1 %", "5 %", "25 %", "median", "75 %", "95 %", "99 %", "highest")
WORDS = 3
LONGEST = 34


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One line of the table of columns."""

    name: str
    type: str
    missing: str
    distinct: str
    spark: Markup
    values: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Whole:
    """One column with its picture and its figures; `related`: each label's outcome in groups of its values."""

    name: str
    note: str
    picture: Markup
    related: tuple[tuple[str, Markup], ...]
    facts: tuple[tuple[str, str], ...]


def line_of(column: ColumnProfile, zone: tzinfo = UTC) -> Line:
    """The column in the table."""
    return Line(
        name=column.name,
        type=column.type,
        missing=number.share(column.nulls / column.rows) if column.rows else number.NONE,
        distinct=number.count(column.distinct),
        spark=Markup(spark_of(column)),
        values=values_of(column, zone),
    )


def spark_of(column: ColumnProfile) -> str:
    """A small histogram of amounts and times, or of the most frequent words."""
    if column.counts and not few(column):
        return bins(column.counts, title=f"{column.name}: how its values are spread")
    if column.top:
        return bins([n for _, n in column.top], title=f"{column.name}: its most frequent values", tone="champ")
    return ""


def values_of(column: ColumnProfile, zone: tzinfo) -> str:
    """The ends and the middle of amounts and times, the most frequent words with their shares."""
    if column.quantiles and column.distinct > 2:
        low, middle, high = (number.amount(column.quantiles[place]) for place in (0, 4, 8))
        return f"{low} … {middle} … {high}"
    if column.top:
        present = max(column.rows - column.nulls, 1)
        named = [f"{cut(value)} {number.share(n / present)}" for value, n in column.top[:WORDS]]
        return ", ".join(named) + (" …" if column.distinct > WORDS else "")
    if column.type in {"timestamp", "date"} and column.edges:
        return f"mostly {day(column.edges[0], zone)} … {day(column.edges[-1], zone)}"
    return "each another" if column.distinct == column.rows - column.nulls > 1 else ""


def whole_of(column: ColumnProfile, zone: tzinfo = UTC, related: Iterable[Relation] = ()) -> Whole:
    """The column with its picture, and how it goes with labels."""
    return Whole(
        name=column.name,
        note=column.type,
        picture=Markup(picture_of(column, zone)),
        related=tuple((f"{one.label} by {one.column}", groups_picture(one)) for one in related),
        facts=tuple(facts_of(column)),
    )


def picture_of(column: ColumnProfile, zone: tzinfo) -> str:
    """A histogram of amounts and times, bars of words."""
    told = Told(title=f"{column.name}: how its values are spread", description=f"{number.count(column.rows)} rows")
    if len(column.edges) > 1 and not few(column):
        x = Axis(name=column.name, kind="time" if column.type in {"timestamp", "date"} else "number", zone=zone)
        return histogram(told, column.edges, column.counts, x=x, y=Axis(name="rows", kind="count"))
    present = max(column.rows - column.nulls, 1)
    rows = [Bar(name=value, value=n, text=number.share(n / present)) for value, n in column.top]
    return bars(told, rows) if rows else ""


def facts_of(column: ColumnProfile) -> Iterator[tuple[str, str]]:
    """Its figures by name."""
    yield "rows", number.count(column.rows)
    yield "missing", number.count(column.nulls)
    yield "different values", number.count(column.distinct)
    if column.mean is not None:
        yield "mean", number.amount(column.mean)
    if column.std is not None:
        yield "standard deviation", number.amount(column.std)
    for name, value in zip(QUANTILES, column.quantiles, strict=False):
        yield name, number.amount(value, 6)
    if column.edges and column.top:
        yield "most frequent", ", ".join(f"{cut(value)} ({number.count(n)})" for value, n in column.top[:5])


def few(column: ColumnProfile) -> bool:
    """Whether all its values are among the named ones: then each gets its own bar."""
    return 0 < column.distinct <= len(column.top) and column.type not in {"timestamp", "date"}


def cut(text: str) -> str:
    """A word that fits; an empty one as what it is."""
    if not text.strip():
        return "''"
    return text if len(text) <= LONGEST else f"{text[: LONGEST - 1]}…"


def day(us: float, zone: tzinfo) -> str:
    """The day of a moment."""
    return shown_at(us, zone).date().isoformat()
