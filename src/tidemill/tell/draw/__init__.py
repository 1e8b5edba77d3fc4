"""Marks: facts as inline SVG, drawn by pure functions, the same for pages, reports, notebook and notices.

A page that shows them carries `css()` and, once, `hatch()`.
"""

from __future__ import annotations

from importlib.resources import files

from tidemill.tell.draw.svg import tag


def css() -> str:
    """Colours and lines of all marks, for light and dark."""
    return files("tidemill.tell.draw").joinpath("marks.css").read_text(encoding="utf-8")


def hatch() -> str:
    """The pattern of what is not known yet."""
    pattern = tag(
        "pattern", tag("rect", width=7, height=7, fill="var(--sunk)"),
        tag("line", x1=0, y1=0, x2=0, y2=7, stroke="var(--line)", stroke_width=3),
        id="hatch", width=7, height=7, patternUnits="userSpaceOnUse", patternTransform="rotate(45)",
    )  # fmt: skip
    return tag("svg", tag("defs", pattern), width=0, height=0, aria_hidden="true", class_="vh")
