"""What changed between the rows that were there in the previous version and those that came since."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from tidemill.facts.data import ColumnProfile, Finding
from tidemill.measure.column import Column
from tidemill.measure.drift import Drift, drift, reference, verdict
from tidemill.measure.profile import is_id_like
from tidemill.measure.shift import quantile_shift, shift, top_shift
from tidemill.measure.survey.names import runs
from tidemill.measure.survey.table import Table, number_text

PSI_BOUND = 0.25
FEWEST = 100
NULLS_ROSE = 0.05
NULLS_TIMES = 3.0
NULLS_MOVED = 0.01
"""A move of the share of nulls that is told, where it is no rise as above and no chance."""
QUANTILES = {0.05: "the 5 % quantile", 0.5: "the median", 0.95: "the 95 % quantile"}


def change_findings(table: Table, profiles: tuple[ColumnProfile, ...]) -> Iterator[Finding]:
    """Columns whose values moved, went missing or came; nothing where all rows are new, or few are."""
    before, after = slice(0, table.first_new), slice(table.first_new, None)
    if table.first_new < FEWEST or table.rows - table.first_new < FEWEST:
        return
    judged = [one for one in profiles if not is_name(table, one)]
    for profile in judged:
        column = table.columns[profile.name]
        then, now = column.take(before), column.take(after)
        if then.nulls == then.rows or now.nulls == now.rows:
            yield from _came_or_went(table, profile.name, then, now)
            continue
        if rose(then, now):
            yield _more_nulls(table, profile.name, then, now)
            continue
        yield from _nulls_moved(table, profile.name, then, now)
        moved = drift(reference(then), now)
        if verdict(moved, PSI_BOUND, columns=len(judged)) == "failed":
            yield _moved(table, profile.name, moved)
        else:
            yield from _quantile_or_top(table, profile.name, then, now)
    yield from _more_put_aside(table)


def is_name(table: Table, profile: ColumnProfile) -> bool:
    """Whether the column names a row or its time: then new rows have new values."""
    return profile.name in table.key or table.columns[profile.name].kind == "time" or is_id_like(profile)


def _came_or_went(table: Table, name: str, then: Column, now: Column) -> Iterator[Finding]:
    if now.nulls < now.rows:
        yield table.found("finding.column-came", 0.3, name, rows=now.rows - now.nulls)
    elif then.nulls < then.rows:
        yield table.found("finding.column-went", 0.85, name, rows=now.rows)


def rose(then: Column, now: Column) -> bool:
    """Whether far more of the column is missing than was."""
    was, share = then.nulls / then.rows, now.nulls / now.rows
    return share >= was + NULLS_ROSE and share >= NULLS_TIMES * was


def _more_nulls(table: Table, name: str, then: Column, now: Column) -> Finding:
    was, share = then.nulls / then.rows, now.nulls / now.rows
    return table.found("finding.nulls-rose", 0.6 + 0.3 * share, name, share=share, was=was, rows=now.nulls)


def _nulls_moved(table: Table, name: str, then: Column, now: Column) -> Iterator[Finding]:
    """Nulls that became fewer, or somewhat more, than they were ever before."""
    found = shift(then.null, now.null, NULLS_MOVED)
    if found is not None:
        says = "more" if found.share > found.was else "less"
        yield table.found("finding.nulls-moved", 0.3, name, says=says, share=found.share, was=found.was)


def _quantile_or_top(table: Table, name: str, then: Column, now: Column) -> Iterator[Finding]:
    """What moved in a column whose values as a whole did not: a quantile, else the most frequent value."""
    numbers = then.numbers()[~then.null]
    steady = then.kind == "number" and len(numbers) >= FEWEST and not runs(numbers)
    moved = quantile_shift(then, now) if steady else None
    if moved is not None:
        yield table.found(
            "finding.quantile-moved", 0.35, name, quantile=QUANTILES[moved.level], was=number_text(moved.was),
            now=number_text(moved.now), below=moved.below.share, before=moved.below.was,
        )  # fmt: skip
        return
    top = top_shift(then, now)
    if top is not None:
        yield table.found(
            "finding.top-changed", 0.3, name,
            was=_value_text(then, top.was), now=_value_text(then, top.now),
            was_before=top.was_shares[0], was_now=top.was_shares[1], now_before=top.now_shares[0],
            now_now=top.now_shares[1],
        )  # fmt: skip


def _value_text(column: Column, value: float) -> str:
    if column.kind == "text":
        return f"'{column.labels[int(value)]}'"
    return number_text(value) if column.kind == "number" else "true" if value else "false"


def _moved(table: Table, name: str, moved: Drift) -> Finding:
    """The column with the bin that gained most."""
    gain = np.array(moved.now) - np.array(moved.then)
    most = int(np.argmax(gain))
    return table.found(
        "finding.values-moved", 0.45 + 0.3 * (moved.moved or 0.0), name,
        moved=moved.moved, psi=moved.psi_adjusted, bin=moved.names[most], was=moved.then[most], share=moved.now[most],
    )  # fmt: skip


def _more_put_aside(table: Table) -> Iterator[Finding]:
    if table.reasons is None:
        return
    broken = ~table.reasons.null
    was, share = float(broken[: table.first_new].mean()), float(broken[table.first_new :].mean())
    if share >= was + NULLS_ROSE and share >= NULLS_TIMES * was:
        rows = int(broken[table.first_new :].sum())
        yield table.found("finding.put-aside-rose", 0.9, share=share, was=was, rows=rows)
