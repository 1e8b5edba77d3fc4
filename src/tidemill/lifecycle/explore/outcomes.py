"""The labels asked of a source: their asks with raw columns, all outcomes known so far, and which model reads what."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

import numpy as np

from tidemill.features.offline.asks import ASKED, from_source
from tidemill.features.offline.columns import values_of
from tidemill.features.offline.lake import Lake, lake_of
from tidemill.features.offline.outcome import OUTCOME, with_outcomes
from tidemill.lifecycle.explore.given import Given
from tidemill.lifecycle.explore.landed import column_of
from tidemill.measure.survey.leaks import Outcomes
from tidemill.ports.context import Context
from tidemill.spec.label import Label
from tidemill.spec.needs import request_columns
from tidemill.spec.source import Source


def outcomes(given: Given, ctx: Context) -> Iterator[Outcomes]:
    """One for each label asked of the source, mature or not: a leak is one whenever the truth becomes known."""
    versions = (given.version, *given.others)
    lake = lake_of(given.system.zone, versions, ctx.tables, ctx.compute)
    labels = [label for label in given.system.labels if is_asked(label, given.source, lake)]
    for place, label in enumerate(labels):
        ctx.progress("leaks", place, len(labels))
        found = outcomes_of(label, given, lake)
        if found is not None:
            yield found
    ctx.progress("leaks", len(labels), len(labels))


def is_asked(label: Label, source: Source, lake: Lake) -> bool:
    """Whether the label's asks are rows of the source, and all that its outcome needs is at hand."""
    needed = {window.of.dataset for _, window in label.ahead if window.of is not None}
    asked = label.asked
    return (
        isinstance(asked, Source) and asked.dataset == source.dataset and {source.dataset, *needed} <= set(lake.landed)
    )


def outcomes_of(label: Label, given: Given, lake: Lake) -> Outcomes | None:
    """The asks of a label; None where nothing was asked."""
    if not isinstance(label.asked, Source):
        return None
    asks = with_outcomes(from_source(label.asked, lake), label, lake)
    if asks.num_rows == 0:
        return None
    y = values_of(asks[OUTCOME])
    names = [name for name in asks.column_names if not name.startswith("_")]
    return Outcomes(
        dataset=given.source.dataset,
        label=label.name,
        columns={name: column_of(asks[name]) for name in names},
        y=np.where(y.missing, np.nan, y.data.astype(np.float64)),
        asked_us=values_of(asks[ASKED]).data,
        made_of=made_of(label),
        read_by=read_by(label, given),
    )


def made_of(label: Label) -> tuple[str, ...]:
    """Columns of the ask that its outcome is computed from; the time it is asked at is none of them."""
    if label.ahead:
        return ()
    texts = [expression for expression in (label.outcome, label.known, label.matures) if expression is not None]
    return tuple(dict.fromkeys(name for text in texts for name in text.names if name != "asked_at"))


def read_by(label: Label, given: Given) -> dict[str, tuple[str, ...]]:
    """Raw column -> models for this label whose request views read it."""
    found: dict[str, tuple[str, ...]] = defaultdict(tuple)
    for model in given.system.models:
        if model.label.name == label.name:
            for name in request_columns(model):
                found[name] += (model.name,)
    return dict(found)


def readers(given: Given) -> dict[str, tuple[str, ...]]:
    """Raw column of the source -> models whose request views read it, whatever they predict."""
    found: dict[str, tuple[str, ...]] = {}
    for label in given.system.labels:
        if isinstance(label.asked, Source) and label.asked.dataset == given.source.dataset:
            for name, models in read_by(label, given).items():
                found[name] = (*found.get(name, ()), *models)
    return found
