"""The curves of a replay over time: the bound that gates ask for, and what was decided meanwhile on the same axis."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from zoneinfo import ZoneInfo

from tidemill.interfaces.report.column import day
from tidemill.interfaces.report.replay_turns import SHOWN, set_off, stood_by
from tidemill.interfaces.report.replay_verdict import KEPT_OUT, LET_IN, called, figure, interval
from tidemill.loop.replay.calendar import LEAST
from tidemill.loop.replay.record import CURVES, LOOP, STATIC, PeriodFigure, Replayed, Turn
from tidemill.spec.check import HIGHER_IS_BETTER
from tidemill.spec.zones import zone_info
from tidemill.tell.draw import number
from tidemill.tell.draw.axis import Axis, scale
from tidemill.tell.draw.frame import Bound, Moment, Told, Tone
from tidemill.tell.draw.lines import Line, lines
from tidemill.tell.draw.timeline import Happened, Lane

TONES: dict[str, Tone] = {"loop": "champ", "retrained": "chall", "static": "ink"}
LANES = (("let in", LET_IN), *((name, (name,)) for name in KEPT_OUT))
UPRIGHTS = 12
"""Champions up to which each is marked through the whole plot."""
ROOM = 0.4
"""How far an interval may stretch the axis, beside the reach of all figures; wider ones end at its ends."""
FROM_ZERO = {"rate_gap"}
NOT_ENOUGH = "not enough data"


def course(found: Replayed, metric: str, *, decisions: bool = True, height: int = 220) -> str:
    """One metric of the three curves; with the decisions below it, where wanted."""
    zone = zone_info(found.zone)
    told = Told(
        title=f"{called(metric)} by {found.period}: {found.model}",
        description=f"Hollow: fewer than {LEAST} answers. The band is the loop's interval of 95 %.",
        heads=(found.period, "answers", *CURVES), rows=tuple(rows(found, metric)),
    )  # fmt: skip
    let_in = [turn.at_us for turn in found.turns if turn.decision in LET_IN] if decisions else []
    return lines(
        told, [line(found, metric, curve) for curve in reversed(CURVES)],
        x=Axis(name="asked", kind="time", low=found.since_us, high=found.until_us, zone=zone),
        y=upright(found, metric), height=height,
        bounds=bounds(found, metric),
        moments=[Moment(at=at, text="") for at in let_in] if len(let_in) <= UPRIGHTS else [],
        lanes=lanes(found.turns, zone) if decisions else (),
    )  # fmt: skip


def upright(found: Replayed, metric: str) -> Axis:
    """The axis of the metric: all steady figures, the bound, and of the loop's band as much as leaves them apart."""
    steady = [one for curve in CURVES for one in points(found, metric, curve) if one.n >= LEAST]
    known = [*(one.value for one in steady if one.value is not None), *(bound.value for bound in bounds(found, metric))]
    if not known:
        return Axis(name=called(metric))
    least, most = min(known), max(known)
    room = ROOM * (most - least)
    banded = [side for one in steady if one.curve == LOOP for side in (one.low, one.high) if side is not None]
    known += [min(max(side, least - room), most + room) for side in banded]
    whole = scale(Axis(name="", low=0.0 if metric in FROM_ZERO else None), known, 5)
    return Axis(name=called(metric), low=whole.low, high=whole.high)


def points(found: Replayed, metric: str, curve: str) -> list[PeriodFigure]:
    """The curve's figures by period, oldest first."""
    return [one for one in found.figures if (one.metric, one.curve) == (metric, curve)]


def line(found: Replayed, metric: str, curve: str) -> Line:
    """A curve as it is drawn: a period with few answers is hollow and joined to none; the loop has its band."""
    told = points(found, metric, curve)
    banded = curve == LOOP
    return Line(
        name=named(found, metric, curve), x=[one.at_us for one in told], y=[one.value for one in told],
        few=[one.n < LEAST for one in told], low=[one.low for one in told] if banded else (),
        high=[one.high for one in told] if banded else (), tone=TONES[curve],
    )  # fmt: skip


def named(found: Replayed, metric: str, curve: str) -> str:
    """The curve in the legend, with what cannot be seen of it."""
    values, beside = ([one.value for one in points(found, metric, name)] for name in (curve, STATIC))
    if all(value is None for value in values):
        return f"{curve} (answers nothing)"
    return f"{curve} (as static)" if curve != STATIC and values == beside else curve


def bounds(found: Replayed, metric: str) -> list[Bound]:
    """The level that a gate asks for."""
    asked = found.floors.get(metric)
    if asked is None:
        return []
    return [Bound(value=asked, text=f"gate: at {'least' if metric in HIGHER_IS_BETTER else 'most'} {asked:g}")]


def rows(found: Replayed, metric: str) -> Iterator[tuple[str, ...]]:
    """The numbers behind the picture, a period a line."""
    by_name = {(one.period, one.curve): one for one in found.figures if one.metric == metric}
    for period in dict.fromkeys(one.period for one in found.figures):
        own = [by_name.get((period, curve)) for curve in CURVES]
        most = max((one.n for one in own if one is not None), default=0)
        yield (period, number.count(most), *(cell(one, most) for one in own))


def cell(one: PeriodFigure | None, most: int) -> str:
    """A figure with its interval, its answers where they are not all."""
    if one is None or not one.n:
        return number.NONE
    said = NOT_ENOUGH if one.n < LEAST else f"{figure(one.value)} {interval(one.low, one.high)}".strip()
    return said if one.n == most else f"{said}, on {number.count(one.n)}"


def lanes(turns: Sequence[Turn], zone: ZoneInfo) -> list[Lane]:
    """What was decided, a lane for each way in which it came out."""
    found = []
    for name, decisions in LANES:
        events = tuple(
            Happened(at=turn.at_us, state=SHOWN[turn.decision], text=event(turn, zone))
            for turn in turns
            if turn.decision in decisions
        )
        if events:
            found.append(Lane(name=name, events=events))
    return found


def event(turn: Turn, zone: ZoneInfo) -> str:
    """A turn in one line."""
    why = stood_by(turn)
    return f"{day(turn.at_us, zone)} {turn.version} {turn.decision}: {set_off(turn)}{f'; {why}' if why else ''}"
