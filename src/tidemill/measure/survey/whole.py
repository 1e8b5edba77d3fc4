"""What rows give away together: rows put aside, repeated rows and keys, clocks that ran backwards or ahead, gaps."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

import numpy as np

from tidemill.facts.data import Finding
from tidemill.measure.duplicates import Duplicates, duplicates, row_codes
from tidemill.measure.order import backward_steps
from tidemill.measure.spread import of_values
from tidemill.measure.survey.table import Table, moment_text, rounded

SHOWN = 5
BACKWARD = 0.02
"""Share of steps back above which rows just come in another order than that of time."""
GAP = 0.05
"""Share of the whole time from which on a stretch without rows is a gap, if it is also far longer than others."""
GAP_RATIO = 20.0
GAP_ROWS = 100


def whole_findings(table: Table, equal: Duplicates, unlike: frozenset[str] = frozenset()) -> Iterator[Finding]:
    """All that can be said of the rows; `equal`: those that are the same in every column.

    `unlike`: columns known to have another value in every row.
    """
    if table.rows == 0:
        yield table.found("finding.no-rows", 1.0)
        return
    yield from _put_aside(table)
    yield from _repeated(table, equal, unlike)
    yield from _backward(table)
    if table.time is not None:
        yield from _from_the_future(table, table.time)
        yield from _gaps(table, table.time)


def repeats(table: Table, names: Sequence[str]) -> Duplicates:
    """Rows that repeat another in these columns; one that landed anew repeats none: it stands in its place."""
    if table.anew is None:
        return duplicates([table.columns[name] for name in names])
    places = np.flatnonzero(~table.anew)
    found = duplicates([table.columns[name].take(places) for name in names])
    return replace(found, first_rows=tuple(places[np.asarray(found.first_rows, np.int64)].tolist()))


def _put_aside(table: Table) -> Iterator[Finding]:
    """One finding per broken promise."""
    reasons = table.reasons
    if reasons is None:
        return
    for code, reason in enumerate(reasons.labels):
        rows = np.flatnonzero(reasons.values == code)
        if len(rows):
            share = len(rows) / table.rows
            yield table.found(
                "finding.put-aside", 0.7 + min(0.2, 2 * share),
                rows=len(rows), of=table.rows, reason=reason, ids=table.called_all(rows[:SHOWN].tolist()),
            )  # fmt: skip


def _repeated(table: Table, equal: Duplicates, unlike: frozenset[str]) -> Iterator[Finding]:
    """Rows that are equal in every column, and keys that come again with other values."""
    if equal.surplus:
        share = equal.surplus / equal.n
        yield table.found(
            "finding.repeated-rows", 0.4 + min(0.3, 5 * share),
            rows=equal.surplus, share=share, most=equal.times[0], ids=table.called_all(equal.first_rows[:SHOWN]),
        )  # fmt: skip
    if not table.identity or not unlike.isdisjoint(table.identity):
        return
    key = repeats(table, table.identity)
    again = key.surplus - equal.surplus
    if again:
        yield table.found(
            "finding.repeated-keys", 0.5 + min(0.3, 5 * again / key.n),
            rows=again, share=again / key.n, key=table.identity, ids=table.called_all(key.first_rows[:SHOWN]),
        )  # fmt: skip


def _backward(table: Table) -> Iterator[Finding]:
    """Per kind of entity the clocks that stepped back; where many did, rows just come in no order of time.

    A correction comes later than the row that it corrects, whatever the clock did.
    """
    if table.time is None or table.columns[table.time].nulls or table.in_order:
        return
    places = np.arange(table.rows) if table.anew is None else np.flatnonzero(~table.anew)
    for entity in table.entities:
        codes = row_codes([table.columns[name].take(places) for name in entity])
        found = backward_steps(table.columns[table.time].values[places], codes)
        if 0 < found.steps <= BACKWARD * table.rows:
            yield table.found(
                "finding.clock-backwards", 0.6, table.time,
                steps=found.steps, entities=found.entities, entity=entity, largest_us=rounded(found.largest_us),
                ids=table.called_all(places[list(found.rows[:SHOWN])].tolist()),
            )  # fmt: skip


def _from_the_future(table: Table, time: str) -> Iterator[Finding]:
    """Rows later than now: a clock that runs ahead, or a date of something planned."""
    if table.now_us is None:
        return
    column = table.columns[time]
    late = np.flatnonzero(~column.null & (column.values > table.now_us))
    if len(late):
        worst = late[np.argsort(-column.values[late], kind="stable")][:SHOWN].tolist()
        latest = table.shown(time, worst[0])
        yield table.found(
            "finding.from-the-future", 0.75, time, rows=len(late), latest=latest, ids=table.called_all(worst)
        )


def _gaps(table: Table, time: str) -> Iterator[Finding]:
    """The longest stretch without any row, if it is a gap."""
    column = table.columns[time]
    moments = of_values(column.present()).values
    if len(moments) < GAP_ROWS:
        return
    steps = np.diff(moments)
    widest = int(np.argmax(steps))
    length, usual = int(steps[widest]), int(np.quantile(steps, 0.99))
    if length >= GAP * int(moments[-1] - moments[0]) and length >= GAP_RATIO * usual:
        since, until = (moment_text(int(moment), table.zone) for moment in moments[widest : widest + 2])
        yield table.found("finding.gap", 0.4, time, length_us=rounded(length), since=since, until=until)
