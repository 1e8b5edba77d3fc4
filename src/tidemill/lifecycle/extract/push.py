"""What answering looks up, brought up to what has landed: entity records of views, and candidate lists."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import pyarrow as pa

from tidemill.facts.data import DatasetVersion, Value
from tidemill.features import offers, online
from tidemill.features.offline.asks import at_moment, popular
from tidemill.features.offline.columns import values_of
from tidemill.features.offline.lake import Lake, lake_of
from tidemill.features.packed import Projected, merge, pack_rows, takes_back
from tidemill.features.plan import (
    COLUMN,
    ENTITY,
    GONE,
    KEY,
    KNOWN,
    MASK,
    ROW,
    SINCE,
    TIME,
    UNTIL,
    VALUE,
    newly_landed,
    projection,
)
from tidemill.ports.context import Context
from tidemill.spec.declaration import Declaration
from tidemill.spec.label import Candidates
from tidemill.spec.view import Lookup

ENTITIES_AT_ONCE = 20_000


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


def mark_of(version: DatasetVersion) -> str:
    """How far a space is: the dataset version and the first landing number it does not hold."""
    return json.dumps({"version": version.name, "row": version.rows + version.put_aside})


def bring_up(view: Lookup, version: DatasetVersion, lake: Lake, given: Given, ctx: Context) -> bool:
    """Merges the rows landed since the mark into the entities' records; False when there are none."""
    space = online.space(view)
    mark = ctx.online.mark(space)
    first = int(json.loads(mark)["row"]) if mark else 0
    if first >= version.rows + version.put_aside:
        return False
    rows = lake.query(newly_landed(view, lake.dialect, first_row=first))
    ctx.online.write({space: records(view, rows, lake, given, ctx)}, {space: mark_of(version)})
    return True


def records(
    view: Lookup, rows: pa.Table, lake: Lake, given: Given, ctx: Context
) -> Iterator[tuple[bytes, bytes | None]]:
    """The record of each entity that the rows belong to, with them; made anew where they take back what it knew."""
    grouped = by_entity(rows, view)
    keys, again = list(grouped), set[bytes]()
    for start in range(0, len(keys), ENTITIES_AT_ONCE):
        some = keys[start : start + ENTITIES_AT_ONCE]
        for key, old in zip(some, ctx.online.get(online.space(view), some), strict=True):
            if old is not None and takes_back(old, grouped[key]):
                again.add(key)
            else:
                yield key, merge(old, grouped[key], view, given.now_us)
        ctx.progress(view.name, start + len(some), len(keys))
    if again:
        whole = by_entity(lake.query(of_entities(view, lake), _fresh=rows), view)
        yield from ((key, pack_rows(whole.get(key, []), view, given.now_us)) for key in again)


def of_entities(view: Lookup, lake: Lake) -> str:
    """All rows of the view whose entity is one of the table `_fresh`."""
    entity = ", ".join(f"{ENTITY}{place}" for place in range(len(view.entity)))
    rows = projection(view, lake.dialect)
    return f"select *, false as {GONE} from ({rows}) semi join _fresh using ({entity}) order by {ROW}"


def by_entity(rows: pa.Table, view: Lookup) -> dict[bytes, list[Projected]]:
    """The projected rows of each entity, in landing order."""
    found: dict[bytes, list[Projected]] = defaultdict(list)
    names = [f"{ENTITY}{place}" for place in range(len(view.entity))]
    entities = zip(*(cells(rows, name) for name in names), strict=True)
    for entity, row in zip(entities, projected_rows(rows, view), strict=True):
        key = online.entity_key(entity)
        if key is not None:
            found[key].append(row)
    return found


def projected_rows(rows: pa.Table, view: Lookup) -> Iterator[Projected]:
    """Each row as the view sees it."""
    parts = {
        COLUMN: [cells(rows, f"{COLUMN}{place}") for place in range(len(view.columns))],
        VALUE: [cells(rows, f"{VALUE}{place}") for place in range(len(view.windows))],
        MASK: [cells(rows, f"{MASK}{place}") for place in range(len(view.windows))],
    }
    fixed = zip(*(cells(rows, name) for name in (TIME, KNOWN, UNTIL, SINCE, ROW, KEY, GONE)), strict=True)
    for place, (time, known, until, since, row, key, gone) in enumerate(fixed):
        yield Projected(
            time=time, known=known, until=until, row=row, key=key, since=since, gone=gone,
            columns=[column[place] for column in parts[COLUMN]],
            values=[column[place] for column in parts[VALUE]],
            masks=[bool(column[place]) for column in parts[MASK]],
        )  # fmt: skip


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
