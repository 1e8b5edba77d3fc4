"""What text columns give away: words for nothing, words in several spellings, numbers kept as text, too many words."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from itertools import chain

import numpy as np

from tidemill.facts.data import ColumnProfile, Finding
from tidemill.measure.arrays import Ints
from tidemill.measure.column import Column
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


def text_findings(table: Table, profile: ColumnProfile, column: Column) -> Iterator[Finding]:
    """All that can be said of a text column; nothing of others."""
    if column.kind != "text" or profile.distinct < 2:
        return
    counts = np.bincount(column.present(), minlength=len(column.labels))
    yield from _nothing(table, profile, column.labels, counts)
    yield from _spellings(table, profile, column.labels, counts)
    if is_numeric(column.labels):
        yield from _numbers(table, profile, column.labels, counts)
    elif profile.distinct >= MANY and counts.sum() < ROWS_EACH * profile.distinct < ROWS_EACH * counts.sum():
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


def _numbers(table: Table, profile: ColumnProfile, words: Sequence[str], counts: Ints) -> Iterator[Finding]:
    """Amounts kept as text; a few other words among them are mostly why."""
    others = {word: int(n) for word, n in zip(words, counts, strict=True) if n and not _is_amount(word)}
    fields: Fields = {"distinct": profile.distinct}
    if others:
        example = max(others, key=others.__getitem__)
        fields |= {"rows": sum(others.values()), "example": f"'{example}'"}
    yield table.found("finding.numbers-as-text", 0.5 if others else 0.3, profile.name, **fields)


def _nothing(table: Table, profile: ColumnProfile, words: Sequence[str], counts: Ints) -> Iterator[Finding]:
    """Words that mean that nothing is known: to a model they are a value like any other."""
    met = {word: int(n) for word, n in zip(words, counts, strict=True) if word.strip().casefold() in NOTHING and n}
    share = sum(met.values()) / max(int(counts.sum()), 1)
    if share >= NOTHING_SHARE:
        named = tuple(f"'{word}'" for word in sorted(met, key=met.__getitem__, reverse=True))
        fields: Fields = {"words": named, "rows": sum(met.values()), "share": share}
        yield table.found("finding.words-for-nothing", 0.2 + 0.3 * share, profile.name, **fields)


def _spellings(table: Table, profile: ColumnProfile, words: Sequence[str], counts: Ints) -> Iterator[Finding]:
    """Words that differ in nothing but case and spaces."""
    alike: dict[str, list[int]] = defaultdict(list)
    for place in np.flatnonzero(counts).tolist():
        alike[" ".join(words[place].casefold().split())].append(place)
    groups = [places for places in alike.values() if len(places) > 1]
    if groups:
        groups.sort(key=lambda places: -int(counts[places].sum()))
        named = tuple(" = ".join(f"'{words[place]}'" for place in places) for places in groups[:SPELLINGS])
        rows = int(counts[list(chain.from_iterable(groups))].sum())
        yield table.found("finding.spellings", 0.3, profile.name, words=len(groups), rows=rows, examples=named)
