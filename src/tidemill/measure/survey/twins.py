"""Columns that say the same as another one in every row."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

import numpy as np

from tidemill.facts.data import ColumnProfile, Finding
from tidemill.measure.column import Column
from tidemill.measure.profile import is_constant
from tidemill.measure.survey.table import Table

FEWEST = 30
"""Rows below which two columns may be equal by chance."""


def twin_findings(table: Table, profiles: tuple[ColumnProfile, ...]) -> Iterator[Finding]:
    """Each column that is an earlier one over again, nulls included; constant ones are not looked at."""
    alike: dict[tuple[object, ...], list[str]] = defaultdict(list)
    for one in profiles:
        if one.rows >= FEWEST and not is_constant(one):
            kind = table.columns[one.name].kind
            alike[kind, one.nulls, one.distinct, one.quantiles, one.edges, one.counts, one.top].append(one.name)
    for names in alike.values():
        first: list[str] = []
        for name in names:
            twin = next((other for other in first if same(table.columns[name], table.columns[other])), None)
            if twin is None:
                first.append(name)
            else:
                yield table.found("finding.same-column", 0.3, name, other=twin, rows=table.rows)


def same(one: Column, other: Column) -> bool:
    """Whether two columns of one kind have equal values, and nulls, in every row."""
    if one.labels != other.labels or not np.array_equal(one.null, other.null):
        return False
    return bool((one.present() == other.present()).all())
