"""Lanes over time: what held from when to when, and what happened at a moment."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import chain, repeat
from math import inf

from tidemill.tell.draw.axis import Axis, Scale, scale
from tidemill.tell.draw.frame import Moment, Told, Tone, numbers
from tidemill.tell.draw.icon import State, icon
from tidemill.tell.draw.svg import anchor, percent, tag, words

LANE = 34
BAR = 13
HEAD = 16
APART = 0.016
"""Share of the width below which two shapes would cover one another."""
ROOM = 0.04
"""Share of the width that a number beside a shape needs."""
NAMED = 8
"""Events that one shape names."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """Something that held between two moments."""

    low: float
    high: float
    text: str
    tone: Tone = "champ"


@dataclass(frozen=True, slots=True, kw_only=True)
class Happened:
    """Something at one moment, as the shape of its state."""

    at: float
    state: State
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Lane:
    """One row of the timeline."""

    name: str
    spans: tuple[Span, ...] = ()
    events: tuple[Happened, ...] = ()


def timeline(told: Told, lanes: Sequence[Lane], *, x: Axis, moments: Sequence[Moment] = ()) -> str:
    """The lanes under each other on one axis of time."""
    ends = chain.from_iterable(
        (*(end for span in lane.spans for end in (span.low, span.high)), *(event.at for event in lane.events))
        for lane in lanes
    )
    axis = scale(x, ends, 8)
    height = HEAD + LANE * len(lanes)
    uprights = [
        tag("line", class_="g", x1=percent(axis.at(at)), x2=percent(axis.at(at)), y1=HEAD, y2=height)
        for at, _ in axis.ticks
    ]
    inner = [*uprights, *(lane_marks(axis, lane, HEAD + LANE * place) for place, lane in enumerate(lanes))]
    inner += [upright(axis, one, height) for one in moments]
    texts = [
        tag(
            "text",
            words(text),
            x=percent(axis.at(at)),
            y=height + 15,
            text_anchor=anchor(axis.at(at)),
        )
        for at, text in axis.ticks
    ]
    picture = tag(
        "svg", tag("title", words(told.title)), *inner, *texts, width="100%", height=height + 20, role="img",
        aria_label=". ".join(filter(None, (told.title, told.description))), class_="pa",
    )  # fmt: skip
    names = [
        tag("text", words(lane.name), class_="lane", x=0, y=HEAD + LANE * place + 21)
        for place, lane in enumerate(lanes)
    ]
    width = max((len(lane.name) for lane in lanes), default=0) * 7 + 14
    left = tag("svg", *names, width=width, height=height + 20, aria_hidden="true")
    return tag(
        "figure",
        tag("div", left, picture, class_="plot"),
        tag("p", words(x.title), class_="xn"),
        numbers(told),
        class_="fig",
    )


def lane_marks(axis: Scale, lane: Lane, top: float) -> str:
    """Spans as bars with their words, events as shapes above them."""
    found = []
    for span in lane.spans:
        low, high = axis.at(span.low), axis.at(span.high)
        found.append(
            tag(
                "rect",
                class_=f"span {span.tone}",
                x=percent(low),
                width=percent(high - low),
                y=top + 13,
                height=BAR,
                rx=2,
            )
        )
        found.append(tag("text", words(span.text), class_=f"in {span.tone}", x=percent(low), dx=5, y=top + 23))
    found += [shape(axis, event, top - 1) for event in lane.events]
    return "".join(found)


def shapes(axis: Scale, events: Sequence[Happened]) -> str:
    """The events of a lane below a plot; those that would cover one another are one shape that names them."""
    groups: list[list[Happened]] = []
    for event in sorted(events, key=lambda one: one.at):
        if groups and axis.at(event.at) - axis.at(groups[-1][0].at) < APART and event.state == groups[-1][0].state:
            groups[-1].append(event)
        else:
            groups.append([event])
    drawn = [together(group) for group in groups]
    ends = chain((axis.at(one.at) for one in drawn[1:]), repeat(inf))
    many = [
        how_many(axis, one, len(group))
        for one, group, end in zip(drawn, groups, ends, strict=False)
        if len(group) > 1 and end - axis.at(one.at) > ROOM
    ]
    return "".join([*(shape(axis, one, 3) for one in drawn), *many])


def how_many(axis: Scale, event: Happened, count: int) -> str:
    """Their number beside a shape that stands for several."""
    return tag("text", words(f"{count}"), class_="hs", x=percent(axis.at(event.at)), dx=9, y=14)


def together(group: Sequence[Happened]) -> Happened:
    """Events that stand close as one, in their middle."""
    more = [f"and {len(group) - NAMED} more"] if len(group) > NAMED else []
    text = "\n".join([*(event.text for event in group[:NAMED]), *more])
    return Happened(at=(group[0].at + group[-1].at) / 2, state=group[0].state, text=text)


def shape(axis: Scale, event: Happened, y: float) -> str:
    """The state's shape at its moment, with its words for who points at it."""
    drawn = icon(event.state, 13).replace("<svg", '<svg x="-6.5"', 1)
    return tag(
        "svg", tag("title", words(event.text)), drawn, x=percent(axis.at(event.at)), y=y, overflow="visible",
        class_=event.state,
    )  # fmt: skip


def upright(axis: Scale, one: Moment, height: float) -> str:
    """A moment through all lanes."""
    x = percent(axis.at(one.at))
    anchor = "end" if axis.at(one.at) > 0.7 else "start"
    return tag("line", class_="mark", x1=x, x2=x, y1=HEAD, y2=height) + tag(
        "text", words(one.text), x=x, y=11, text_anchor=anchor
    )
