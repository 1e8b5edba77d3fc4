"""A cron line, read far enough to say what is wrong with it: minute hour day month weekday."""

from __future__ import annotations

import re
from dataclasses import dataclass

from tidemill.spec.flaw import Flaw, UnreadText, flaw

MONTHS = ("JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC")
DAYS = ("SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT")
TERM = re.compile(r"(?:\*|(\w+)(?:-(\w+))?)(?:/([0-9]+))?")


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """One place of the line: its name, its smallest and largest number, and words that stand for numbers."""

    name: str
    low: int
    high: int
    words: tuple[str, ...] = ()

    def number(self, text: str) -> int | None:
        """The number that a text stands for, None for none of this field."""
        if text.upper() in self.words:
            return self.words.index(text.upper()) + self.low
        number = int(text) if re.fullmatch(r"[0-9]{1,2}", text) else -1
        return number if self.low <= number <= self.high else None

    def holds(self, term: str) -> bool:
        """Whether a term (`*`, `5`, `1-5`, `*/15`, `1-31/2`) is one of this field."""
        match = TERM.fullmatch(term)
        if match is None or (match[3] is not None and int(match[3]) == 0):
            return False
        if match[1] is None:
            return True
        first, final = self.number(match[1]), self.number(match[2] or match[1])
        return first is not None and final is not None and first <= final


FIELDS = (
    Field(name="minute", low=0, high=59),
    Field(name="hour", low=0, high=23),
    Field(name="day", low=1, high=31),
    Field(name="month", low=1, high=12, words=MONTHS),
    Field(name="weekday", low=0, high=7, words=DAYS),
)
LONGEST_MONTHS = {2: 29, 4: 30, 6: 30, 9: 30, 11: 30}


def cron_flaw(text: str) -> Flaw | None:
    """What is wrong with the line, None for a line that has times; `L`, `#` and seconds are refused too."""
    parts = text.split() if isinstance(text, str) else []
    if len(parts) != len(FIELDS):
        return flaw("cron-fields", text=text, given=len(parts))
    for field, part in zip(FIELDS, parts, strict=True):
        if not all(field.holds(term) for term in part.split(",")):
            return flaw("cron-field", text=text, field=field.name, value=part, low=field.low, high=field.high)
    return None if has_a_day(parts[2], parts[3]) else flaw("cron-never", text=text)


def cron_text(text: str) -> str:
    """The line as written, carrying its flaw if it has one."""
    found = cron_flaw(text)
    return UnreadText(text, found) if found else text


def has_a_day(day: str, month: str) -> bool:
    """Whether a day of month that is a plain list (`31`, `30,31`) comes in one of the plainly listed months."""
    days = [int(term) for term in day.split(",") if term.isdigit()]
    months = [FIELDS[3].number(term) for term in month.split(",")]
    if len(days) != len(day.split(",")) or None in months:
        return True
    return any(each <= LONGEST_MONTHS.get(number or 0, 31) for each in days for number in months)
