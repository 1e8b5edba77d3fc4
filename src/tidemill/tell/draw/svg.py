"""Markup of the marks: elements with escaped text and attributes, nothing else."""

from __future__ import annotations

from html import escape

Attribute = str | int | float


def tag(name: str, *children: str, **attributes: Attribute | None) -> str:
    """The element; children are markup already. `x_y=` stands for `x-y`, `class_=` for `class`; None is left out."""
    given = "".join(
        f' {key.rstrip("_").replace("_", "-")}="{text(value)}"'
        for key, value in attributes.items()
        if value is not None
    )
    return f"<{name}{given}>{''.join(children)}</{name}>" if children else f"<{name}{given}/>"


def text(value: Attribute) -> str:
    """The value as an attribute: numbers short, text escaped."""
    return short(value) if isinstance(value, float) else escape(str(value))


def words(value: str) -> str:
    """Text between tags, escaped."""
    return escape(value, quote=False)


def short(value: float) -> str:
    """A coordinate to a hundredth: `12.5`, `3`."""
    return f"{value:.2f}".rstrip("0").rstrip(".") or "0"


def percent(share: float) -> str:
    """A place along the width, which stretches with the page."""
    return f"{short(100 * share)}%"


def anchor(share: float) -> str:
    """How a text at this place along the width is held, so that none runs over an end."""
    return "start" if share < 0.04 else "end" if share > 0.96 else "middle"
