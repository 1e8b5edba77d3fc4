"""A value that could not be read: it keeps its place and type in the record, and remembers what was wrong with it.

So a word may be written anywhere, before any system knows of it, and all mistakes still come at once: `examine` walks
the records and collects the flaws with their paths. A declaration with a flaw never gets past `examine`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

from tidemill.spec.expression import Constant, Expression
from tidemill.spec.place import place_of_call

NOTHING = Constant(value=None, type="unknown")


@dataclass(frozen=True, slots=True, kw_only=True)
class Flaw:
    """What was wrong: full code (`declaration.duration-unread`), fields, and the line of the word (`shop.py:12`)."""

    code: str
    fields: tuple[tuple[str, object], ...] = ()
    place: str = ""


def flaw(name: str, /, **fields: object) -> Flaw:
    """The flaw `declaration.{name}` at the line of the team's file that is being executed."""
    return Flaw(code=f"declaration.{name}", fields=tuple(fields.items()), place=place_of_call())


class UnreadInt(int):
    """Stands where a whole number (a duration, a count) could not be read; counts as 0."""

    flaw: Flaw

    def __new__(cls, found: Flaw) -> Self:
        made = super().__new__(cls, 0)
        made.flaw = found
        return made


class UnreadFloat(float):
    """Stands where a number could not be read; counts as 0."""

    flaw: Flaw

    def __new__(cls, found: Flaw) -> Self:
        made = super().__new__(cls, 0.0)
        made.flaw = found
        return made


class UnreadText(str):  # noqa: SLOT000 - the flaw hangs on it
    """Stands where a word is none of those allowed; the text is as written."""

    flaw: Flaw

    def __new__(cls, text: object, found: Flaw) -> Self:
        made = super().__new__(cls, text)
        made.flaw = found
        return made


@dataclass(frozen=True, slots=True, kw_only=True)
class UnreadExpression(Expression):
    """Stands where an expression did not parse; the text is as written, the tree is NULL of unknown type."""

    flaw: Flaw


def flaw_of(value: object) -> Flaw | None:
    """The flaw that a value stands for, None for a value that was read."""
    found = getattr(value, "flaw", None)
    return found if isinstance(found, Flaw) else None
