"""What answering looks up, brought up to what has landed: entity records of views, and candidate lists."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import chain, islice, repeat

import pyarrow as pa
import pyarrow.compute as pc

from tidemill.facts.data import DatasetVersion, Value
from tidemill.features import offers, online
from tidemill.features.merge import merged
from tidemill.features.offline.asks import at_moment, popular
from tidemill.features.offline.columns import values_of
from tidemill.features.offline.lake import Lake, lake_of
from tidemill.features.plan import (
    CELL,
    ENTITY,
    GONE,
    KNOWN,
    ROW,
    SINCE,
    TIME,
    UNTIL,
    newly_landed,
    projection,
    recorded,
)
from tidemill.features.record import NEVER, NO_SINCE, Row
from tidemill.features.tileplan import Plan, plan_of
from tidemill.lifecycle.extract.spaces import held, mark_of, prove, retire
from tidemill.ports.context import Context
from tidemill.spec.declaration import Declaration
from tidemill.spec.label import Candidates
from tidemill.spec.view import Lookup

ROWS_AT_ONCE, ENTITIES_AT_ONCE = 1_000_000, 20_000
LOOKS = 2
"""An ask may be under way while records are brought up so many times."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Given:
    """A system, the dataset versions that are to be visible, and the moment at which candidates are listed.

    `answering`: looked-up views of versions in traffic, which may have been declared otherwise than they are now.
    """

    system: Declaration
    versions: tuple[DatasetVersion, ...]
    now_us: int
    answering: tuple[Lookup, ...] = ()


def run(given: Given, ctx: Context) -> tuple[str, ...]:
    """Names of the spaces that moved. Each space's records and its mark (how far it is) change in one transaction."""
    lake = lake_of(given.system.zone, given.versions, ctx.tables, ctx.compute)
    versions = {version.dataset: version for version in given.versions}
    moved = []
    for view in lookups_of(given.system, given.answering):
        version = versions.get(view.source.dataset)
        if version is not None and version.files and bring_up(view, version, lake, given, ctx):
            moved.append(online.space(view))
    retire(map(online.space, lookups_of(given.system, given.answering)), given.system.name, given.now_us, ctx)
    for candidates in served(given.system):
        list_out(candidates, given, lake, ctx)
        moved.append(offers.space(candidates.name))
    return tuple(moved)


def lookups_of(system: Declaration, answering: Sequence[Lookup] = ()) -> tuple[Lookup, ...]:
    """Looked-up views, one for each space."""
    views = [*answering, *(view for view in system.views if isinstance(view, Lookup))]
    views += [view for model in system.models for view in model.features if isinstance(view, Lookup)]
    return tuple({online.space(view): view for view in views}.values())


def served(system: Declaration) -> tuple[Candidates, ...]:
    """Candidates that an endpoint ranks, whole."""
    return tuple({endpoint.candidates.name: endpoint.candidates for endpoint in system.endpoints}.values())


def bring_up(view: Lookup, version: DatasetVersion, lake: Lake, given: Given, ctx: Context) -> bool:
    """Merges the rows landed since the mark into the entities' records; False when there are none.

    A space without a mark of these versions is filled from the beginning: StoreError `online-differs` as `prove`.
    """
    space = online.space(view)
    mark = ctx.online.mark(space)
    said = held(mark, version, ctx.tables) or {"row": 0, "at_us": given.now_us}
    if said["row"] >= version.rows + version.put_aside:
        return False
    pushed = Pushed(view=view, plan=plan_of(view), now_us=given.now_us, last_us=said["at_us"])
    new = newly_landed(view, lake.dialect, first_row=said["row"])
    parts = (lake.query(part) for part in parted(new, view, version.rows - said["row"]))
    if said["row"]:
        found = (records(pushed, rows, lake, ctx) for rows in parts)
        ctx.online.write({space: chain.from_iterable(found)}, {space: mark_of(version, given.now_us)}, {space: mark})
        return True
    ctx.online.drop(space)
    for rows in parts:
        made = records(pushed, rows, lake, ctx)
        while some := list(islice(made, ENTITIES_AT_ONCE)):
            ctx.online.write({space: some})
        prove(view, rows, lake, given.now_us, ctx)
    ctx.online.write({}, {space: mark_of(version, given.now_us)}, {space: ""})
    return True


def parted(sql: str, view: Lookup, rows: int) -> list[str]:
    """The SELECT of so many rows in parts that memory holds, each with all rows of its entities."""
    parts = max(-(-rows // ROWS_AT_ONCE), 1)
    entity = ", ".join(f"{ENTITY}{place}" for place in range(len(view.entity)))
    if parts == 1:
        return [sql]
    return [f"select * from ({sql}) where hash({entity}) % {parts} = {part} order by {ROW}" for part in range(parts)]


@dataclass(frozen=True, slots=True, kw_only=True)
class Pushed:
    """A view whose records are brought up, now and, before that, at `last_us`."""

    view: Lookup
    plan: Plan
    now_us: int
    last_us: int

    def merged(self, old: bytes | None, rows: Sequence[Row]) -> bytes:
        """The record with these rows; exact for asks that were on their way since the time before last."""
        return merged(old, rows, self.plan, self.now_us, late_us=LOOKS * (self.now_us - self.last_us))


def records(pushed: Pushed, rows: pa.Table, lake: Lake, ctx: Context) -> Iterator[tuple[bytes, bytes | None]]:
    """The record of each entity that the rows belong to, with them.

    Where a version that it has ends, a record is made anew from all landed rows.
    """
    view = pushed.view
    space = online.space(view)
    again = by_entity(rows.filter(rows[GONE]), pushed)
    fresh = by_entity(rows.filter(pc.invert(rows[GONE])), pushed)
    keys = [key for key in fresh if key not in again]
    for start in range(0, len(keys), ENTITIES_AT_ONCE):
        some = keys[start : start + ENTITIES_AT_ONCE]
        for key, old in zip(some, ctx.online.get(space, some), strict=True):
            yield key, pushed.merged(old, fresh[key])
        ctx.progress(view.name, start + len(some), len(keys))
    if again:
        whole = by_entity(lake.query(of_entities(view, lake), _gone=rows.filter(rows[GONE])), pushed)
        yield from ((key, pushed.merged(None, whole.get(key, []))) for key in again)


def of_entities(view: Lookup, lake: Lake) -> str:
    """All rows of the view whose entity is one of the table `_gone`."""
    entity = ", ".join(f"{ENTITY}{place}" for place in range(len(view.entity)))
    rows = projection(view, lake.dialect, items=recorded(view, lake.dialect))
    return f"select * from ({rows}) semi join _gone using ({entity}) order by {ROW}"


def by_entity(rows: pa.Table, pushed: Pushed) -> dict[bytes, list[Row]]:
    """The rows of each entity as its record takes them, in landing order."""
    found: dict[bytes, list[Row]] = defaultdict(list)
    entities = zip(*(cells(rows, f"{ENTITY}{place}") for place in range(len(pushed.view.entity))), strict=True)
    until = rows[UNTIL].fill_null(NEVER).to_pylist()
    since = rows[SINCE].fill_null(NO_SINCE).to_pylist()
    fixed = (rows[TIME].to_pylist(), rows[KNOWN].to_pylist(), until, since, rows[ROW].to_pylist())
    columns = [cells(rows, f"{CELL}{place}") for place in range(pushed.plan.size)]
    seen = zip(*columns, strict=True) if columns else repeat(())
    for entity, numbers, row in zip(entities, zip(*fixed, strict=True), seen, strict=False):
        key = online.entity_key(entity)
        if key is not None:
            found[key].append(Row(*numbers, row))
    return found


def cells(rows: pa.Table, name: str) -> list[Value]:
    """The column as the house keeps values outside Arrow."""
    values = values_of(rows[name])
    return [None if gone else item for item, gone in zip(values.data.tolist(), values.missing.tolist(), strict=True)]


def list_out(candidates: Candidates, given: Given, lake: Lake, ctx: Context) -> None:
    """Writes each entity's list as of now, and everybody's; lists of entities that are not asked any more go."""
    pairs = at_moment(candidates, given.system.sources, given.now_us, lake)
    lists: dict[bytes, list[Value]] = defaultdict(list)
    columns = [cells(pairs, name) for name in (*candidates.entity, candidates.item)]
    for *entity, item in zip(*columns, strict=True):
        key = online.entity_key(entity)
        if key is not None:
            lists[key].append(item)
    everybody = [plain(item) for item in popular(candidates, given.system.sources, given.now_us, lake)]
    space = offers.space(candidates.name)
    known = json.loads(ctx.online.mark(f"{space}/entities") or "[]")
    gone = [(key.encode(), None) for key in known if key.encode() not in lists]
    records: list[tuple[bytes, bytes | None]] = [
        (key, offers.packed(items, given.now_us)) for key, items in lists.items()
    ]
    records += [*gone, (offers.EVERYBODY, offers.packed(everybody, given.now_us))]
    marks = {space: str(given.now_us), f"{space}/entities": json.dumps([key.decode() for key in lists])}
    ctx.online.write({space: records}, marks)


def plain(item: object) -> Value:
    """An item as the wire takes it."""
    return item if isinstance(item, str | int | float | bool) or item is None else str(item)
