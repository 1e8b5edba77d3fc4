"""Online against offline: a sample of what was answered is computed anew from landed rows, version by version."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import cast

import pyarrow as pa
import pyarrow.compute as pc

from tidemill.errors import DataError, ModelError, StoreError
from tidemill.facts.data import DatasetVersion
from tidemill.features.offline.lake import Lake, lake_of
from tidemill.lifecycle.monitor.log import FRAMES, PREDICTIONS, SCHEMAS, STREAMS, table_of
from tidemill.lifecycle.monitor.parity import Parity, parity
from tidemill.ports.context import Context
from tidemill.predict.bundle import open_bundle
from tidemill.predict.signature import Signature
from tidemill.spec.declaration import Declaration
from tidemill.spec.source import Source
from tidemill.spec.view import OnRequest

TOLD = 1_000
"""So many differences of a version are told one by one."""
LOG = "log"


@dataclass(frozen=True, slots=True, kw_only=True)
class Given:
    """A system, and how many of its predictions are looked at: at most `sample` of those received since `since_us`.

    They are those whose keys' MD5 is lowest: answers about the same keys together, and the same ones each time.
    """

    system: Declaration
    sample: int
    since_us: int | None
    now_us: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Trouble:
    """Why a version's answers could not be computed anew."""

    code: str
    fields: Mapping[str, object]


@dataclass(frozen=True, slots=True, kw_only=True)
class Proof:
    """One version's sampled answers beside landed rows: what was found, or the trouble that nothing could be."""

    version: str
    bundle: str
    predictions: int
    parity: Parity | None
    trouble: Trouble | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Verified:
    """All of it. `answered`: scored predictions since then, of which the sample was drawn by the hash of their keys."""

    system: str
    at_us: int
    since_us: int | None
    answered: int
    sampled: int
    proofs: tuple[Proof, ...]

    @property
    def differences(self) -> int:
        """Values that came out otherwise; 0 is demanded."""
        return sum(one.differences for one in self.parities)

    @property
    def predictions(self) -> int:
        """Predictions that were compared."""
        return sum(one.predictions for one in self.parities)

    @property
    def features(self) -> int:
        """Values of features that were compared, beside one score for each prediction."""
        return sum(one.values - one.predictions for one in self.parities)

    @property
    def parities(self) -> tuple[Parity, ...]:
        """Those that there are."""
        return tuple(one.parity for one in self.proofs if one.parity is not None)

    @property
    def proven(self) -> bool:
        """Whether nothing differs and nothing was kept from being compared."""
        return self.differences == 0 and all(one.trouble is None for one in self.proofs)


def run(given: Given, ctx: Context) -> Verified:
    """The sample computed anew; nothing is written anywhere.

    Each prediction as of its moment, from the rows that the online store held when it was read (`marks` of the log).
    """
    rows, answered = sampled(ctx, given.sample, given.since_us)
    versions = sorted(set(zip(rows["version"].to_pylist(), rows["bundle"].to_pylist(), strict=True)))
    return Verified(
        system=given.system.name,
        at_us=given.now_us,
        since_us=given.since_us,
        answered=answered,
        sampled=rows.num_rows,
        proofs=tuple(proof(version, bundle, rows, given.system, ctx) for version, bundle in versions),
    )


def sampled(ctx: Context, most: int, since_us: int | None) -> tuple[pa.Table, int]:
    """The sample, and of how many it is: of what has landed and of what the journal has beyond it."""
    landed = ctx.tables.newest(PREDICTIONS)
    kept, answered = SCHEMAS[PREDICTIONS].empty_table(), 0
    for part in parts(landed, ctx):
        some, count = lowest(part, ctx, most, since_us)
        kept, _ = lowest(pa.concat_tables([kept, some]), ctx, most, None)
        answered += count
    return kept, answered


def parts(landed: DatasetVersion | None, ctx: Context) -> Iterator[Lake | pa.Table]:
    """The log piece by piece: all that has landed, then frames that have not."""
    if landed is not None and landed.files:
        yield lake_of("UTC", [landed], ctx.tables, ctx.compute)
    cursor = landed.cursor if landed is not None else ""
    while True:
        frames, cursor = ctx.journal.read(STREAMS[PREDICTIONS], cursor, FRAMES)
        if not frames:
            return
        yield table_of(PREDICTIONS, frames, 0, 0)


def lowest(part: Lake | pa.Table, ctx: Context, most: int, since_us: int | None) -> tuple[pa.Table, int]:
    """Of the scored predictions since then those of the lowest hashes, and how many there are."""
    name, tables = (PREDICTIONS, part.landed) if isinstance(part, Lake) else (LOG, {LOG: part})
    schema = SCHEMAS[PREDICTIONS]
    rows = f"from {name} where score is not null and epoch_us(received_at) >= coalesce($since, epoch_us(received_at))"
    chosen = f"select {', '.join(schema.names)} {rows} order by md5(keys), md5(id) limit {most}"
    counted = ctx.compute.query(f"select count(*) as n {rows}", tables, {"since": since_us})
    return ctx.compute.query(chosen, tables, {"since": since_us}).cast(schema), cast("int", counted["n"][0].as_py())


def proof(version: str, bundle: str, rows: pa.Table, system: Declaration, ctx: Context) -> Proof:
    """The version's answers among the rows, computed anew."""
    own = rows.filter(pc.equal(rows["bundle"], bundle))
    own = own.filter(pc.equal(own["version"], version))
    found: Parity | None = None
    trouble: Trouble | None = None
    try:
        opened = open_bundle(bundle, ctx.blobs)
        signature = opened.signature
        lake = lake_of(signature.zone, read_by(signature, system, ctx), ctx.tables, ctx.compute)
        found = parity(own, opened, ctx.flavors[signature.flavor], lake, first=TOLD)
    except (StoreError, ModelError, DataError) as error:
        trouble = Trouble(code=error.code, fields=dict(error.fields))
    return Proof(version=version, bundle=bundle, predictions=own.num_rows, parity=found, trouble=trouble)


def read_by(signature: Signature, system: Declaration, ctx: Context) -> list[DatasetVersion]:
    """The newest version of every dataset that the system or the version's own views know, of those that have one."""
    asked = [signature.asked] if isinstance(signature.asked, Source) else []
    sources = [*asked, *(view.source for view in signature.views if not isinstance(view, OnRequest)), *system.roots]
    found = (ctx.tables.newest(name) for name in dict.fromkeys(source.dataset for source in sources))
    return [version for version in found if version is not None]
