"""The door for texts: what is written becomes records, and what cannot be read becomes a flaw in its place."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TypeVar, cast

from tidemill.errors import ExpressionError
from tidemill.spec.expression import Call, Expression, Named
from tidemill.spec.flaw import NOTHING, Flaw, UnreadExpression, UnreadText, flaw
from tidemill.spec.nearest import nearest
from tidemill.spec.place import place_of_call

Word = TypeVar("Word", bound=str)


def expression(text: str) -> Expression:
    """The parsed expression."""
    from tidemill.spec.parse import parse

    if not isinstance(text, str):
        return UnreadExpression(text=repr(text), tree=NOTHING, flaw=flaw("expression-no-text", given=repr(text)))
    try:
        return parse(text)
    except ExpressionError as error:
        return UnreadExpression(text=text, tree=NOTHING, flaw=expression_flaw(error))


def condition(text: str | None) -> Expression | None:
    """The parsed expression, None for none."""
    return None if text is None else expression(text)


def named(text: str) -> Named:
    """The parsed select item `expr as name`; a column alone is named for itself."""
    from tidemill.spec.parse import parse_named

    if not isinstance(text, str):
        return Named(name=repr(text), expression=expression(text))
    try:
        return parse_named(text)
    except ExpressionError as error:
        unread = UnreadExpression(text=text, tree=NOTHING, flaw=expression_flaw(error))
        return Named(name=text.rpartition(" as ")[2].strip(), expression=unread)


def expression_flaw(error: ExpressionError) -> Flaw:
    """The parser's error as a flaw at the line of the word."""
    return Flaw(code=error.code, fields=tuple(error.fields.items()), place=place_of_call())


def both(first: Expression | None, second: Expression) -> Expression:
    """Both conditions hold."""
    if first is None:
        return second
    joined = Expression(
        text=f"({first.text}) and ({second.text})", tree=Call(name="and", args=(first.tree, second.tree))
    )
    for part in (first, second):
        if isinstance(part, UnreadExpression):
            return replace(part, text=joined.text)
    return joined


def one_of(given: Word, allowed: tuple[Word, ...]) -> Word:
    """The word, which must be one of these."""
    if given in allowed:
        return given
    found = flaw("word-unknown", word=given, allowed=allowed, nearest=nearest(str(given), allowed))
    return cast("Word", UnreadText(given, found))


def names(given: str | Sequence[str] | None) -> tuple[str, ...]:
    """One name or several as a tuple; none as an empty one."""
    if given is None:
        return ()
    return (given,) if isinstance(given, str) else tuple(given)
