"""The training set's card: assumptions that a reader of its figures should know of."""

from __future__ import annotations

from typing import cast

import numpy as np
import pyarrow as pa

from tidemill.facts.data import Finding, Value
from tidemill.features.offline.asks import ASKED
from tidemill.features.offline.columns import values_of
from tidemill.features.offline.lake import Lake
from tidemill.features.plan import quoted
from tidemill.spec.model import Model
from tidemill.spec.source import Source
from tidemill.spec.view import Lookup


def card(chosen: pa.Table, model: Model, lake: Lake) -> tuple[Finding, ...]:
    """Truncated windows, assumed histories, empty features; most important first."""
    found = [*truncated(chosen, model, lake), *assumed(model), *empty(chosen, model)]
    return tuple(sorted(found, key=lambda finding: -finding.importance))


def truncated(chosen: pa.Table, model: Model, lake: Lake) -> list[Finding]:
    """Asks so early that a window reaches back before the source's first row: there it is a shorter window."""
    asked = values_of(chosen[ASKED]).data
    found = []
    for view in model.features:
        if isinstance(view, Lookup) and view.windows:
            longest = max(window.length_us or 0 for _, window in view.windows)
            first = first_us(view.source, lake)
            cut = asked < first + longest if first is not None else np.zeros(len(asked), np.bool_)
            if cut.any():
                early = len(np.unique(asked[cut]))
                days = longest / 86_400e6
                fields: dict[str, Value | tuple[Value, ...]] = {
                    "view": view.name,
                    "source": view.source.dataset,
                    "asks": int(cut.sum()),
                    "of": len(asked),
                    "moments": early,
                    "window_days": days,
                }
                found.append(Finding(code="card.truncated-windows", subject=view.name, importance=0.4, fields=fields))
    return found


def first_us(source: Source, lake: Lake) -> int | None:
    """Time of the source's first row; None where it has none."""
    first = lake.query(f"select epoch_us(min({quoted(source.time)})) as first from {quoted(source.dataset)}")
    return cast("int | None", first["first"][0].as_py())


def assumed(model: Model) -> list[Finding]:
    """Sources whose past is assumed: `since` for tables of last states, event time where no `known` is declared."""
    sources = {view.source.dataset: view.source for view in model.features if isinstance(view, Lookup)}
    found = []
    for source in sources.values():
        if source.since is not None:
            fields = {"source": source.dataset, "since": source.since}
            found.append(Finding(code="card.assumed-since", subject=source.dataset, importance=0.3, fields=fields))
        elif source.known is None:
            fields = {"source": source.dataset}
            found.append(Finding(code="card.known-as-happened", subject=source.dataset, importance=0.2, fields=fields))
    return found


def empty(chosen: pa.Table, model: Model) -> list[Finding]:
    """Features that are null in every row."""
    names = [name for name in chosen.column_names if "." in name]
    gone = [name for name in names if chosen[name].null_count == chosen.num_rows]
    return [
        Finding(code="card.empty-feature", subject=f"{model.name}.{name}", importance=0.5, fields={"feature": name})
        for name in gone
    ]
