"""Intervals under each other: which figures are apart, and which only seem so."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from tidemill.tell.draw import number
from tidemill.tell.draw.axis import Axis, Scale, scale
from tidemill.tell.draw.frame import Bound, Told, Tone, numbers
from tidemill.tell.draw.svg import anchor, percent, tag, words

ROW = 30


@dataclass(frozen=True, slots=True, kw_only=True)
class Interval:
    """A figure with its bounds (None: not known) and the rows it stands on."""

    name: str
    value: float | None
    low: float | None = None
    high: float | None = None
    n: int | None = None
    note: str = ""
    tone: Tone = "champ"


def forest(told: Told, rows: Sequence[Interval], *, x: Axis, bound: Bound | None = None, places: int = 3) -> str:
    """A row per interval: name, the mark on a common scale, the figure."""
    values = [value for row in rows for value in (row.value, row.low, row.high)]
    axis = scale(x, [*values, bound.value if bound else None], 5)
    body = [table_row(axis, row, bound, places) for row in rows]
    foot = tag(
        "tr", tag("td", words(x.title), class_="small dim"), tag("td", ticks(axis, bound), class_="fx"), tag("td", "")
    )
    table = tag("table", tag("tbody", *body), tag("tfoot", foot), class_="forest", aria_label=told.title)
    return tag("figure", table, numbers(told), class_="fig")


def table_row(axis: Scale, row: Interval, bound: Bound | None, places: int) -> str:
    """One interval."""
    beside = " · ".join(filter(None, (row.note, f"n {number.count(row.n)}" if row.n else "")))
    name = tag("b", words(row.name)) + (tag("span", words(beside), class_="small dim nw") if beside else "")
    figure = tag("b", number.fixed(row.value, places)) + tag(
        "span", number.between(row.low, row.high, places), class_="ci"
    )
    return tag(
        "tr",
        tag("th", name, scope="row"),
        tag("td", mark(axis, row, bound), class_="fx"),
        tag("td", figure, class_="num"),
    )


def mark(axis: Scale, row: Interval, bound: Bound | None) -> str:
    """The interval as a line with its dot, the bound behind it."""
    middle = ROW / 2
    parts = [tag("line", class_="g", x1=0, x2="100%", y1=middle, y2=middle)]
    if bound is not None:
        x = percent(axis.at(bound.value))
        parts.append(tag("line", class_="lim good" if bound.good else "lim", x1=x, x2=x, y1=0, y2=ROW))
    if row.low is not None and row.high is not None:
        ends = percent(axis.at(row.low)), percent(axis.at(row.high))
        parts.append(tag("line", class_=f"l {row.tone}", x1=ends[0], x2=ends[1], y1=middle, y2=middle))
    if row.value is not None:
        parts.append(tag("circle", class_=f"pt {row.tone}", cx=percent(axis.at(row.value)), cy=middle, r=4.5))
    label = f"{row.name}: {number.fixed(row.value)} {number.between(row.low, row.high)}".strip()
    return tag("svg", *parts, width="100%", height=ROW, role="img", aria_label=label)


def ticks(axis: Scale, bound: Bound | None) -> str:
    """The common scale, and what the bound is called."""
    places = ((axis.at(value), text) for value, text in axis.ticks)
    parts = [tag("text", words(text), x=percent(at), y=12, text_anchor=anchor(at)) for at, text in places]
    if bound is not None:
        good = " good" if bound.good else ""
        parts.append(
            tag(
                "text",
                words(bound.text),
                class_=f"limt{good}",
                x=percent(axis.at(bound.value)),
                y=27,
                text_anchor="middle",
            )
        )
    return tag("svg", *parts, width="100%", height=32 if bound else 16, aria_hidden="true", class_="pa")
