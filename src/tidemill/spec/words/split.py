"""Split words: which asks train, which choose, and which test."""

from __future__ import annotations

from typing import Literal

from tidemill.spec.duration import duration_us
from tidemill.spec.flaw import UnreadFloat, UnreadInt, flaw
from tidemill.spec.kind import must_be
from tidemill.spec.model import ByGroup, ByHash, ByTime, Duration
from tidemill.spec.read import one_of

REFITS: tuple[Literal["forward", "none"], ...] = ("forward", "none")

Size = str | int | float
"""A part of a split by time: a duration (`"7d"`), a share of the mature rows (0.1), or a number of rows (20_000)."""


def by_time(
    *,
    valid: Size,
    test: Size,
    history: Size | None = None,
    together: str | None = None,
    refit: Literal["forward", "none"] = "forward",
) -> ByTime:
    """The newest mature asks test, those before choose, those before train; counted back from the newest mature ask.

    `history`: how much trains (all by default). `together`: a column whose groups are never cut in two.
    `refit="forward"`: after its gates the same function is fitted again with every window moved to the present.
    """
    return ByTime(
        valid=size(valid),
        test=size(test),
        history=None if history is None else size(history),
        together=together,
        refit=one_of(refit, REFITS),
    )


def by_group(column: str, *, valid: float, test: float) -> ByGroup:
    """Whole groups of one column, chosen by stable hash; `valid` and `test` are shares of the rows."""
    return ByGroup(column=column, valid=part(valid), test=part(test))


def by_hash(*, valid: float, test: float) -> ByHash:
    """Single asks, chosen by the stable hash of their key; `valid` and `test` are shares of the rows."""
    return ByHash(valid=part(valid), test=part(test))


def size(given: Size) -> Duration | int | float:
    """Text is a duration, a whole number a count of rows, a fraction a share."""
    must_be(given, str | int | float, "by_time")
    if isinstance(given, str):
        return Duration(us=duration_us(given))
    if isinstance(given, int):
        return given if given >= 1 else UnreadInt(flaw("rows-outside", rows=given, most=None))
    return part(given)


def part(share: float) -> float:
    """A share strictly between 0 and 1."""
    return share if 0 < share < 1 else UnreadFloat(flaw("part-outside", share=share))
