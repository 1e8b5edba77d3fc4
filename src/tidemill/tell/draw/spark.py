"""Small marks without axes, for the cells of a table: how something went, how values are spread."""

from __future__ import annotations

from collections.abc import Sequence

from tidemill.tell.draw.frame import Tone
from tidemill.tell.draw.svg import short, tag, words

HEIGHT = 26


def spark(values: Sequence[float | None], *, title: str, tone: Tone = "champ", height: int = HEIGHT) -> str:
    """A line from left to right between the lowest and the highest value; interrupted where a value is not known."""
    known = [value for value in values if value is not None]
    low, high = min(known, default=0.0), max(known, default=1.0)
    reach = (high - low) or 1.0
    width = max(len(values) - 1, 1)
    runs: list[list[str]] = [[]]
    for place, value in enumerate(values):
        if value is None:
            runs.append([])
        else:
            runs[-1].append(f"{short(1000 * place / width)},{short(2 + (height - 4) * (1 - (value - low) / reach))}")
    drawn = [tag("polyline", class_=f"l {tone}", points=" ".join(run)) for run in runs if run]
    return tag(
        "svg", tag("title", words(title)), *drawn, viewBox=f"0 0 1000 {height}", preserveAspectRatio="none",
        class_="spark", role="img", aria_label=title, height=height,
    )  # fmt: skip


def bins(counts: Sequence[float], *, title: str, tone: Tone = "tide", height: int = HEIGHT) -> str:
    """A histogram without axes; a count above zero is always seen."""
    top = max(counts, default=0) or 1
    width = 1000 / max(len(counts), 1)
    boxes = []
    for place, count in enumerate(counts):
        if count:
            tall = max(height * count / top, 1.5)
            boxes.append(
                tag("rect", class_=f"bar {tone}", x=place * width, width=width * 0.86, y=height - tall, height=tall)
            )
    return tag(
        "svg", tag("title", words(title)), *boxes, viewBox=f"0 0 1000 {height}", preserveAspectRatio="none",
        class_="spark", role="img", aria_label=title, height=height,
    )  # fmt: skip
