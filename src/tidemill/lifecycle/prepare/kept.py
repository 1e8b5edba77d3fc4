"""What of the model's last training set stands as it was made: its first asks, their features, most outcomes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from tidemill.errors import StoreError
from tidemill.facts.codec import digest
from tidemill.facts.data import TrainingSet
from tidemill.facts.ids import dataset_ref
from tidemill.features.offline.asks import ASKED, OWN
from tidemill.features.offline.frame import views_needed
from tidemill.features.offline.lake import Lake
from tidemill.features.offline.outcome import KNOWN, OUTCOME
from tidemill.features.offline.slices import as_table, begins, read
from tidemill.features.offline.stands import (
    FOR_EVER,
    asked_again,
    asked_before_us,
    candidates_stand_us,
    features_stand_us,
    outcomes_stand_us,
)
from tidemill.features.rows import Bools, Ints
from tidemill.lifecycle.prepare.given import Given
from tidemill.ports.blobs import Blobs
from tidemill.ports.context import Context
from tidemill.ports.tables import Tables
from tidemill.spec.label import Candidates
from tidemill.spec.model import Model
from tidemill.spec.source import Source
from tidemill.spec.view import Lookup

SEEN, WHO = "_seen", "_who"
"""Hashes of an ask: of its features, of what it hangs together with."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Kept:
    """The asks before `until_us` (None: nothing is kept), which stood from place `first` on among those made before.

    `asked_us`, `outcomes` (`_y`, `_known_us`) and `marks` (hashes) of each; `touched`: those whose outcome later rows
    may have changed.
    `slices`: the old blobs, `ends`: where each began, and the end.
    """

    until_us: int | None
    first: int
    asked_us: Ints
    outcomes: pa.Table
    marks: pa.Table
    touched: Bools
    slices: tuple[str, ...]
    ends: tuple[int, ...]

    @property
    def count(self) -> int:
        """How many asks are kept."""
        return len(self.asked_us)

    @property
    def whole(self) -> dict[tuple[int, int], str]:
        """By where it begins and ends among the kept asks: each blob that holds these and no others."""
        spans = zip(pairwise(self.ends), self.slices, strict=True)
        placed = {(begin - self.first, end - self.first): digest for (begin, end), digest in spans}
        return {(begin, end): digest for (begin, end), digest in placed.items() if begin >= 0 and end <= self.count}

    def between(self, blobs: Blobs, begin: int, end: int) -> pa.Table:
        """The kept asks between these places, read from the blobs that hold some of them."""
        low, high = begin + self.first, end + self.first
        held = [
            (start, digest)
            for (start, stop), digest in zip(pairwise(self.ends), self.slices, strict=True)
            if start < high and stop > low
        ]
        return read([digest for _, digest in held], blobs).slice(low - held[0][0], high - low)

    def rows(self, blobs: Blobs, columns: Sequence[str]) -> pa.Table:
        """These columns of every kept ask."""
        return read(self.slices, blobs, columns).slice(self.first, self.count)


NOTHING = Kept(
    until_us=None,
    first=0,
    asked_us=np.zeros(0, np.int64),
    outcomes=pa.table({OUTCOME: pa.array([], pa.float64()), KNOWN: pa.array([], pa.int64())}),
    marks=pa.table({SEEN: pa.array([], pa.int64()), WHO: pa.array([], pa.int64())}),
    touched=np.zeros(0, np.bool_),
    slices=(),
    ends=(0,),
)


def made_of(given: Given, model: Model, lake: Lake) -> str:
    """Digest of all that makes features and outcomes, but the rows."""
    asked = model.label.asked
    named = given.system.sources if isinstance(asked, Candidates) else ()
    return digest(
        [
            [model.label, views_needed(model, given.system), list(named)],
            [given.system.zone, given.code],
            {name: dict(columns) for name, columns in sorted(lake.dialect.columns.items())},
        ]
    )


def kept_of(given: Given, model: Model, lake: Lake, ctx: Context) -> Kept:
    """What is kept of `given.before`: nothing where it was made of something else, or is not there any more."""
    before = given.before
    if before is None or not before.slices or before.made_of != made_of(given, model, lake):
        return NOTHING
    try:
        first_rows = landed_before(before, given, ctx.tables)
        return NOTHING if first_rows is None else still(before, given, model, lake, first_rows, ctx.blobs)
    except StoreError:
        return NOTHING  # its version or its blobs went, or are damaged


def landed_before(before: TrainingSet, given: Given, tables: Tables) -> Mapping[str, int] | None:
    """How many rows of each dataset had landed; None where these versions do not follow those."""
    rows = {}
    for name, manifest in zip(before.versions, before.manifests, strict=True):
        ref = dataset_ref(name)
        version = tables.version(ref.dataset, ref.number or 0)
        if version.manifest != manifest:
            return None
        rows[ref.dataset] = version.rows
    now = {version.dataset: version.rows for version in given.versions}
    return rows if now.keys() == rows.keys() and all(rows[name] <= now[name] for name in now) else None


def still(
    before: TrainingSet, given: Given, model: Model, lake: Lake, first_rows: Mapping[str, int], blobs: Blobs
) -> Kept:
    """The asks that stand, and which of their outcomes may not."""
    for held in before.slices:
        blobs.path(held)
    table = as_table(blobs, before.frame)
    asked_us: Ints = table[ASKED].to_numpy()
    until_us = min(stands(before, given, model, lake, first_rows))
    first, end = 0, int(np.searchsorted(asked_us, until_us))
    if given.moments:
        first = int(np.searchsorted(asked_us, given.moments[0]))
    if first >= end:
        return NOTHING
    ends = (*begins(asked_us), len(asked_us))
    kept = Kept(
        until_us=until_us,
        first=first,
        asked_us=asked_us[first:end],
        outcomes=table.select([OUTCOME, KNOWN]).slice(first, end - first),
        marks=table.select([SEEN, WHO]).slice(first, end - first),
        touched=np.zeros(end - first, np.bool_),
        slices=before.slices,
        ends=ends,
    )
    kept.touched[:] = touched(kept, model, lake, first_rows, blobs)
    return kept


def stands(before: TrainingSet, given: Given, model: Model, lake: Lake, first_rows: Mapping[str, int]) -> Iterator[int]:
    """Moments before each of which asks, or features of one view, are as they were."""
    yield FOR_EVER
    for view in views_needed(model, given.system):
        if isinstance(view, Lookup):
            yield features_stand_us(view, lake, first_rows[view.source.dataset]) + 1
    asked = model.label.asked
    if isinstance(asked, Source):
        yield asked_before_us(asked, lake, first_rows[asked.dataset])
        return
    sources = {source.dataset: source for source in given.system.sources}
    yield candidates_stand_us(lake, first_rows, sources) + 1
    yield moments_alike(before.moments, given.moments)


def moments_alike(old: Sequence[int], new: Sequence[int]) -> int:
    """The first moment from which on other moments are asked than before; older ones may have been left out."""
    was = [moment for moment in old if new and moment >= new[0]]
    for place, moment in enumerate(new):
        if place >= len(was) or was[place] != moment:
            return min([moment, *was[place : place + 1]])
    return was[len(new)] if len(was) > len(new) else FOR_EVER


def touched(kept: Kept, model: Model, lake: Lake, first_rows: Mapping[str, int], blobs: Blobs) -> NDArray[np.bool_]:
    """Kept asks whose outcome rows that landed since may have changed."""
    label = model.label
    found: NDArray[np.bool_] = kept.asked_us > outcomes_stand_us(label, lake, first_rows)
    if isinstance(label.asked, Source):
        again = asked_again(label.asked, lake, first_rows[label.asked.dataset])
        if len(again):
            found |= np.isin(kept.rows(blobs, [OWN])[OWN].to_numpy(), again)
    return found
