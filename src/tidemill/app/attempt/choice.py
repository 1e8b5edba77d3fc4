"""Which columns a first model reads, and why the others are left out."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from tidemill.app.attempt.record import Chosen, Target, Timing
from tidemill.app.attempt.table import Raw, slugs
from tidemill.facts.data import ColumnProfile, Finding
from tidemill.measure.survey.newness import never_again
from tidemill.measure.survey.table import Fields
from tidemill.ports.tables import reserved

FEATURES = {"int", "float", "boolean", "text"}
ROWS_A_WORD = 10
"""Rows for each word of a text below which most words are seen too seldom to learn from."""
MANY = 200
LEAKS = ("finding.leak-suspect", "finding.leak-is-outcome")
NOTHING_IN_IT = (
    "finding.empty-column",
    "finding.constant",
    "finding.id-like",
    "finding.nearly-id",
    "finding.another-clock",
    "finding.time-as-number",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """What was seen of the table before choosing: profiles and findings (leaks among them)."""

    profiles: Sequence[ColumnProfile]
    findings: Sequence[Finding]


def chosen(raw: Raw, timing: Timing, target: Target, seen: Seen) -> Chosen:
    """The honest columns. Time, key and label are none of them."""
    key = key_of(timing, target, seen.profiles)
    own = {timing.column, target.column, key}
    left = {finding.subject: finding for finding in reasons(raw, timing, seen) if finding.subject not in own}
    kept = [name for name in raw.types if name not in left and name not in own]
    leaks = tuple(name for name, finding in left.items() if finding.code in LEAKS)
    ordered = sorted(left.values(), key=lambda one: -one.importance)
    return Chosen(
        features=tuple(zip(kept, slugs(kept), strict=True)),
        left_out=tuple(ordered),
        leaks=leaks,
        key=key,
        reserved=reserved(raw.types),
    )


def reasons(raw: Raw, timing: Timing, seen: Seen) -> Iterator[Finding]:
    """A finding for each column that a model should not read; the weightiest of a column comes last."""
    order = raw.column(timing.column).numbers()
    for profile in seen.profiles:
        name, present = profile.name, profile.rows - profile.nulls
        if raw.types[name] not in FEATURES or reserved((name,)):
            fields: Fields = {"column": name, "type": raw.types[name]}
            yield Finding(code="finding.not-a-feature", subject=name, importance=0.1, fields=fields)
            continue
        column = raw.column(name)
        if column.kind == "text" and profile.distinct >= MANY and present < ROWS_A_WORD * profile.distinct:
            fields = {"column": name, "distinct": profile.distinct, "rows": present}
            yield Finding(code="finding.many-words", subject=name, importance=0.2, fields=fields)
        elif (share := never_again(column, order)) is not None:
            yield Finding(
                code="finding.never-again", subject=name, importance=0.3, fields={"column": name, "share": share}
            )
    wanted = (*NOTHING_IN_IT, *LEAKS)
    for finding in sorted(seen.findings, key=lambda one: one.code in LEAKS):
        if finding.code in wanted:
            name = str(finding.fields["column"])
            yield Finding(code=finding.code, subject=name, importance=finding.importance, fields=finding.fields)


def key_of(timing: Timing, target: Target, profiles: Sequence[ColumnProfile]) -> str:
    """The first column that names each row, the order itself last; "" where there is none."""
    unique = [one.name for one in profiles if is_key(one) and one.name != target.column]
    return next(iter(sorted(unique, key=lambda name: name == timing.column)), "")


def is_key(profile: ColumnProfile) -> bool:
    """Whether the column is another whole number or text in each row, and never missing."""
    usable = profile.type in {"int", "text"} and not reserved((profile.name,))
    return usable and profile.nulls == 0 and profile.distinct == profile.rows > 1
