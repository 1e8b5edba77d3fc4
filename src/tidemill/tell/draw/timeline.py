"""Lanes over time: what held from when to when, and what happened at a moment."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import chain

from tidemill.tell.draw.axis import Axis, Scale, scale
from tidemill.tell.draw.frame import Moment, Told, Tone, numbers
from tidemill.tell.draw.icon import State, icon
from tidemill.tell.draw.svg import anchor, percent, tag, words

LANE = 34
BAR = 13
HEAD = 16


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
    for event in lane.events:
        shape = icon(event.state, 13).replace("<svg", '<svg x="-6.5"', 1)
        inside = tag(
            "svg",
            tag("title", words(event.text)),
            shape,
            x=percent(axis.at(event.at)),
            y=top - 1,
            overflow="visible",
            class_=event.state,
        )
        found.append(inside)
    return "".join(found)


def upright(axis: Scale, one: Moment, height: float) -> str:
    """A moment through all lanes."""
    x = percent(axis.at(one.at))
    anchor = "end" if axis.at(one.at) > 0.7 else "start"
    return tag("line", class_="mark", x1=x, x2=x, y1=HEAD, y2=height) + tag(
        "text", words(one.text), x=x, y=11, text_anchor=anchor
    )
