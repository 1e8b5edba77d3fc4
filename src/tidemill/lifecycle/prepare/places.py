"""Decimals of which a window leaves the last places out: its sums have a scale, and the column more places."""

from __future__ import annotations

import pyarrow as pa

from tidemill.facts.data import Finding
from tidemill.features.offline.lake import Lake
from tidemill.features.picked import DEFAULT_SCALE
from tidemill.features.plan import quoted
from tidemill.features.tileplan import SUMMED
from tidemill.spec.expression import Column
from tidemill.spec.model import Model
from tidemill.spec.view import Lookup


def cut_places(model: Model, lake: Lake) -> list[Finding]:
    """One finding for each decimal column that a looked-up view sums at fewer places than some of its values have.

    Only where the column stands alone: what is computed is a float, of which no last place is meant.
    """
    found = []
    for view, column, scale in dict.fromkeys(summed(model)):
        dataset = view.source.dataset
        kind = lake.query(f"select {quoted(column)} from {quoted(dataset)} limit 0").schema.field(0).type
        if pa.types.is_decimal(kind) and kind.scale > scale:
            longer = f"count(*) filter (where {quoted(column)} <> round({quoted(column)}, {scale}))"
            counts = lake.query(f"select {longer} as rows, count({quoted(column)}) as n from {quoted(dataset)}")
            rows, of = counts["rows"][0].as_py(), counts["n"][0].as_py()
            if rows:
                fields = {"column": column, "rows": rows, "of": of, "scale": scale}
                found.append(Finding(code="card.places-cut", subject=view.name, importance=0.3, fields=fields))
    return found


def summed(model: Model) -> list[tuple[Lookup, str, int]]:
    """The columns that looked-up views sum as they are, and at which scale."""
    return [
        (view, window.expression.tree.name, DEFAULT_SCALE if window.scale is None else window.scale)
        for view in model.features
        if isinstance(view, Lookup)
        for _, window in view.windows
        if window.kind in SUMMED and window.expression and isinstance(window.expression.tree, Column)
    ]
