"""The training set's card: assumptions that a reader of its figures should know of."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pyarrow as pa

from tidemill.facts.data import DatasetVersion, Finding, Value
from tidemill.features.offline.asks import ASKED
from tidemill.features.offline.columns import values_of
from tidemill.features.offline.frame import feature_names
from tidemill.features.offline.slices import PLACE, as_table
from tidemill.lifecycle.prepare.frame import Frame
from tidemill.ports.blobs import Blobs
from tidemill.spec.model import Model
from tidemill.spec.source import Source
from tidemill.spec.view import Lookup


def card(
    chosen: pa.Table, frame: Frame, model: Model, versions: Sequence[DatasetVersion], blobs: Blobs
) -> tuple[Finding, ...]:
    """Truncated windows, assumed histories, empty features; most important first."""
    found = [*truncated(chosen, model, versions), *assumed(model), *empty(chosen, frame, model, blobs)]
    return tuple(sorted(found, key=lambda finding: -finding.importance))


def truncated(chosen: pa.Table, model: Model, versions: Sequence[DatasetVersion]) -> list[Finding]:
    """Asks so early that a window reaches back before the source's first row: there it is a shorter window."""
    asked = values_of(chosen[ASKED]).data
    found = []
    for view in model.features:
        if isinstance(view, Lookup) and view.windows:
            longest = max(window.length_us or 0 for _, window in view.windows)
            first = first_us(view.source, versions)
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


def first_us(source: Source, versions: Sequence[DatasetVersion]) -> int | None:
    """Time of the source's first landed row; None where it has none."""
    files = [file for version in versions if version.dataset == source.dataset for file in version.files]
    return min((file.first_us for file in files if file.first_us is not None), default=None)


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


def empty(chosen: pa.Table, frame: Frame, model: Model, blobs: Blobs) -> list[Finding]:
    """Features that are null in every row; the newest rows are looked at first, and mostly suffice."""
    left = list(feature_names(model))
    places = values_of(chosen[PLACE]).data
    end = frame.asks.num_rows
    for digest in reversed(frame.slices):
        some = as_table(blobs, digest, left)
        begin = end - some.num_rows
        here = places[np.searchsorted(places, begin) : np.searchsorted(places, end)] - begin
        rows = some.take(pa.array(here))
        left = [name for name in left if rows[name].null_count == rows.num_rows]
        end = begin
        if not left:
            break
    return [
        Finding(code="card.empty-feature", subject=f"{model.name}.{name}", importance=0.5, fields={"feature": name})
        for name in left
    ]
