"""Lines over time or age, with the band in which they may be wrong; steps for what holds until it changes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import chain, pairwise
from typing import Literal

from tidemill.tell.draw.axis import Axis, scale
from tidemill.tell.draw.frame import Area, Bound, Moment, Stretch, Told, Tone, legend, plot
from tidemill.tell.draw.svg import short, tag

DOT = 3.2
FEW = 40
"""Points up to which each gets its dot."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One line: points (x, y) in order of x, y None where it is interrupted; `low`, `high`: its band, as long."""

    name: str
    x: Sequence[float]
    y: Sequence[float | None]
    low: Sequence[float | None] = ()
    high: Sequence[float | None] = ()
    tone: Tone = "champ"
    style: Literal["", "dash", "dot"] = ""
    step: bool = False


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
) -> str:
    """The lines in one plot, the first on top."""
    across = chain.from_iterable(line.x for line in series)
    upright = chain(
        *(line.y for line in series), *(line.low for line in series), *(line.high for line in series),
        (bound.value for bound in bounds),
    )  # fmt: skip
    area = Area(x=scale(x, across, 8), y=scale(y, upright, 5), height=height)
    behind = list(reversed(series))
    marks = [
        *(band(area, line) for line in behind),
        *(stroke(area, line) for line in behind),
        *(dots(area, line) for line in behind),
    ]
    named = [(line.tone, line.style, line.name) for line in series] if len(series) > 1 else []
    return plot(area, marks, told, legend=legend(named), bounds=bounds, moments=moments, stretches=stretches)


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
    for px, a, b in zip(line.x, low, high, strict=False):
        if a is None or b is None:
            if piece:
                yield piece
            piece = []
        else:
            piece.append((px, a, b))
    if piece:
        yield piece


def dots(area: Area, line: Line) -> str:
    """A dot per point where they are few."""
    known = [(px, py) for px, py in zip(line.x, line.y, strict=True) if py is not None]
    if len(known) > FEW or line.step:
        return ""
    return "".join(
        tag("circle", class_=f"pt {line.tone}", cx=area.along(px), cy=area.up(py), r=DOT) for px, py in known
    )
