"""How each column alone goes with an outcome: its strength, the outcome in groups of its values, what it decides."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from tidemill.facts.data import Finding, Relation, Share
from tidemill.measure.arrays import Floats, Ints
from tidemill.measure.column import Column
from tidemill.measure.decision import Decision, decisions
from tidemill.measure.groups import Groups, groups
from tidemill.measure.leak import Strength
from tidemill.measure.survey.leaks import Outcomes
from tidemill.measure.survey.table import DAY_US, Fields, moment_text, number_text

MOST = 12
"""Groups that are told one by one; of words the most frequent, the others are one group."""
OTHERS = "all others"
NULL = "null"


def relations(outcomes: Outcomes, found: Sequence[Strength]) -> tuple[Relation, ...]:
    """One per judged column, in the order of the strengths; the means of the outcome in groups of known outcomes."""
    known = np.flatnonzero(~np.isnan(outcomes.y))
    return tuple(_relation(outcomes, one, known) for one in found if len(known))


def decision_findings(outcomes: Outcomes, found: Sequence[Strength], zone: str = "UTC") -> Iterator[Finding]:
    """Columns with a value that all but decides the outcome, though they order it no better than an honest one may."""
    known = np.flatnonzero(~np.isnan(outcomes.y))
    order = known[np.argsort(outcomes.asked_us[known], kind="stable")]
    for one in found:
        if one.yes_no and not one.suspect:
            column = outcomes.columns[one.column].take(order)
            read = groups(column, outcomes.asked_us[order] if outcomes.are_moments else None)
            told = decisions(read, outcomes.y[order])
            if told:
                value = group_text(read, column.labels, told[0].first, told[0].last)
                said: Fields = {"value": value, "more": len(told) - 1 or None}
                yield _decided(outcomes, one.column, told[0], said | _when(told[0], outcomes, order, zone))


def _when(one: Decision, outcomes: Outcomes, order: Ints, zone: str) -> Fields:
    """The stretch of time in which it is so; nothing where it always is, numbers where asks are only ordered."""
    if one.since is None or one.until is None:
        return {}
    ends = [int(outcomes.asked_us[order[place]]) for place in (one.since, one.until)]
    since, until = (moment_text(end, zone) if outcomes.are_moments else number_text(end) for end in ends)
    return {"since": since, "until": until}


def _decided(outcomes: Outcomes, name: str, top: Decision, said: Fields) -> Finding:
    models = outcomes.read_by.get(name, ())
    fields: Fields = {
        "column": name,
        "label": outcomes.label,
        "outcome": "true" if top.outcome else "false",
        "rows": top.rows,
        "others": top.others or None,
        "expected": top.expected,
        "models": models,
    }
    return Finding(
        code="finding.near-decision", subject=f"{outcomes.dataset}.{name}", importance=0.95 if models else 0.8,
        fields=fields | said,
    )  # fmt: skip


def group_text(read: Groups, labels: Sequence[str], first: int, last: int) -> str:
    """The values of neighbouring groups as a person says them; of times how far they lie from the moment asked."""
    if first == read.count - 1:
        return NULL
    if read.kind == "text":
        return f"'{labels[first]}'"
    if read.kind == "boolean":
        return "true" if read.low[first] else "false"
    low, high = float(read.low[first]), float(read.high[last])
    if read.kind == "number":
        ends = [number_text(low), number_text(high)]
        return ends[0] if low == high else " to ".join(ends)
    if read.kind == "time":
        return " to ".join(dict.fromkeys(moment_text(int(end), "UTC") for end in (low, high)))
    days = [number_text(round(end / DAY_US, 1)) for end in (low, high)]
    return f"{days[0] if days[0] == days[1] else ' to '.join(days)} days after the moment asked"


def _relation(outcomes: Outcomes, one: Strength, known: Ints) -> Relation:
    column, y = outcomes.columns[one.column].take(known), outcomes.y[known]
    return Relation(
        label=outcomes.label,
        column=one.column,
        strength=one.value,
        yes_no=one.yes_no,
        bound=one.bound,
        rows=len(y),
        mean=float(y.mean()),
        shares=tuple(_shares(column, outcomes.asked_us[known] if outcomes.are_moments else None, y)),
    )


def _shares(column: Column, asked_us: Ints | None, y: Floats) -> Iterator[Share]:
    """The outcome in each group; of words in the order of their rows, of amounts in theirs, null last."""
    read = groups(column, asked_us)
    rows = np.bincount(read.code, minlength=read.count)
    total = np.bincount(read.code, weights=y, minlength=read.count).astype(np.float64)
    places = np.flatnonzero(rows[:-1])
    if not read.ordered:
        places = places[np.argsort(-rows[places], kind="stable")]
        places, rest = places[:MOST], places[MOST:]
        yield from _told(read, column.labels, places.tolist(), rows, total)
        if len(rest):
            yield Share(value=OTHERS, rows=int(rows[rest].sum()), mean=float(total[rest].sum() / rows[rest].sum()))
    else:
        each = -(-len(places) // MOST)
        for start in range(0, len(places), each or 1):
            part = places[start : start + each]
            text = group_text(read, (), int(part[0]), int(part[-1]))
            yield Share(value=text, rows=int(rows[part].sum()), mean=float(total[part].sum() / rows[part].sum()))
    if rows[-1]:
        yield Share(value=NULL, rows=int(rows[-1]), mean=float(total[-1] / rows[-1]))


def _told(read: Groups, labels: Sequence[str], places: Sequence[int], rows: Ints, total: Floats) -> Iterator[Share]:
    for place in places:
        text = group_text(read, labels, place, place)
        yield Share(value=text, rows=int(rows[place]), mean=float(total[place] / rows[place]))
