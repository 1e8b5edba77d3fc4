"""The wheel: eight paddles, one a stage; logo and status at once."""

from __future__ import annotations

from collections.abc import Sequence
from math import cos, pi, sin

from tidemill.tell.draw.icon import State
from tidemill.tell.draw.svg import short, tag, words

MIDDLE = 32.0
INNER, OUTER, OUT, THIN = 17.0, 26.0, 30.5, 20.0
"""Radii in 64ths: of a paddle, of one that failed and sticks out, of one that has not run."""
GAP = 5.0
"""Degrees between paddles."""


def wheel(states: Sequence[State], *, size: int = 52, title: str = "", middle: str = "") -> str:
    """One paddle per stage, the first at noon, clockwise; `middle`: markup in a box of 64 by 64."""
    turn = 360 / len(states)
    paddles = [paddle(kind, place * turn, turn - GAP) for place, kind in enumerate(states)]
    named = [tag("title", words(title))] if title else []
    role = {"role": "img", "aria_label": title} if title else {"aria_hidden": "true"}
    return tag("svg", *named, *paddles, middle, width=size, height=size, viewBox="0 0 64 64", class_="wheel", **role)


def paddle(kind: State, start: float, width: float) -> str:
    """A piece of a ring."""
    outer = OUT if kind == "bad" else THIN if kind == "none" else OUTER
    a, b = (start + GAP / 2 - 90) * pi / 180, (start + GAP / 2 + width - 90) * pi / 180
    corners = [point(INNER, a), point(outer, a), point(outer, b), point(INNER, b)]
    path = (
        f"M{corners[0]}L{corners[1]}A{short(outer)} {short(outer)} 0 0 1 {corners[2]}"
        f"L{corners[3]}A{short(INNER)} {short(INNER)} 0 0 0 {corners[0]}Z"
    )
    return tag("path", d=path, class_=kind, fill="currentColor")


def point(radius: float, angle: float) -> str:
    """A point of the circle."""
    return f"{short(MIDDLE + radius * cos(angle))} {short(MIDDLE + radius * sin(angle))}"


def logo(size: int = 24) -> str:
    """The mark of the house."""
    paddles = [
        tag(
            "rect",
            x=28.5,
            y=2.5,
            width=7,
            height=15,
            rx=2.5,
            fill="currentColor",
            transform=f"rotate({45 * turn} 32 32)",
        )
        for turn in range(8)
    ]
    ring = tag("circle", cx=32, cy=32, r=10, fill="none", stroke="currentColor", stroke_width=6)
    return tag("svg", *paddles, ring, width=size, height=size, viewBox="0 0 64 64", aria_hidden="true")
