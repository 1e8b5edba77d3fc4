"""States as shapes: never told by colour alone."""

from __future__ import annotations

from typing import Literal

from tidemill.tell.draw.svg import tag, words

State = Literal["ok", "warn", "bad", "run", "none"]

ON = "var(--surface)"


def icon(state: State, size: int = 15) -> str:
    """A disc with a tick, a triangle, an octagon with a cross, a half disc, a dashed ring; in the text's colour."""
    return tag("svg", *SHAPES[state], width=size, height=size, viewBox="0 0 16 16", class_="ic", aria_hidden="true")


SHAPES: dict[State, tuple[str, ...]] = {
    "ok": (
        tag("circle", cx=8, cy=8, r=7.2, fill="currentColor"),
        tag("path", d="M4.6 8.3l2.3 2.3 4.5-4.9", fill="none", stroke=ON, stroke_width=1.9, stroke_linecap="round"),
    ),
    "warn": (
        tag("path", d="M8 .9l7.4 13.4H.6z", fill="currentColor"),
        tag("path", d="M8 5.6v4", stroke=ON, stroke_width=1.8, stroke_linecap="round"),
        tag("circle", cx=8, cy=12, r=1, fill=ON),
    ),
    "bad": (
        tag("path", d="M5 .8h6l4.2 4.2v6L11 15.2H5L.8 11V5z", fill="currentColor"),
        tag("path", d="M5.4 5.4l5.2 5.2M10.6 5.4l-5.2 5.2", stroke=ON, stroke_width=1.9, stroke_linecap="round"),
    ),
    "run": (
        tag("circle", cx=8, cy=8, r=6.4, fill="none", stroke="currentColor", stroke_width=1.7),
        tag("path", d="M8 1.6a6.4 6.4 0 010 12.8z", fill="currentColor"),
    ),
    "none": (
        tag(
            "circle",
            cx=8,
            cy=8,
            r=6.3,
            fill="none",
            stroke="currentColor",
            stroke_width=1.6,
            stroke_dasharray="2.6 2.4",
        ),
    ),
}


def state(kind: State, said: str) -> str:
    """The shape, its colour and its word."""
    return tag("span", icon(kind), words(said), class_=f"st {kind}")
