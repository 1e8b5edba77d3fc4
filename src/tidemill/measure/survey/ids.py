"""Columns of whole numbers that name something: their sizes mean nothing, so none of them is too large or small."""

from __future__ import annotations

import re

import numpy as np

from tidemill.facts.data import ColumnProfile
from tidemill.measure.arrays import Floats
from tidemill.measure.spread import Spread
from tidemill.measure.survey.table import Table

WORDS = frozenset(
    {"id", "ids", "key", "code", "uuid", "guid", "zip", "zipcode", "postcode", "ssn", "upc", "ean", "sku", "isbn"}
)
"""The last word of what such columns are called."""
NUMBERS = frozenset({"number", "no", "nr"})
"""The last word of what they are called where another one stands before it."""
BODY = (0.025, 0.975)
"""Quantiles between which numbers are looked at: a few that were given out later or elsewhere change nothing."""
EVEN = 0.05
"""How far numbers that are given out stray from an even spread over their range (Kolmogorov's distance)."""
OWN = 0.95
"""Share of different values among the rows from which on each row has its own."""
FEWEST = 50
TAKEN = 0.7
"""Share of the numbers that so many rows would take by chance which names at most take: they come again instead."""
GAPS = 0.5
"""Least unevenness of their gaps (standard deviation over mean): what is measured in steps has even ones."""
DIGIT = 5.0
"""Standard errors by which a last digit may come more often than each tenth time: amounts end in 0, 5 or 9."""


def names_something(table: Table, profile: ColumnProfile, ordered: Spread) -> bool:
    """Whether it is declared to, or holds whole numbers and is called so or spread as numbers that are given out.

    `ordered`: the column's spread.
    """
    if profile.name in table.named:
        return True
    if table.columns[profile.name].kind != "number":
        return False
    told = ordered.amounts()
    if (told.values != np.floor(told.values)).any():
        return False
    return is_called_so(profile.name) or is_given_out(told)


def is_called_so(name: str) -> bool:
    """Whether the name says it: product_id, userId, ID_client, zip code.

    >>> [is_called_so(name) for name in ("storeId", "invoice no", "paid", "no")]
    [True, True, False, False]
    """
    words = [word.casefold() for word in re.findall(r"[A-Z]+(?![a-z])|[A-Z]?[^\W\d_A-Z]+", name)]
    return bool(words) and (words[-1] in WORDS or words[0] == "id" or (len(words) > 1 and words[-1] in NUMBERS))


def is_given_out(told: Spread) -> bool:
    """Whether whole numbers fill their range evenly, and each row has its own or they come again beyond chance."""
    if len(told.values) < FEWEST:
        return False
    low, high = told.quantiles(BODY)
    first, last = np.searchsorted(told.values, low, side="left"), np.searchsorted(told.values, high, side="right")
    body = told.part(int(first), int(last))
    if len(body.values) < FEWEST or not is_even(body.values):
        return False
    return len(body.values) >= OWN * body.rows or _comes_again(body)


def is_even(rising: Floats) -> bool:
    """Whether numbers in rising order fill their range evenly, as numbers that are given out do."""
    if rising[0] == rising[-1]:
        return False
    place = (rising - rising[0]) / (rising[-1] - rising[0])
    return float(np.abs(place - np.linspace(0, 1, len(rising))).max()) <= EVEN


def _comes_again(body: Spread) -> bool:
    """Whether few of the numbers in the range are taken, at no even steps, and they are not rounded as amounts are."""
    count, gaps = len(body.values), np.diff(body.values)
    room = float(body.values[-1] - body.values[0]) + 1
    by_chance = room * -np.expm1(-body.rows / room)
    last = np.bincount((np.abs(body.values) % 10).astype(np.int64), minlength=10)
    most = float(last.max()) / count
    return bool(
        count <= TAKEN * by_chance and gaps.std() >= GAPS * gaps.mean() and most <= 0.1 + DIGIT * np.sqrt(0.09 / count)
    )
