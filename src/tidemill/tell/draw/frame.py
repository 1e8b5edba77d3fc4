"""The frame of a plot: grid, axes with names, bounds and moments drawn and labelled, and its numbers as a table."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from tidemill.tell.draw.axis import Scale
from tidemill.tell.draw.svg import anchor, percent, tag, words

Tone = Literal["champ", "chall", "tide", "ok", "warn", "bad", "ink"]

FOOT = 20
"""Height below the plot for the ticks of x."""
HEAD = 8
"""Height above the plot, so that a label at the top is whole."""
SIGN = 6.8
"""Width of a sign of the ticks, in pixels."""
MIDDLE_OF_TEXT = 4
LANE = 22
"""Height of a lane below."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Bound:
    """A level that must be kept, with its words at one of its ends; `good`: reaching it is good."""

    value: float
    text: str
    good: bool = False
    side: Literal["left", "right"] = "left"


@dataclass(frozen=True, slots=True, kw_only=True)
class Moment:
    """A place on x where something happened."""

    at: float
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Stretch:
    """A piece of x under one word: `wait` hatched (not known yet), else shaded."""

    low: float
    high: float
    text: str
    kind: Literal["wait", "good", "bad"] = "wait"


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """What a plot says beside its picture: title, description, numbers as a table (heads, rows of text)."""

    title: str
    description: str = ""
    heads: tuple[str, ...] = ()
    rows: tuple[tuple[str, ...], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Area:
    """Where a plot is drawn: its scales and its height in pixels; x stretches with the page."""

    x: Scale
    y: Scale
    height: int

    def up(self, value: float) -> float:
        """Pixels from the top."""
        return HEAD + self.height * (1 - self.y.at(value))

    def along(self, value: float) -> str:
        """Share of the width."""
        return percent(self.x.at(value))

    @property
    def floor(self) -> float:
        """Pixels from the top to the axis of x."""
        return float(HEAD + self.height)


def plot(
    area: Area,
    marks: Sequence[str],
    told: Told,
    *,
    legend: str = "",
    bounds: Sequence[Bound] = (),
    moments: Sequence[Moment] = (),
    stretches: Sequence[Stretch] = (),
    below: Sequence[tuple[str, str]] = (),
) -> str:
    """The whole figure; marks are drawn over the grid and under the bounds.

    `below`: lanes under the axis of x, each its name and its marks.
    """
    names = [*(text for _, text in area.y.ticks), *(name for name, _ in below)]
    gutter, high = round(max(map(len, names), default=1) * SIGN + 14), area.height + HEAD + FOOT + LANE * len(below)
    inner = [
        *(stretch(area, one) for one in stretches), *grid(area), *marks,
        *(bound(area, one) for one in bounds), *(moment(area, one) for one in moments), *bottom(area),
        *(lane(area, place, marks) for place, (_, marks) in enumerate(below)),
    ]  # fmt: skip
    picture = tag(
        "svg", tag("title", words(told.title)), *([tag("desc", words(told.description))] if told.description else []),
        *inner, width="100%", height=high, role="img", class_="pa",
        aria_label=". ".join(filter(None, (told.title, told.description))),
    )  # fmt: skip
    beside = [*left_ticks(area, gutter), *lane_names(area, below, gutter)]
    left = tag("svg", *beside, width=gutter, height=high, aria_hidden="true")
    over, under = tag("p", words(area.y.axis.title), class_="yn"), tag("p", words(area.x.axis.title), class_="xn")
    return tag("figure", legend, over, tag("div", left, picture, class_="plot"), under, numbers(told), class_="fig")


def grid(area: Area) -> list[str]:
    """A line at each tick of y."""
    lines = ((area.up(value)) for value, _ in area.y.ticks)
    return [tag("line", class_="g", x1=0, x2="100%", y1=y, y2=y) for y in lines]


def left_ticks(area: Area, gutter: int) -> list[str]:
    """Texts of y."""
    return [
        tag("text", words(text), x=gutter - 7, y=area.up(value) + MIDDLE_OF_TEXT, text_anchor="end")
        for value, text in area.y.ticks
    ]


def lane_names(area: Area, below: Sequence[tuple[str, str]], gutter: int) -> list[str]:
    """Names of the lanes under the axis of x."""
    top = area.floor + FOOT
    return [
        tag("text", words(name), x=gutter - 11, y=top + LANE * place + 14, text_anchor="end")
        for place, (name, _) in enumerate(below)
    ]


def lane(area: Area, place: int, marks: str) -> str:
    """One lane: a line to stand on, and its marks."""
    rail = tag("line", class_="g", x1=0, x2="100%", y1=9.5, y2=9.5)
    return tag("svg", rail, marks, y=area.floor + FOOT + LANE * place, width="100%", height=LANE, overflow="visible")


def bottom(area: Area) -> list[str]:
    """The axis of x with its ticks; those at the ends are held inside, and every second one gives way on a phone."""
    found = [tag("line", class_="ax", x1=0, x2="100%", y1=area.floor, y2=area.floor)]
    for place, (value, text) in enumerate(area.x.ticks):
        at, small = area.x.at(value), "hs" if place % 2 else None
        found.append(tag("text", words(text), x=percent(at), y=area.floor + 15, text_anchor=anchor(at), class_=small))
    return found


def bound(area: Area, one: Bound) -> str:
    """The level and its words on the line."""
    y, good = area.up(one.value), " good" if one.good else ""
    x, held = (4, "start") if one.side == "left" else ("100%", "end")
    line = tag("line", class_=f"lim{good}", x1=0, x2="100%", y1=y, y2=y)
    below = y < HEAD + 14
    return line + tag("text", words(one.text), class_=f"limt{good}", x=x, y=y + (14 if below else -5), text_anchor=held)


def moment(area: Area, one: Moment) -> str:
    """A dashed upright with its words beside it."""
    share = area.x.at(one.at)
    anchor, dx = ("end", -4) if share > 0.7 else ("start", 4)
    x = percent(share)
    return tag("line", class_="mark", x1=x, x2=x, y1=HEAD, y2=area.floor) + tag(
        "text", words(one.text), x=x, dx=dx, y=area.floor - 8, text_anchor=anchor
    )


def stretch(area: Area, one: Stretch) -> str:
    """A shaded or hatched piece with its words."""
    low, high = area.x.at(one.low), area.x.at(one.high)
    box = tag("rect", class_=f"zone {one.kind}", x=percent(low), width=percent(high - low), y=HEAD, height=area.height)
    return box + tag("text", words(one.text), class_="hs", x=percent(low), dx=6, y=HEAD + 14)


def numbers(told: Told) -> str:
    """The table behind the picture, folded."""
    if not told.rows:
        return ""
    head = tag("tr", *(tag("th", words(text), scope="col") for text in told.heads))
    body = [tag("tr", *(tag("td", words(text)) for text in row)) for row in told.rows]
    table = tag("table", tag("thead", head), tag("tbody", *body))
    return tag("details", tag("summary", "Numbers"), table, class_="numbers")


def legend(entries: Sequence[tuple[Tone, str, str]]) -> str:
    """Which line is which: tone, style ("" solid, dash, dot) and words."""
    if not entries:
        return ""
    return tag(
        "div", *(tag("span", swatch(tone, style), words(said)) for tone, style, said in entries), class_="legend"
    )


def swatch(tone: Tone, style: str) -> str:
    """A short piece of the line."""
    line = tag("line", class_=f"l {tone} {style}".strip(), x1=1, x2=21, y1=5, y2=5)
    return tag("svg", line, width=22, height=10, aria_hidden="true")
