"""Spaces of the online store come and go: proven before they are read, dropped when nobody has wanted them for long."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import replace
from typing import Any

import pyarrow as pa

from tidemill.errors import StoreError
from tidemill.facts.data import DatasetVersion, Value
from tidemill.features import online
from tidemill.features.offline.columns import arrow_of, values_of
from tidemill.features.offline.join import as_seen
from tidemill.features.offline.lake import Lake
from tidemill.features.plan import ENTITY
from tidemill.features.reader import Reader
from tidemill.features.rows import Values
from tidemill.ports.context import Context
from tidemill.ports.tables import Tables
from tidemill.spec.schema import feature_types
from tidemill.spec.view import Lookup

SAMPLE = 50
"""So many entities of a space that was filled are computed by training's way too."""
KEEP_US = 7 * 86_400_000_000
"""A space is kept so long after it was last wanted: who goes back to a definition finds it as it was."""
USES = "uses/"
"""Marks with what each system wants: space -> when it last did."""


def mark_of(version: DatasetVersion, now_us: int) -> str:
    """How far a space is: the dataset version, the first landing number it does not hold, and when it came so far.

    `of`: the beginning of the version's content digest.
    """
    row = version.rows + version.put_aside
    return json.dumps({"version": version.name, "row": row, "at_us": now_us, "of": version.content[:16]})


def held(mark: str, version: DatasetVersion, tables: Tables) -> dict[str, Any] | None:
    """What the mark says; None where there is none, or it is of no version that this lake has."""
    said: dict[str, Any] = json.loads(mark or "{}")
    number = int(str(said.get("version", "")).rpartition("@v")[2] or 0)
    if not number or number > version.number or said["row"] > version.rows + version.put_aside:
        return None
    if number != version.number:
        if number not in tables.numbers(version.dataset):
            return None
        version = tables.version(version.dataset, number)
    return said if said.get("of") == version.content[:16] else None


def prove(view: Lookup, rows: pa.Table, lake: Lake, now_us: int, ctx: Context) -> None:
    """A sample of the rows' entities reads online as training would see them now. StoreError `online-differs`."""
    bare, reader = replace(view, bound=()), Reader(view)
    step = max(rows.num_rows // SAMPLE, 1)
    places = pa.array(range(0, rows.num_rows, step), pa.int64())
    some = rows.select([f"{ENTITY}{place}" for place in range(len(view.entity))]).take(places)
    asks = some.rename_columns(list(view.entity)).group_by(list(view.entity)).aggregate([])
    many = asks.num_rows
    asks = asks.append_column("_ask", pa.array(range(many), pa.int64()))
    asks = asks.append_column("_asked_us", pa.array([now_us] * many, pa.int64()))
    asks = asks.append_column("_own", pa.array([-1] * many, pa.int64()))
    kinds = feature_types(bare, lake.dialect.columns)
    found = {name: arrow_of(values, kinds[name]) for name, values in as_seen(bare, asks, lake).items()}
    there = {name: cells(values_of(pa.chunked_array([found[name]]))) for name in reader.names}
    keys = online.entity_keys(asks.select(list(view.entity)).to_pylist(), view.entity)
    records = iter(ctx.online.get(online.space(view), [key for key in keys if key is not None]))
    for place, key in enumerate(keys):
        here, flags = reader.read(None if key is None else next(records), now_us)
        for name, value in zip(reader.names, here, strict=True):
            if f"{online.FORGOTTEN}{view.name}" not in flags and value != there[name][place]:
                raise StoreError(
                    "online-differs", view=view.name, feature=name, entity=(key or b"").decode(), online=value,
                    offline=there[name][place],
                )  # fmt: skip


def cells(values: Values) -> list[Value]:
    """The cells, None where there is none."""
    pairs = zip(values.data.tolist(), values.missing.tolist(), strict=True)
    return [None if gone else cell for cell, gone in pairs]


def retire(wanted: Iterable[str], system: str, now_us: int, ctx: Context) -> tuple[str, ...]:
    """Drops the spaces that this system wanted once, not any more for KEEP_US, and no other does; their names."""
    own, current = f"{USES}{system}", dict.fromkeys(wanted, now_us)
    before: dict[str, int] = json.loads(ctx.online.mark(own) or "{}")
    others = (ctx.online.mark(name) for name in ctx.online.marked() if name.startswith(USES) and name != own)
    elsewhere = {space for mark in others for space in json.loads(mark)}
    unused = {space: since_us for space, since_us in before.items() if space not in current}
    gone = tuple(space for space, since_us in unused.items() if now_us - since_us > KEEP_US)
    for space in gone:
        if space not in elsewhere:
            ctx.online.drop(space)
    left = {space: since_us for space, since_us in unused.items() if space not in gone}
    if gone or before.keys() != left.keys() | current.keys() or is_old(before, current, now_us):
        ctx.online.write({}, {own: json.dumps(left | current)})
    return gone


def is_old(before: dict[str, int], current: dict[str, int], now_us: int) -> bool:
    """Whether what is written of the spaces that are wanted is from long ago; not every turn writes it anew."""
    return any(now_us - before.get(space, now_us) > KEEP_US // 100 for space in current)
