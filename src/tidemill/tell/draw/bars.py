"""Bars: a histogram of amounts, and one bar per name."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from tidemill.tell.draw.axis import Axis, scale
from tidemill.tell.draw.frame import HEAD, Area, Told, Tone, plot
from tidemill.tell.draw.svg import percent, tag, words


@dataclass(frozen=True, slots=True, kw_only=True)
class Bar:
    """One bar with its name, its value as drawn, and its value as written."""

    name: str
    value: float
    text: str
    tone: Tone = "tide"


def histogram(
    told: Told,
    edges: Sequence[float],
    counts: Sequence[int],
    *,
    x: Axis,
    y: Axis,
    height: int = 150,
    tone: Tone = "tide",
) -> str:
    """Counts between neighbouring edges; `counts` has one more entry at each end for what lies beyond, or none.

    What lies beyond is drawn as a bar of its own outside the ends, hatched, so that nothing is hidden.
    """
    inner = list(counts[1:-1]) if len(counts) == len(edges) + 1 else list(counts)
    below, above = (counts[0], counts[-1]) if len(counts) == len(edges) + 1 else (0, 0)
    room = (edges[-1] - edges[0]) / max(len(inner), 1) * 1.6 if len(edges) > 1 else 1.0
    axis = Axis(
        name=x.name, unit=x.unit, kind=x.kind, zone=x.zone,
        low=edges[0] - (room if below else 0), high=edges[-1] + (room if above else 0),
    )  # fmt: skip
    area = Area(x=scale(axis, (), 7), y=scale(y, (*inner, below, above), 4), height=height)
    bars = [box(area, low, high, n, tone) for (low, high), n in zip(pairwise(edges), inner, strict=True)]
    if below:
        bars.append(box(area, edges[0] - room, edges[0] - room * 0.25, below, "ink"))
    if above:
        bars.append(box(area, edges[-1] + room * 0.25, edges[-1] + room, above, "ink"))
    return plot(area, bars, told)


def box(area: Area, low: float, high: float, count: float, tone: Tone) -> str:
    """One upright bar; a count above zero is always seen."""
    if not count:
        return ""
    left, right = area.x.at(low), area.x.at(high)
    top = min(area.up(count), area.floor - 1.5)
    return tag(
        "rect", class_=f"bar {tone}", x=percent(left), width=percent(right - left), y=top, height=area.floor - top
    )


def bars(
    told: Told,
    rows: Sequence[Bar],
    *,
    most: float | None = None,
    bound: float | None = None,
    mark: float | None = None,
) -> str:
    """One lying bar per name, all from zero to `most`; the value is written behind it.

    On each a `bound` that is not to be passed, and a `mark` that is only there to compare with.
    """
    top = most or max((row.value for row in rows), default=1.0) or 1.0
    level = upright("lim", bound, top) + upright("mark", mark, top)
    items = [
        tag(
            "li",
            tag("span", words(row.name), class_="bn"),
            tag("svg", *lying(row, row.value / top), level, width="100%", height=HEAD, aria_hidden="true"),
            tag("span", words(row.text), class_="bv"),
        )
        for row in rows
    ]
    return tag("figure", tag("ul", *items, class_="bars", aria_label=told.title), class_="fig")


def upright(kind: str, value: float | None, top: float) -> str:
    """A line across a bar at a value; nothing where there is none."""
    if value is None:
        return ""
    at = percent(value / top)
    return tag("line", class_=kind, x1=at, x2=at, y1=-4, y2=HEAD + 4)


def lying(row: Bar, share: float) -> tuple[str, str]:
    """A bar on its track."""
    track = tag("rect", class_="trk", width="100%", height=HEAD)
    return track, tag("rect", class_=f"bar {row.tone}", width=percent(min(share, 1.0)), height=HEAD)
