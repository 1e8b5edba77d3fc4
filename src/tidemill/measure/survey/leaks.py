"""Columns that know the outcome: those it is made of, and those that order it too well to be honest."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from tidemill.facts.data import Finding
from tidemill.measure.arrays import Floats, Ints
from tidemill.measure.column import Column
from tidemill.measure.leak import Strength, strengths
from tidemill.measure.survey.table import Fields

SAME = 0.9995
"""Strength from which on a column is the outcome under another name."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Outcomes:
    """Asks of one label with their raw columns; `y` is NaN where the outcome is not known.

    `made_of`: columns that the outcome is computed from. `read_by`: column -> models that read it. `are_moments`:
    whether `asked_us` are microseconds; else they only order the asks.
    """

    dataset: str
    label: str
    columns: Mapping[str, Column]
    y: Floats
    asked_us: Ints
    made_of: Sequence[str] = ()
    read_by: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    are_moments: bool = True


def judged(outcomes: Outcomes) -> tuple[Strength, ...]:
    """How well each column alone orders the outcomes, the strongest first; what they are made of is left out."""
    columns = {name: column for name, column in outcomes.columns.items() if name not in outcomes.made_of}
    return strengths(columns, outcomes.y, outcomes.asked_us)


def leak_findings(outcomes: Outcomes, found: Sequence[Strength]) -> Iterator[Finding]:
    """The suspects among the judged columns, and what the outcome is made of.

    A suspect that a model reads is the most important finding there can be.
    """
    for one in found:
        if one.suspect:
            yield _suspect(outcomes, one)
    for name in outcomes.made_of:
        if name in outcomes.columns:
            fields: Fields = {"column": name, "label": outcomes.label}
            subject = f"{outcomes.dataset}.{name}"
            yield Finding(code="finding.outcome-column", subject=subject, importance=0.25, fields=fields)


def _suspect(outcomes: Outcomes, one: Strength) -> Finding:
    value = one.value or 0.0
    models = outcomes.read_by.get(one.column, ())
    fields: Fields = {
        "column": one.column,
        "label": outcomes.label,
        "strength": value,
        "bound": one.bound,
        "measure": "AUC" if one.yes_no else "rank correlation",
        "blocks": one.blocks,
        "rows": one.n,
        "models": models,
    }
    code = "finding.leak-is-outcome" if one.yes_no and value >= SAME else "finding.leak-suspect"
    importance = 1.0 if models else round(0.9 + 0.05 * value, 4)
    return Finding(code=code, subject=f"{outcomes.dataset}.{one.column}", importance=importance, fields=fields)
