"""Which landed rows a view can need for some asks, and how asks and rows are cut into parts that memory holds."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from tidemill.features.offline.asks import ASK, ASKED
from tidemill.features.offline.columns import type_of, values_of
from tidemill.features.offline.lake import Lake
from tidemill.features.plan import ENTITY, quoted
from tidemill.features.rows import Ints, Unfit, Values
from tidemill.features.sight import tail
from tidemill.ports.tables import OP
from tidemill.spec.expression import Type
from tidemill.spec.source import Source
from tidemill.spec.view import Lookup

ROWS_AT_ONCE = 12_000_000
"""A part has so many rows or fewer, if entities have about as many each: some 100 bytes each in the kernel."""
RARE = 50
"""Where rows are so many times the asks, those of entities that are not asked about are left out before the kernel."""
NUMBERS: frozenset[Type] = frozenset({"int", "float", "boolean"})
FARTHEST_US = 2**61


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """Some asks, by their places in the table, and the condition on projected rows that keeps those they may see."""

    places: Ints
    where: str


def in_reach(view: Lookup, asks: pa.Table, lake: Lake) -> str:
    """A condition on landed rows: not so old, nor so new, that no window and no column of the view sees them."""
    if asks.num_rows == 0:
        return "false"
    if view.columns and view.source.since:
        return "true"  # an entity's oldest row stands for what was before it, whenever it happened
    asked = values_of(asks[ASKED]).data
    time = quoted(view.source.time)
    conditions = [f"{time} < {moment(int(asked.max()))}"]
    oldest = oldest_us(view, int(asked.min()))
    if oldest is not None:
        conditions.append(or_deletes(f"{time} >= {moment(oldest)}", view.source, lake))
    return " and ".join(conditions)


def or_deletes(condition: str, source: Source, lake: Lake) -> str:
    """The condition, or a deletion where there are any: it ends rows of its key whatever its own time is."""
    deletions = f"select 1 as one from {quoted(source.dataset)} where {OP} = 'D' limit 1"
    if not source.key or not lake.query(deletions).num_rows:
        return condition  # alone it tells whole parts of files that need not be read
    return f"({condition} or {OP} = 'D')"


def oldest_us(view: Lookup, asked_us: int) -> int | None:
    """The oldest event time that an ask of that moment sees; None: there is no such bound."""
    ages = [view.max_age_us] if view.columns else []
    reaches = [(age, 0) for age in ages] + [(window.length_us, window.step_us) for _, window in view.windows]
    found = [None if length is None else int(tail(np.array(asked_us), length, step)) for length, step in reaches]
    known = [each for each in found if each is not None]
    return min(known, default=None) if len(known) == len(found) else None


def moment(us: int) -> str:
    """That time in SQL, no farther than the engine has times."""
    return f"make_timestamptz({max(-FARTHEST_US, min(us, FARTHEST_US))})"


def parts_of(view: Lookup, asks: pa.Table, lake: Lake, landed_where: str) -> list[Part]:
    """The asks in parts by entity, each with what finds its rows among `_asks`; together they are all asks, each once.

    One part where the rows are few, or where keys of rows and asks are of kinds that are never equal.
    """
    mine, theirs = hashes(view, asks, lake.dialect.columns[view.source.dataset])
    every, where = np.arange(asks.num_rows), "true"
    if not mine or asks.num_rows == 0:
        return [Part(places=every, where=where)]
    rows = counted(view, asks, lake, "true")  # which their files say, unread
    if rows > RARE * asks.num_rows:
        where = f"hash({theirs}) in (select hash({mine}) from _asks)"
    if rows > ROWS_AT_ONCE:
        rows = counted(view, asks, lake, f"{landed_where} and {where_landed(view, where)}")
    if rows <= ROWS_AT_ONCE:
        return [Part(places=every, where=where)]
    parts = -(-rows // ROWS_AT_ONCE)
    found = lake.query(f"select (hash({mine}) % {parts})::bigint as part from _asks order by {ASK}", _asks=asks)
    part = found["part"].to_numpy()
    return [
        Part(places=np.flatnonzero(part == number), where=f"{where} and hash({theirs}) % {parts} = {number}")
        for number in range(parts)
    ]


def counted(view: Lookup, asks: pa.Table, lake: Lake, where: str) -> int:
    """How many landed rows of the view's source the condition holds for."""
    found = lake.query(f"select count(*) as n from {quoted(view.source.dataset)} where {where}", _asks=asks)
    return int(found["n"][0].as_py())


def where_landed(view: Lookup, where: str) -> str:
    """A condition on projected rows as one on landed rows."""
    for place in reversed(range(len(view.entity))):  # `_entity1` begins `_entity10`
        where = where.replace(f"{ENTITY}{place}", quoted(view.entity[place]))
    return where


def hashes(view: Lookup, asks: pa.Table, columns: Mapping[str, Type]) -> tuple[str, str]:
    """What is hashed of an ask and of a projected row: equal where the keys are. Empty texts: they never are."""
    bound = dict(view.bound)
    mine, theirs = [], []
    for place, column in enumerate(view.entity):
        name = bound.get(column, column)
        kinds = {type_of(asks.schema.field(name).type), columns.get(column, "unknown")}
        if not (kinds <= NUMBERS or kinds == {"text"}):
            return "", ""
        how = "cast({} as varchar)" if kinds == {"text"} else "cast({} as double)"
        mine.append(how.format(quoted(name)))
        theirs.append(how.format(f"{ENTITY}{place}"))
    return ", ".join(mine), ", ".join(theirs)


def together(parts: Sequence[Mapping[str, Values]], places: Sequence[Ints]) -> dict[str, Values]:
    """Columns of parts as one, each value at its place."""
    if len(parts) == 1:
        return dict(parts[0])
    there = np.concatenate(places)
    order = np.empty_like(there)
    order[there] = np.arange(len(there))
    return {name: in_order([part[name] for part in parts], order) for name in parts[0]}


def in_order(parts: Iterable[Values], order: Ints) -> Values:
    """The parts one after another, their values in that order; nulls alone take the others' type."""
    given = list(parts)
    kinds = [part.data for part in given if not part.missing.all()] or [given[0].data]
    kind = np.result_type(*kinds)
    data = [part.data if not part.missing.all() else np.zeros(len(part.data), kind) for part in given]
    missing = np.concatenate([part.missing for part in given])[order]
    return Values(data=np.concatenate(data)[order], missing=missing, unfit=unfit_in_order(given, order))


def unfit_in_order(parts: Sequence[Values], order: Ints) -> Unfit | None:
    """What does not fit in any of the parts, put into that order."""
    unfit = [part.unfit for part in parts if part.unfit is not None]
    if not unfit:
        return None
    asks = [np.zeros_like(part.missing) if part.unfit is None else part.unfit.asks for part in parts]
    return Unfit(asks=np.concatenate(asks)[order], scale=unfit[0].scale, text=unfit[0].text)
