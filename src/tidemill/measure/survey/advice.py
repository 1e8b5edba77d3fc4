"""Expressions of the dialect that a finding proposes: they stand as they can be pasted."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal
from typing import Literal

from tidemill.measure.outlier import Outliers
from tidemill.measure.survey.table import Fields
from tidemill.measure.unit import Unit
from tidemill.spec import written
from tidemill.spec.dialect import SPACE

DIGITS = 4
"""Significant digits of a bound."""


def clip(column: str, beyond: Outliers, *, whole: bool) -> str:
    """The column held within the bounds that it crosses, in four digits; in whole ones if it is `whole`."""
    text = written.name(column)
    if beyond.above:
        text = f"least({text}, {written.number(inward(beyond.high, 1, whole=whole))})"
    if beyond.below:
        text = f"greatest({text}, {written.number(inward(beyond.low, -1, whole=whole))})"
    return text


def inward(bound: float, side: int, *, whole: bool) -> float:
    """The bound of that side (1 above, -1 below) rounded to four digits, never outward: what it parts stays parted."""
    exact = Decimal(bound)
    last = exact.adjusted() - DIGITS + 1
    step = Decimal(1).scaleb(max(last, 0) if whole else last)
    return float(exact.quantize(step, rounding=ROUND_FLOOR if side > 0 else ROUND_CEILING))


def unless(column: str, value: float) -> str:
    """The column, null where it has that value."""
    name = written.name(column)
    return f"case when {name} <> {written.number(value)} then {name} end"


def unless_said(column: str, words: Sequence[str]) -> str:
    """The column of text, null where it says one of the words."""
    name = written.name(column)
    if len(words) == 1:
        return f"nullif({name}, {written.text(words[0])})"
    return f"case when {name} not in ({', '.join(map(written.text, words))}) then {name} end"


def moment_of(column: str, kind: Literal["date", "timestamp"]) -> str:
    """The column of text as days or moments."""
    return f"cast({written.name(column)} as {kind})"


def joined(column: str, groups: Sequence[Sequence[str]]) -> Fields:
    """What makes one word of each group of spellings: `mend` of all, else `mend_some` of `joined`, and those `apart`.

    Nothing in the dialect joins words that differ in the spaces inside.
    """
    name = written.name(column)
    ways: tuple[tuple[str, Callable[[str], str]], ...] = (
        (f"lower({name})", _lower),
        (f"trim({name})", _trim),
        (f"lower(trim({name}))", lambda word: _lower(_trim(word))),
    )
    counts = [sum(len(set(map(join, words))) == 1 for words in groups) for _, join in ways]
    most = max(counts)
    text = ways[counts.index(most)][0]
    if most == len(groups):
        return {"mend": text}
    some: Fields = {"mend_some": text, "joined": most} if most else {}
    return some | {"apart": len(groups) - most}


def _lower(word: str) -> str:
    """As the dialect has it: each character by itself."""
    return word.lower() if word.isascii() else "".join(map(str.lower, word))


def _trim(word: str) -> str:
    return word.strip(SPACE)


def in_one_unit(column: str, since: tuple[str, str], unit: Unit, *, up: bool) -> str:
    """The column with what came later in the unit of what came before; `since`: the time column and a constant of it.

    `up`: the later figures are the larger ones.
    """
    name, factor, offset = (written.name(column), *map(written.number, (unit.factor, unit.offset)))
    if up:
        moved = f"({name} - {offset})" if unit.offset else name
        mended = f"{moved} / {factor}"
    else:
        mended = f"{name} * {factor} + {offset}" if unit.offset else f"{name} * {factor}"
    return f"case when {written.name(since[0])} >= {since[1]} then {mended} else {name} end"
