"""All asks of a model with their features and outcomes: what stands as it was made is kept, the rest is made now."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from tidemill.cores import each
from tidemill.errors import DataError
from tidemill.features.offline.answered import entity_of
from tidemill.features.offline.asks import ASK, ASKED, from_candidates, from_source
from tidemill.features.offline.columns import values_of
from tidemill.features.offline.frame import feature_names, views_needed, with_features
from tidemill.features.offline.lake import Lake
from tidemill.features.offline.outcome import KNOWN, OUTCOME, with_outcomes
from tidemill.features.offline.slices import as_bytes, at, begins, schema_of
from tidemill.features.plan import names
from tidemill.lifecycle.prepare.given import Given
from tidemill.lifecycle.prepare.kept import NOTHING, SEEN, WHO, Kept
from tidemill.ports.blobs import Blobs
from tidemill.ports.context import Context
from tidemill.spec.label import Candidates, Label
from tidemill.spec.model import Model


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Frame:
    """`slices`: blobs of all asks with features, oldest first.

    `asks`: per ask `_asked_us`, `_y`, `_known_us` and `marks_of` it.
    """

    slices: tuple[str, ...]
    asks: pa.Table

    def columns(self, blobs: Blobs, chosen: Sequence[str], places: NDArray[np.int64]) -> pa.Table:
        """These columns of the asks at these places, which rise."""
        return at(self.slices, places, blobs, chosen)


def made(given: Given, model: Model, lake: Lake, kept: Kept, ctx: Context) -> Frame:
    """Every ask with its features, and its outcome where it has one. DataError `no-asks`."""
    fresh = asks_of(model.label, given, lake, kept)
    if kept.count + fresh.num_rows == 0:
        raise DataError("no-asks", label=model.label.name, model=model.name)
    featured = with_features(fresh, views_needed(model, given.system), lake, ctx.progress)
    marks = pa.concat_tables([kept.marks, marks_of(featured, model, lake)])
    featured = featured.drop_columns([ASK])
    if kept.count and not featured.schema.equals(schema_of(kept.slices[-1], ctx.blobs)):
        return made(given, model, lake, NOTHING, ctx)
    times = np.concatenate([kept.asked_us, values_of(fresh[ASKED]).data])
    slices = sliced(times, featured, kept, ctx.blobs)
    outcomes = outcomes_of(fresh, model.label, kept, lake, ctx.blobs)
    columns = {name: table[name] for table in (outcomes, marks) for name in table.column_names}
    return Frame(slices=slices, asks=pa.table({ASKED: times} | columns).combine_chunks())


def marks_of(featured: pa.Table, model: Model, lake: Lake) -> pa.Table:
    """A hash of all that the model sees of each ask, and of what it hangs together with (null: with nothing)."""
    seen = names(feature_names(model)) or "0"
    together = [name for name in entity_of(model) if name in featured.column_names]
    who = f"(hash({names(together)}) >> 1)::bigint" if together else "null::bigint"
    return lake.query(
        f"select (hash({seen}) >> 1)::bigint as {SEEN}, {who} as {WHO} from _asks order by {ASK}", _asks=featured
    )


def asks_of(label: Label, given: Given, lake: Lake, kept: Kept) -> pa.Table:
    """The label's asks that are not kept, from rows or from candidates at the given moments; `_ask` counts on."""
    if isinstance(label.asked, Candidates):
        if not given.moments:
            raise DataError("no-asks", label=label.name, model=given.model)
        moments = [moment for moment in given.moments if kept.until_us is None or moment >= kept.until_us]
        moments = moments or list(given.moments[-1:])  # none is asked: the columns are wanted
        found = from_candidates(label.asked, given.system.sources, moments, lake)
        if kept.until_us is not None:
            found = found.filter(pa.array(values_of(found[ASKED]).data >= kept.until_us))
    else:
        found = from_source(label.asked, lake, from_us=kept.until_us)
    return numbered(found, kept.count)


def numbered(asks: pa.Table, first: int) -> pa.Table:
    """The asks with `_ask` counted from that number on."""
    numbers = pa.array(np.arange(first, first + asks.num_rows))
    return asks.set_column(asks.schema.get_field_index(ASK), ASK, numbers)


def outcomes_of(fresh: pa.Table, label: Label, kept: Kept, lake: Lake, blobs: Blobs) -> pa.Table:
    """`_y` and `_known_us` of every ask: anew of those that are new, and of those that later rows may have touched."""
    touched = np.flatnonzero(kept.touched)
    if not len(touched):
        told = with_outcomes(fresh, label, lake).select([OUTCOME, KNOWN])
        return pa.concat_tables([kept.outcomes, told]) if kept.count else told
    again = kept.rows(blobs, [name for name in fresh.column_names if name != ASK]).take(pa.array(touched))
    again = again.append_column(ASK, pa.array(touched)).select(fresh.column_names)
    told = with_outcomes(pa.concat_tables([again, fresh]), label, lake).select([OUTCOME, KNOWN])
    size = kept.count + fresh.num_rows
    order = np.arange(size)  # kept ones first, then what was told now
    order[touched] = kept.count + np.arange(len(touched))
    order[kept.count :] = kept.count + len(touched) + np.arange(fresh.num_rows)
    return pa.concat_tables([kept.outcomes, told]).take(pa.array(order)).combine_chunks()


def sliced(times: NDArray[np.int64], fresh: pa.Table, kept: Kept, blobs: Blobs) -> tuple[str, ...]:
    """The slices' blobs: of the kept asks those that end where they ended, the others written."""
    bounds, whole = [*begins(times), len(times)], kept.whole

    def blob(bound: tuple[int, int]) -> str:
        begin, end = bound
        if bound in whole:
            return whole[bound]
        parts = [kept.between(blobs, begin, min(end, kept.count))] if begin < kept.count else []
        if end > kept.count:
            parts.append(fresh.slice(max(begin - kept.count, 0), end - max(begin, kept.count)))
        return blobs.put(as_bytes(pa.concat_tables(parts)))

    return tuple(each(blob, pairwise(bounds), len(times)))
