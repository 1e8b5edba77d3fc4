"""Stage 3, prepare: labels joined with features as of each moment, cut to what is mature, split, with its proof."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from tidemill.cores import each
from tidemill.errors import DataError
from tidemill.facts.codec import digest
from tidemill.facts.data import ColumnType, Finding, SplitPart, TrainingSet
from tidemill.features.keys import value_codes
from tidemill.features.offline.asks import ASK, ASKED, OWN
from tidemill.features.offline.columns import values_of
from tidemill.features.offline.frame import feature_names
from tidemill.features.offline.lake import Lake, lake_of
from tidemill.features.offline.outcome import KNOWN, OUTCOME
from tidemill.features.offline.slices import PLACE, as_bytes, as_table, schema_of
from tidemill.features.plan import key_text
from tidemill.lifecycle.prepare.card import Told, card
from tidemill.lifecycle.prepare.frame import Frame, made
from tidemill.lifecycle.prepare.given import Given
from tidemill.lifecycle.prepare.kept import SEEN, WHO, kept_of, made_of
from tidemill.lifecycle.prepare.split import PART, PARTS, Rows, forward, parts, proof
from tidemill.ports.blobs import Blobs
from tidemill.ports.context import Context
from tidemill.spec.label import Candidates
from tidemill.spec.model import ByGroup, ByTime, Model
from tidemill.spec.nearest import nearest

FORWARD = "_forward"


def run(given: Given, ctx: Context) -> tuple[TrainingSet, ...]:
    """The training set of the model as of now.

    DataError `no-asks` (nothing is asked yet), `nothing-mature` (no outcome is known yet). A part may be empty when the
    label's delay leaves nothing known in time: training on it is refused, a refit on all mature rows is not.
    """
    model = given.system.model(given.model)
    lake = lake_of(given.system.zone, given.versions, ctx.tables, ctx.compute)
    frame = frame_of(given, model, lake, ctx)
    mature = mature_rows(frame, given)
    rows = split_rows(mature, frame, model, lake, ctx.blobs)
    split = parts(model.split, rows)
    chosen = marked(mature, split, model, rows)
    written = [chosen.drop_columns([SEEN, WHO]), *([] if given.frame else [frame.asks])]
    blob, *whole = each(lambda table: ctx.blobs.put(as_bytes(table)), written, mature.num_rows)
    immature = frame.asks.num_rows - frame.asks[OUTCOME].null_count - mature.num_rows
    told = () if given.frame else card(Told(chosen, frame, model, lake, immature), ctx.blobs)
    fact = TrainingSet(
        system=given.system.name,
        model=model.name,
        label=model.label.name,
        digest=digest([blob, *frame.slices]),
        blob=blob,
        frame=given.frame.frame if given.frame else whole[0],
        recipe=recipe(given, model),
        features=features_of(model, frame, ctx.blobs),
        parts=tuple(part_of(name, part, chosen) for name, part in PARTS.items()),
        until_us=int(values_of(mature[ASKED]).data.max()),
        immature=immature,
        versions=tuple(version.name for version in given.versions),
        proof=proof(model.split, rows, split),
        card=(*told, *hypothesis(given)),
        slices=frame.slices,
        made_of=made_of(given, model, lake),
        manifests=tuple(version.manifest for version in given.versions),
        moments=given.moments,
        at_us=given.now_us,
    )
    return (fact,)


def frame_of(given: Given, model: Model, lake: Lake, ctx: Context) -> Frame:
    """All asks: those of the set to cut from, else what stands of the last set and what is made now."""
    if given.frame is not None:
        return Frame(slices=given.frame.slices, asks=as_table(ctx.blobs, given.frame.frame))
    return made(given, model, lake, kept_of(given, model, lake, ctx), ctx)


def features_of(model: Model, frame: Frame, blobs: Blobs) -> tuple[ColumnType, ...]:
    """What the model sees, in declared order."""
    schema = schema_of(frame.slices[-1], blobs)
    return tuple(
        ColumnType(name=name, type="text" if pa.types.is_string(schema.field(name).type) else "number")
        for name in feature_names(model)
    )


def recipe(given: Given, model: Model) -> str:
    """Digest of all that makes the table of asks: label, views, versions, moments; two models may share one."""
    versions = [version.manifest for version in given.versions]
    return digest([model.label, model.features, given.system.zone, versions, list(given.moments)])


def mature_rows(frame: Frame, given: Given) -> pa.Table:
    """The asks whose outcome is known by now, oldest first: `_place` among all, `_asked_us`, `_y`, `_known_us`."""
    asks = frame.asks.append_column(PLACE, pa.array(np.arange(frame.asks.num_rows)))
    if given.labels == "at-once":
        asks = asks.set_column(asks.schema.get_field_index(KNOWN), KNOWN, asks[ASKED])
    known = values_of(asks[KNOWN]).data <= min(given.watermark_us, given.now_us)
    there = ~values_of(asks[OUTCOME]).missing
    if not bool((known & there).any()):
        raise DataError("nothing-mature", label=given.system.model(given.model).label.name, asks=int(there.sum()))
    return asks.filter(pa.array(known & there))


def split_rows(mature: pa.Table, frame: Frame, model: Model, lake: Lake, blobs: Blobs) -> Rows:
    """What the split needs to know of the rows."""
    split, asked = model.split, model.label.asked
    column = split.together if isinstance(split, ByTime) else split.column if isinstance(split, ByGroup) else None
    names = schema_of(frame.slices[-1], blobs).names
    if column is not None and column not in names:
        raise DataError("column-missing", column=column, where="asks", nearest=nearest(column, names))
    places = values_of(mature[PLACE]).data
    texts: list[str] = []
    if not isinstance(split, ByTime):
        hashed = (column,) if column else asked.entity if isinstance(asked, Candidates) else asked.key or (OWN,)
        keys = frame.columns(blobs, hashed, places).append_column(ASK, pa.array(np.arange(len(places))))
        texts = lake.query(f"select {key_text(hashed)} as key from _asks order by {ASK}", _asks=keys)["key"].to_pylist()
    return Rows(
        asked_us=values_of(mature[ASKED]).data,
        known_us=values_of(mature[KNOWN]).data,
        group=None if column is None else groups(frame.columns(blobs, [column], places), column),
        keys=tuple(texts),
    )


def groups(mature: pa.Table, column: str) -> NDArray[np.int64]:
    """A code for each row, equal for equal values; null equals nothing, so that each such row is a group of its own."""
    codes = value_codes(values_of(mature[column]))
    return np.where(codes < 0, -1 - np.arange(len(codes)), codes)


def marked(mature: pa.Table, split: NDArray[np.int8], model: Model, rows: Rows) -> pa.Table:
    """The rows of any part or of the refit; `_forward`: 0 not of the refit, 1 trained on, 2 validated on too."""
    train, valid = forward(model.split, rows)
    later = train.astype(np.int8) + (train & valid)
    table = mature.append_column(PART, pa.array(split, pa.int8())).append_column(FORWARD, pa.array(later, pa.int8()))
    return table.filter(pa.array((split > 0) | train))


def part_of(name: str, part: int, chosen: pa.Table) -> SplitPart:
    """One part in numbers."""
    rows = values_of(chosen[PART]).data == part
    asked, y = values_of(chosen[ASKED]).data[rows], values_of(chosen[OUTCOME]).data[rows]
    binary = bool(np.isin(values_of(chosen[OUTCOME]).data, (0.0, 1.0)).all())
    return SplitPart(
        name=name,
        rows=int(rows.sum()),
        positives=int(y.sum()) if binary else None,
        first_us=int(asked.min()) if len(asked) else None,
        last_us=int(asked.max()) if len(asked) else None,
    )


def hypothesis(given: Given) -> tuple[Finding, ...]:
    """Says that outcomes were taken as known at once."""
    if given.labels == "declared":
        return ()
    return (Finding(code="card.labels-at-once", subject=given.model, importance=1.0),)
