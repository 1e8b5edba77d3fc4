"""How far a model's data reaches: which datasets it stands on, up to when outcomes are known, when it was asked."""

from __future__ import annotations

import re
from collections.abc import Iterable

from tidemill.facts.data import NOT_YET, DatasetVersion
from tidemill.loop.schedule import moments
from tidemill.spec.declaration import Declaration
from tidemill.spec.label import Candidates, Label
from tidemill.spec.model import ByTime, Duration, Model
from tidemill.spec.needs import lookups
from tidemill.spec.source import Source
from tidemill.spec.view import Request

WORD = re.compile(r"\w+")


def datasets(model: Model, system: Declaration) -> tuple[str, ...]:
    """Names of the datasets that the model's label, features and candidates read, in the order of declaration."""
    needed = {view.source.dataset for view in lookups(model, system)}
    needed |= {view.source.dataset for view in model.features if isinstance(view, Request)}
    needed |= {window.of.dataset for _, window in model.label.ahead if window.of is not None}
    asked = model.label.asked
    needed |= {asked.dataset} if isinstance(asked, Source) else set(read_by(asked, system))
    return tuple(source.dataset for source in system.roots if source.dataset in needed)


def read_by(candidates: Candidates, system: Declaration) -> tuple[str, ...]:
    """Datasets whose sources the SQL of candidates names."""
    words = {word.casefold() for text in (candidates.who, *candidates.what) for word in WORD.findall(text)}
    return tuple(source.dataset for source in system.sources if source.name.casefold() in words)


def outcome_datasets(label: Label) -> tuple[str, ...]:
    """Datasets that bring the outcome: those looked ahead at, else the asked one."""
    ahead = tuple(window.of.dataset for _, window in label.ahead if window.of is not None)
    return ahead or ((label.asked.dataset,) if isinstance(label.asked, Source) else ())


def watermark_us(label: Label, versions: Iterable[DatasetVersion], now_us: int) -> int:
    """Up to when outcomes are known: the watermark of the slowest source that brings them, never after now.

    Not the clock: if the feed of outcomes stops, what did not arrive is unknown, not negative.
    """
    known = {version.dataset: version.watermark_us for version in versions}
    return min([known.get(dataset, NOT_YET) for dataset in outcome_datasets(label)] + [now_us])


def asked_moments(model: Model, versions: Iterable[DatasetVersion], zone: str, until_us: int) -> tuple[int, ...]:
    """When candidates were asked, as far back as the split's history reaches; () for asks that are rows of a source.

    No ask is older than the first row of what brings its outcome: before it nothing could have been seen.
    """
    label = model.label
    if not isinstance(label.asked, Candidates):
        return ()
    bring = outcome_datasets(label)
    starts = [
        file.first_us for version in versions if version.dataset in bring for file in version.files if file.first_us
    ]
    if not starts:
        return ()
    newest = until_us - label.delay_us
    history = model.split.history if isinstance(model.split, ByTime) else None
    oldest = max(min(starts), newest - history.us) if isinstance(history, Duration) else min(starts)
    return moments(label.asked.every, zone, oldest, until_us)
