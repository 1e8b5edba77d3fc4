"""Names and values as a person writes them in an expression: what is proposed to be pasted must be read again."""

from __future__ import annotations

import re

from tidemill.errors import ExpressionError
from tidemill.spec.expression import Column
from tidemill.spec.parse import parse

EXACT = 2.0**53
"""Whole numbers up to here are doubles of their own."""


def name(column: str) -> str:
    """The column: in quotes only where it needs them.

    >>> name("loan_amnt"), name("Loan amount")
    ('loan_amnt', '"Loan amount"')
    """
    quoted = '"' + column.replace('"', '""') + '"'
    if re.fullmatch(r"[A-Za-z_]\w*", column):
        try:
            tree = parse(column).tree
        except ExpressionError:
            return quoted
        if isinstance(tree, Column) and tree.name == column:
            return column
    return quoted


def number(value: float) -> str:
    """The very same finite number: a whole one whole, any other as short as it reads back.

    >>> number(35_000.0), number(-0.25)
    ('35000', '-0.25')
    """
    whole = value == value // 1 and abs(value) <= EXACT
    return str(int(value)) if whole or isinstance(value, int) else repr(float(value))


def text(word: str) -> str:
    """The word as a constant.

    >>> text("it's")
    "'it''s'"
    """
    return "'" + word.replace("'", "''") + "'"
