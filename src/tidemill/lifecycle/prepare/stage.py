"""Stage 3, prepare: labels joined with features as of each moment, cut to what is mature, split, with its proof."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray

from tidemill.errors import DataError
from tidemill.facts.codec import digest
from tidemill.facts.data import ColumnType, DatasetVersion, Finding, SplitPart, TrainingSet
from tidemill.features.keys import value_codes
from tidemill.features.offline.asks import ASK, ASKED, OWN, from_candidates, from_source
from tidemill.features.offline.columns import values_of
from tidemill.features.offline.frame import feature_names, views_needed, with_features
from tidemill.features.offline.lake import Lake, lake_of
from tidemill.features.offline.outcome import KNOWN, OUTCOME, with_outcomes
from tidemill.features.plan import key_text
from tidemill.lifecycle.prepare.card import card
from tidemill.lifecycle.prepare.split import PARTS, Rows, forward, parts, proof
from tidemill.ports.context import Context
from tidemill.spec.declaration import Declaration
from tidemill.spec.label import Candidates, Label
from tidemill.spec.model import ByGroup, ByTime, Model
from tidemill.spec.nearest import nearest

PART, FORWARD = "_part", "_forward"

Labels = Literal["declared", "at-once"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Given:
    """A model's data at a moment: versions, when candidates are asked, how far outcomes are known.

    `watermark_us`: up to when the outcome's source is known. `frame`: digest of the table of all asks if it was built
    before from the same versions: features never change afterwards, and the card was told then. `labels`: `at-once`
    takes every outcome as known when asked, a hypothesis that only replay makes.
    """

    system: Declaration
    model: str
    versions: tuple[DatasetVersion, ...]
    moments: tuple[int, ...]
    watermark_us: int
    now_us: int
    frame: str = ""
    labels: Labels = "declared"


def run(given: Given, ctx: Context) -> tuple[TrainingSet, ...]:
    """The training set of the model as of now.

    DataError `no-asks` (nothing is asked yet), `nothing-mature` (no outcome is known yet). A part may be empty when the
    label's delay leaves nothing known in time: training on it is refused, a refit on all mature rows is not.
    """
    model = given.system.model(given.model)
    lake = lake_of(given.system.zone, given.versions, ctx.tables, ctx.compute)
    frame_digest = given.frame or ctx.blobs.put(as_bytes(frame_of(given, model, lake, ctx)))
    frame = as_table(ctx.blobs.get(frame_digest))
    mature = mature_rows(frame, given)
    rows = split_rows(mature, model, lake)
    split = parts(model.split, rows)
    chosen = marked(mature, split, model, rows)
    blob = ctx.blobs.put(as_bytes(chosen))
    features = tuple(
        ColumnType(name=name, type="text" if pa.types.is_string(frame.schema.field(name).type) else "number")
        for name in feature_names(model)
    )
    fact = TrainingSet(
        system=given.system.name,
        model=model.name,
        label=model.label.name,
        digest=blob,
        blob=blob,
        frame=frame_digest,
        recipe=recipe(given, model),
        features=features,
        parts=tuple(part_of(name, part, chosen) for name, part in PARTS.items()),
        until_us=int(values_of(mature[ASKED]).data.max()),
        immature=frame.num_rows - mature.num_rows,
        versions=tuple(version.name for version in given.versions),
        proof=proof(model.split, rows, split),
        card=(*(() if given.frame else card(chosen, model, lake)), *hypothesis(given)),
        at_us=given.now_us,
    )
    return (fact,)


def recipe(given: Given, model: Model) -> str:
    """Digest of all that makes the table of asks: label, views, versions, moments; two models may share one."""
    versions = [version.manifest for version in given.versions]
    return digest([model.label, model.features, given.system.zone, versions, list(given.moments)])


def frame_of(given: Given, model: Model, lake: Lake, ctx: Context) -> pa.Table:
    """Every ask with outcome, known time and features, ordered by `asked_us`; asks without an outcome are left out."""
    asks = asks_of(model.label, given, lake)
    if asks.num_rows == 0:
        raise DataError("no-asks", label=model.label.name, model=model.name)
    labelled = with_outcomes(asks, model.label, lake)
    asked = labelled.filter(labelled[OUTCOME].is_valid())
    views = views_needed(model, given.system)
    return with_features(asked, views, lake, ctx.progress)


def asks_of(label: Label, given: Given, lake: Lake) -> pa.Table:
    """The label's asks, from rows or from candidates at the given moments."""
    if isinstance(label.asked, Candidates):
        if not given.moments:
            raise DataError("no-asks", label=label.name, model=given.model)
        return from_candidates(label.asked, given.system.sources, given.moments, lake)
    return from_source(label.asked, lake)


def mature_rows(frame: pa.Table, given: Given) -> pa.Table:
    """The asks whose outcome is known by now, oldest first."""
    known = values_of(frame[ASKED if given.labels == "at-once" else KNOWN]).data
    if given.labels == "at-once":
        frame = frame.set_column(frame.schema.get_field_index(KNOWN), KNOWN, frame[ASKED])
    mature = frame.filter(pa.array(known <= min(given.watermark_us, given.now_us)))
    if mature.num_rows == 0:
        raise DataError("nothing-mature", label=given.system.model(given.model).label.name, asks=frame.num_rows)
    return mature.sort_by([(ASKED, "ascending"), (ASK, "ascending")])


def split_rows(mature: pa.Table, model: Model, lake: Lake) -> Rows:
    """What the split needs to know of the rows."""
    split, asked = model.split, model.label.asked
    column = split.together if isinstance(split, ByTime) else split.column if isinstance(split, ByGroup) else None
    if column is not None and column not in mature.column_names:
        raise DataError("column-missing", column=column, where="asks", nearest=nearest(column, mature.column_names))
    hashed = (column,) if column else asked.entity if isinstance(asked, Candidates) else asked.key
    texts: list[str] = []
    if not isinstance(split, ByTime):
        found = lake.query(f"select {key_text(hashed or (OWN,))} as key from asks order by {ASKED}, {ASK}", asks=mature)
        texts = found["key"].to_pylist()
    return Rows(
        asked_us=values_of(mature[ASKED]).data,
        known_us=values_of(mature[KNOWN]).data,
        group=None if column is None else groups(mature, column),
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


def as_bytes(table: pa.Table) -> bytes:
    """The table as one Parquet file; the same bytes for the same rows."""
    sink = pa.BufferOutputStream()
    pq.write_table(table, sink, compression="zstd")
    return bytes(sink.getvalue().to_pybytes())


def as_table(data: bytes) -> pa.Table:
    """The table of such a file."""
    return pq.read_table(pa.BufferReader(data))
