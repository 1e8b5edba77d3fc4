"""Predicted beside actual: a model that is right lies on the diagonal."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from tidemill.tell.draw.axis import Axis, scale
from tidemill.tell.draw.frame import Area, Told, Tone, plot
from tidemill.tell.draw.lines import stretched
from tidemill.tell.draw.svg import short, tag


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """Rows of like score: their mean prediction, the share that came true, its interval, how many."""

    predicted: float
    actual: float
    low: float | None
    high: float | None
    n: int


def calibration(
    told: Told, groups: Sequence[Group], *, x: Axis, y: Axis, height: int = 240, tone: Tone = "champ"
) -> str:
    """Each group as a dot with its interval, on equal axes, the diagonal behind them."""
    values = [value for one in groups for value in (one.predicted, one.actual, one.low, one.high)]
    across, upright = scale(x, values, 5), scale(y, values, 5)
    top = max(across.high, upright.high)
    x, y = (Axis(name=axis.name, unit=axis.unit, kind=axis.kind, low=0.0, high=top) for axis in (x, y))
    area = Area(x=scale(x, (), 5), y=scale(y, (), 5), height=height)
    diagonal = f"0,{short(area.floor)} 1000,{short(area.up(top))}"
    marks = [stretched(area, tag("polyline", class_="l ink dash", points=diagonal))]
    for one in groups:
        at = area.along(one.predicted)
        if one.low is not None and one.high is not None:
            marks.append(tag("line", class_=f"l {tone}", x1=at, x2=at, y1=area.up(one.low), y2=area.up(one.high)))
        marks.append(tag("circle", class_=f"pt {tone}", cx=at, cy=area.up(one.actual), r=4.5))
    return plot(area, marks, told)
