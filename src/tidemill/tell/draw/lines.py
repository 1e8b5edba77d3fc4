"""Lines over time or age, with the band in which they may be wrong; steps for what holds until it changes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import chain, pairwise, zip_longest
from typing import Literal

from tidemill.tell.draw.axis import Axis, scale
from tidemill.tell.draw.frame import Area, Bound, Moment, Stretch, Told, Tone, legend, plot
from tidemill.tell.draw.svg import short, tag
from tidemill.tell.draw.timeline import Lane, shapes

DOT = 3.2
FEW = 40
"""Points up to which each gets its dot."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One line: points (x, y) in order of x, y None where it is interrupted; `low`, `high`: its band, as long.

    `few`: where a point rests on too little; it is drawn hollow, joined to none, and the axis does not stretch for it.
    """

    name: str
    x: Sequence[float]
    y: Sequence[float | None]
    low: Sequence[float | None] = ()
    high: Sequence[float | None] = ()
    few: Sequence[bool] = ()
    tone: Tone = "champ"
    style: Literal["", "dash", "dot"] = ""
    step: bool = False

    def steady(self, values: Sequence[float | None]) -> list[float | None]:
        """The values without those that rest on too little."""
        return [None if few else value for value, few in zip_longest(values, self.few[: len(values)], fillvalue=None)]


def lines(
    told: Told,
    series: Sequence[Line],
    *,
    x: Axis,
    y: Axis,
    height: int = 200,
    bounds: Sequence[Bound] = (),
    moments: Sequence[Moment] = (),
    stretches: Sequence[Stretch] = (),
    lanes: Sequence[Lane] = (),
) -> str:
    """The lines in one plot, the first on top; what happened meanwhile as shapes in lanes below, on the same x."""
    across = chain.from_iterable(line.x for line in series)
    upright = chain(
        *(line.steady(values) for line in series for values in (line.y, line.low, line.high)),
        (bound.value for bound in bounds),
    )
    area = Area(x=scale(x, across, 8), y=scale(y, upright, 5), height=height)
    behind = list(reversed(series))
    marks = [
        *(band(area, line) for line in behind),
        *(stroke(area, line) for line in behind),
        *(dots(area, line) for line in behind),
    ]
    named = [(line.tone, line.style, line.name) for line in series] if len(series) > 1 else []
    return plot(
        area, marks, told, legend=legend(named), bounds=bounds, moments=moments, stretches=stretches,
        below=[(lane.name, shapes(area.x, lane.events)) for lane in lanes],
    )  # fmt: skip


def stroke(area: Area, line: Line) -> str:
    """The line's pieces."""
    found = [
        tag(
            "polyline",
            class_=f"l {line.tone} {line.style}".strip(),
            points=" ".join(f"{short(px)},{short(py)}" for px, py in piece),
        )
        for piece in pieces(area, line)
    ]
    return stretched(area, *found)


def band(area: Area, line: Line) -> str:
    """The band between low and high."""
    found = []
    for piece in runs(line, line.low, line.high):
        upper = [(1000 * area.x.at(px), area.up(high)) for px, _, high in piece]
        lower = [(1000 * area.x.at(px), area.up(low)) for px, low, _ in reversed(piece)]
        points = " ".join(f"{short(px)},{short(py)}" for px, py in (*upper, *lower))
        found.append(tag("polygon", class_=f"b {line.tone}", points=points))
    return stretched(area, *found)


def stretched(area: Area, *shapes: str) -> str:
    """Shapes whose x counts thousandths of the width and whose y counts pixels."""
    if not shapes:
        return ""
    high = short(area.floor)
    return tag(
        "svg", *shapes, x=0, y=0, width="100%", height=high, viewBox=f"0 0 1000 {high}", preserveAspectRatio="none"
    )


def pieces(area: Area, line: Line) -> Iterator[list[tuple[float, float]]]:
    """Runs of points without a gap; of a step line each level goes on to the next point."""
    for piece in runs(line, line.y, line.y):
        points = [(1000 * area.x.at(px), area.up(py)) for px, py, _ in piece]
        if line.step:
            corners = [(after[0], before[1]) for before, after in pairwise(points)]
            points = [point for pair in zip(points, corners, strict=False) for point in pair] + points[-1:]
        if len(points) > 1:
            yield points


def runs(
    line: Line, low: Sequence[float | None], high: Sequence[float | None]
) -> Iterator[list[tuple[float, float, float]]]:
    """(x, low, high) of each stretch where both are known."""
    piece: list[tuple[float, float, float]] = []
    for px, a, b in zip(line.x, line.steady(low), line.steady(high), strict=False):
        if a is None or b is None:
            if piece:
                yield piece
            piece = []
        else:
            piece.append((px, a, b))
    if piece:
        yield piece


def dots(area: Area, line: Line) -> str:
    """A dot per point where they are few, and for each that no line leads to."""
    if line.step:
        return ""
    many = sum(value is not None for value in line.y) > FEW
    joined = {px for run in runs(line, line.y, line.y) if len(run) > 1 for px, _, _ in run} if many else set()
    found = []
    for px, py, few in zip_longest(line.x, line.y, line.few[: len(line.y)], fillvalue=None):
        if px is not None and py is not None and px not in joined:
            found.append(
                tag("circle", class_=f"pt {'few ' if few else ''}{line.tone}", cx=area.along(px), cy=area.up(py), r=DOT)
            )
    return "".join(found)
