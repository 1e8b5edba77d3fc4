"""What text columns give away: words for nothing, words in several spellings, numbers and dates kept as text."""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Iterator, Sequence
from itertools import chain

import numpy as np

from tidemill.facts.data import ColumnProfile, Finding
from tidemill.measure.arrays import Ints
from tidemill.measure.column import Column
from tidemill.measure.survey.advice import joined, unless_said
from tidemill.measure.survey.dates import date_finding, is_dated
from tidemill.measure.survey.table import Fields, Table

NOTHING = frozenset(
    {"", "?", "-", "--", ".", "na", "n/a", "#n/a", "nan", "null", "nil", "unknown", "missing", "undefined", "not known"}
)
"""Words that people write where they know nothing, in lower case and without spaces around."""
NOTHING_SHARE = 0.001
SPELLINGS = 5
"""Words with several spellings that are named."""
MANY = 200
"""Distinct words from which on they are many, if rows are few for each."""
ROWS_EACH = 20
NUMERIC = 0.95
NEARLY = 0.95
"""Share of different values among the rows from which on a word or whole number is a name of the row."""
MARK = "\0"
"""Stands between words that are looked at together, which is far quicker than one by one."""


def text_findings(table: Table, profile: ColumnProfile, column: Column) -> Iterator[Finding]:
    """All that can be said of a text column; nothing of others."""
    if column.kind != "text" or profile.distinct < 2:
        return
    counts = np.bincount(column.present(), minlength=len(column.labels))
    tidy = _tidy(column.labels)
    yield from _nothing(table, profile, column.labels, counts, tidy)
    if tidy is not column.labels:
        yield from _spellings(table, profile, column.labels, counts, tidy)
    if is_numeric(column.labels):
        yield from _numbers(table, profile, column.labels, counts)
    elif is_dated(column.labels):
        yield date_finding(table, profile, column.labels, counts)
    elif profile.distinct >= MANY and counts.sum() < ROWS_EACH * profile.distinct < ROWS_EACH * NEARLY * counts.sum():
        yield table.found("finding.many-words", 0.15, profile.name, distinct=profile.distinct, rows=int(counts.sum()))


def is_numeric(words: Sequence[str]) -> bool:
    """Whether nearly all the words are amounts; codes with a leading zero are none."""
    some = words[:1000]
    return len(words) > 10 and sum(map(_is_amount, some)) >= NUMERIC * len(some)


def _is_amount(word: str) -> bool:
    if "_" in word or (word[:1] == "0" and word[1:2].isdigit()):
        return False
    try:
        float(word)
    except ValueError:
        return False
    return True


def _all_amounts(words: Sequence[str]) -> bool:
    """Whether all are; False also where only a look at each can tell."""
    text = MARK.join(("", *words))
    zeros = text.count(f"{MARK}0") - text.count(f"{MARK}0.") - text.count(f"{MARK}0{MARK}") - text.endswith(f"{MARK}0")
    if not text.isascii() or "_" in text or zeros:
        return False
    try:
        deque(map(float, words), maxlen=0)
    except ValueError:
        return False
    return True


def _numbers(table: Table, profile: ColumnProfile, words: Sequence[str], counts: Ints) -> Iterator[Finding]:
    """Amounts kept as text; a few other words among them are mostly why."""
    others: dict[str, int] = {}
    if not _all_amounts(words):
        others = {word: int(n) for word, n in zip(words, counts, strict=True) if n and not _is_amount(word)}
    fields: Fields = {"distinct": profile.distinct}
    if others:
        example = max(others, key=others.__getitem__)
        fields |= {"rows": sum(others.values()), "example": f"'{example}'"}
    yield table.found("finding.numbers-as-text", 0.5 if others else 0.3, profile.name, **fields)


def _nothing(
    table: Table, profile: ColumnProfile, words: Sequence[str], counts: Ints, tidy: Sequence[str] | None
) -> Iterator[Finding]:
    """Words that mean that nothing is known: to a model they are a value like any other."""
    plain = [word.strip().casefold() for word in words] if tidy is None else tidy
    if NOTHING.isdisjoint(plain):
        return
    met = {word: int(n) for word, n, one in zip(words, counts, plain, strict=True) if one in NOTHING and n}
    share = sum(met.values()) / max(int(counts.sum()), 1)
    if share >= NOTHING_SHARE:
        ranked = sorted(met, key=met.__getitem__, reverse=True)
        fields: Fields = {"words": tuple(f"'{word}'" for word in ranked), "rows": sum(met.values()), "share": share}
        fields |= {"mend": unless_said(profile.name, ranked)}
        yield table.found("finding.words-for-nothing", 0.2 + 0.3 * share, profile.name, **fields)


def _spellings(
    table: Table, profile: ColumnProfile, words: Sequence[str], counts: Ints, tidy: Sequence[str] | None
) -> Iterator[Finding]:
    """Words that differ in nothing but case and spaces."""
    plain = [" ".join(word.casefold().split()) for word in words] if tidy is None else tidy
    if len(set(plain)) == len(words):
        return
    alike: dict[str, list[int]] = defaultdict(list)
    for place in np.flatnonzero(counts).tolist():
        alike[plain[place]].append(place)
    groups = [places for places in alike.values() if len(places) > 1]
    if groups:
        groups.sort(key=lambda places: -int(counts[places].sum()))
        named = tuple(" = ".join(f"'{words[place]}'" for place in places) for places in groups[:SPELLINGS])
        rows = int(counts[list(chain.from_iterable(groups))].sum())
        fields = joined(profile.name, [[words[place] for place in places] for places in groups])
        yield table.found(
            "finding.spellings", 0.3, profile.name, words=len(groups), rows=rows, examples=named, **fields
        )


def _tidy(words: Sequence[str]) -> Sequence[str] | None:
    """The words in small letters, themselves if they are; None where one has more space than one between two parts."""
    text = MARK.join(words)
    tight = text.replace(" ", "")
    untidy = "  " in text or f" {MARK}" in text or f"{MARK} " in text or text[:1] == " " or text[-1:] == " "
    if untidy or text.count(MARK) != len(words) - 1 or tight.split(None, 1) != [tight]:
        return None
    folded = text.casefold()
    return words if folded == text else folded.split(MARK)
