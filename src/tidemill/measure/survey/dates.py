"""Days and moments that are kept as text: what they are written as, and what else the column says."""

from __future__ import annotations

import re
from collections.abc import Sequence

from tidemill.facts.data import ColumnProfile, Finding
from tidemill.measure.arrays import Ints
from tidemill.measure.survey.advice import moment_of
from tidemill.measure.survey.table import Fields, Table
from tidemill.spec.dialect import DATE_TEXT, SPACE, TIME_TEXT, ZONE_TEXT

FEWEST = 5
"""Different words below which they are not called dates."""
MOSTLY, SOME = 0.95, 1_000
"""Share of the words that must be dates, and how many are looked at."""
READ = re.compile(f"{DATE_TEXT}(({TIME_TEXT})({ZONE_TEXT})?)?")
"""Days and moments that a cast of the dialect reads."""
CLOCK = r"([ T]+\d{1,2}:\d{2}(:\d{2}(\.\d+)?)?( ?[ap]\.?m\.?)?)?"
MONTH = r"(jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*\.?"
NUMBERS = re.compile(
    r"((?P<one>\d{1,2})(/(?P<two>\d{1,2})/(\d{4}|\d{2})|(?P<sign>[.-])(?P<three>\d{1,2})(?P=sign)\d{4})"
    rf"|\d{{4}}(?P<mark>[./-])(?P<four>\d{{1,2}})(?P=mark)(?P<five>\d{{1,2}})){CLOCK}",
    re.IGNORECASE,
)
"""Day and month in either order before the year, or behind it: 31.12.2024, 12/31/24, 2024/12/31 9:30."""
NAMED = re.compile(rf"(\d{{1,2}}[ -]{MONTH}[ ,-]+(\d{{4}}|\d{{2}})|{MONTH} \d{{1,2}},? \d{{4}}){CLOCK}", re.IGNORECASE)
"""With the month's name: 31 Dec 2024, December 31, 2024."""


def is_dated(words: Sequence[str]) -> bool:
    """Whether nearly all the words are days, or moments, as a person or a program writes them.

    >>> is_dated(["31.12.2024", "1.1.2025", "2.1.2025", "3.1.2025", "4.1.2025"])
    True
    """
    some = words[:SOME]
    return len(words) >= FEWEST and sum(map(is_date, some)) >= MOSTLY * len(some)


def is_date(word: str) -> bool:
    """Whether the word is a day or a moment."""
    text = word.strip(SPACE)
    if READ.fullmatch(text) or NAMED.fullmatch(text):
        return True
    parts = NUMBERS.fullmatch(text)
    if parts is None:
        return False
    less, more = sorted(int(part) for part in parts.group("one", "two", "three", "four", "five") if part)
    return 1 <= less <= 12 and more <= 31


def date_finding(table: Table, profile: ColumnProfile, words: Sequence[str], counts: Ints) -> Finding:
    """Of a column of dates; a few other words among them are mostly why it is none of times.

    `counts`: rows of each word.
    """
    dated = [is_date(word) for word in words]
    known = [word.strip(SPACE) for word, told in zip(words, dated, strict=True) if told]
    others = {word: int(n) for word, n, told in zip(words, counts, dated, strict=True) if n and not told}
    fields: Fields = {"distinct": profile.distinct, "such": f"'{known[0]}'"}
    if others:
        fields |= {"rows": sum(others.values()), "example": f"'{max(others, key=others.__getitem__)}'"}
    if all(map(READ.fullmatch, known)):
        fields |= {"mend": moment_of(profile.name, "timestamp" if any(":" in word for word in known) else "date")}
    return table.found("finding.dates-as-text", 0.5 if others else 0.3, profile.name, **fields)
