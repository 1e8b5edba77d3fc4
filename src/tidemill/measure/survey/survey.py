"""A whole table surveyed: each column in numbers, and all that is worth saying, most important first."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from tidemill.cores import each
from tidemill.facts.data import ColumnProfile, Finding
from tidemill.measure.duplicates import no_duplicates
from tidemill.measure.profile import profile
from tidemill.measure.spread import spread
from tidemill.measure.survey.change import change_findings
from tidemill.measure.survey.columns import column_findings
from tidemill.measure.survey.table import Table
from tidemill.measure.survey.twins import twin_findings
from tidemill.measure.survey.whole import repeats, whole_findings


@dataclass(frozen=True, slots=True, kw_only=True)
class Survey:
    """`columns` in the table's order; `findings` by importance; `repeated`: rows that repeat an earlier one whole.

    One that corrects another repeats none.
    """

    columns: tuple[ColumnProfile, ...]
    findings: tuple[Finding, ...]
    repeated: int


def survey(table: Table) -> Survey:
    """All that can be said of the table alone."""
    by_time = table.by_time()

    def look(name: str) -> tuple[ColumnProfile, tuple[Finding, ...]]:
        ordered = spread(table.columns[name])
        one = profile(name, table.types[name], table.columns[name], ordered=ordered)
        return one, tuple(column_findings(table, one, ordered, by_time))

    seen = each(look, table.columns, table.rows)
    profiles = tuple(one for one, _ in seen)
    unlike = frozenset(one.name for one in profiles if one.distinct == table.rows)
    equal = repeats(table, tuple(table.columns)) if not unlike else no_duplicates(table.rows)
    alone = (finding for _, found in seen for finding in found)
    together = (*whole_findings(table, equal, unlike), *twin_findings(table, profiles))
    findings = by_importance([*together, *alone, *change_findings(table, profiles)])
    return Survey(columns=profiles, findings=findings, repeated=equal.surplus)


def by_importance(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """Most important first; equals in the order of what they are about."""
    return tuple(sorted(findings, key=lambda one: (-one.importance, one.subject, one.code)))
