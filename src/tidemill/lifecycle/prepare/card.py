"""The training set's card: assumptions that a reader of its figures should know of."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np
import pyarrow as pa

from tidemill.facts.data import Finding, Value
from tidemill.features.offline.asks import ASKED
from tidemill.features.offline.columns import values_of
from tidemill.features.offline.frame import feature_names
from tidemill.features.offline.lake import Lake
from tidemill.features.offline.outcome import OUTCOME
from tidemill.features.offline.slices import PLACE, as_table
from tidemill.features.rows import Bools, Ints
from tidemill.lifecycle.prepare.begins import begins_us
from tidemill.lifecycle.prepare.frame import Frame
from tidemill.lifecycle.prepare.kept import SEEN, WHO
from tidemill.lifecycle.prepare.places import cut_places
from tidemill.lifecycle.prepare.split import PART, PARTS
from tidemill.ports.blobs import Blobs
from tidemill.spec.model import ByHash, Model
from tidemill.spec.needs import full_name
from tidemill.spec.view import Lookup, View


@dataclass(frozen=True, slots=True, eq=False)
class Told:
    """A set that is being made: `chosen` asks with `_part`, all of them, whose they are, and how many wait."""

    chosen: pa.Table
    frame: Frame
    model: Model
    lake: Lake
    immature: int


def card(told: Told, blobs: Blobs) -> tuple[Finding, ...]:
    """Overlaps, windows cut short, rounded sums, assumed histories, empty features, who is missing; by importance."""
    chosen, model = told.chosen, told.model
    found = [
        *overlaps(chosen, model),
        *truncated(chosen, model, told.lake),
        *cut_places(model, told.lake),
        *assumed(model),
        *missing(told, blobs),
        *empty(chosen, told.frame, model, blobs),
        *waiting(told),
    ]
    return tuple(sorted(found, key=lambda finding: -finding.importance))


def overlaps(chosen: pa.Table, model: Model) -> list[Finding]:
    """Test rows that look just like one that was trained on, and those of somebody who was trained on.

    By time the latter is as it will be; drawn by hash, what hangs together stands on both sides.
    """
    part = values_of(chosen[PART]).data
    train, test = part == PARTS["train"], part == PARTS["test"]
    found = []
    for mark, code in ((SEEN, "card.same-rows"), (WHO, "card.same-entities")):
        marks = values_of(chosen[mark])
        both = among(marks.data[test], marks.data[train & ~marks.missing]) & ~marks.missing[test]
        share = float(both.mean()) if len(both) else 0.0
        if share > 0:
            drawn = mark == SEEN or isinstance(model.split, ByHash)
            fields: dict[str, Value | tuple[Value, ...]] = {
                "rows": int(both.sum()),
                "of": len(both),
                "share": share,
            }
            importance = 0.1 + 0.5 * share * drawn
            found.append(Finding(code=code, subject=model.name, importance=importance, fields=fields))
    return found


def among(some: Ints, others: Ints) -> Bools:
    """Which of them are among the others."""
    if not len(others):
        return np.zeros(len(some), np.bool_)
    ordered = np.sort(others)
    found: Bools = ordered[np.minimum(np.searchsorted(ordered, some), len(ordered) - 1)] == some
    return found


def waiting(told: Told) -> list[Finding]:
    """Asks whose outcome is not known yet."""
    if not told.immature:
        return []
    asks = told.frame.asks.num_rows - told.frame.asks[OUTCOME].null_count
    fields = {"asks": told.immature, "of": asks, "share": told.immature / asks}
    return [Finding(code="card.immature", subject=told.model.name, importance=0.15, fields=fields)]


def missing(told: Told, blobs: Blobs) -> list[Finding]:
    """Asks that found no row in a table of last states: who was deleted before the first look is not in it."""
    found = []
    places = values_of(told.chosen[PLACE]).data
    for view in told.model.features:
        columns = last_state(view)
        gone = np.full(len(places), bool(columns))
        for name in columns:
            gone &= values_of(told.frame.columns(blobs, [name], places)[name]).missing
        if isinstance(view, Lookup) and gone.any():
            fields: dict[str, Value | tuple[Value, ...]] = {
                "source": view.source.dataset,
                "asks": int(gone.sum()),
                "of": len(gone),
            }
            found.append(Finding(code="card.nobody-there", subject=view.name, importance=0.3, fields=fields))
    return found


def last_state(view: View) -> list[str]:
    """The features that a view takes from the newest row of a table that keeps its last state; none of other views."""
    if not isinstance(view, Lookup) or view.source.since is None:
        return []
    return [full_name(view, item.name) for item in view.columns if item.name in view.chosen]


def truncated(chosen: pa.Table, model: Model, lake: Lake) -> list[Finding]:
    """Asks so early that a window reaches back before the source's rows begin: there it is a shorter window."""
    begins = cache(lambda source: begins_us(source, lake))
    asked = values_of(chosen[ASKED]).data
    found = []
    for view in model.features:
        if isinstance(view, Lookup) and view.windows:
            longest = max(window.length_us or 0 for _, window in view.windows)
            first = begins(view.source)
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
