"""Who is asked when: one row per ask, from a source's own rows or from candidates at given moments."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from tidemill.features.offline.lake import Lake
from tidemill.features.plan import clean, hash_share, names, quoted
from tidemill.spec.label import Candidates
from tidemill.spec.source import Source

if TYPE_CHECKING:
    import pyarrow as pa

ASK, ASKED, OWN = "_ask", "_asked_us", "_own"


def from_source(source: Source, lake: Lake, *, from_us: int | None = None) -> pa.Table:
    """The source's rows as they were when asked about, ordered by time then landing; those from that moment on.

    Adds `_ask` (0, 1, ...), `_asked_us` (the row's time) and `_own` (its `_row`, so that a label can leave it out).
    """
    where = "true" if from_us is None else f"{quoted(source.time)} >= make_timestamptz({from_us})"
    rows = clean(source, lake.dialect, version="first", landed_where=where)
    return lake.query(
        f"select row_number() over (order by {quoted(source.time)}, _row) - 1 as {ASK}, "
        f"epoch_us({quoted(source.time)}) as {ASKED}, _row as {OWN}, "
        f"* exclude (_row, _op, _batch, _known_at) from ({rows}) order by {ASK}"
    )


def from_candidates(candidates: Candidates, sources: Sequence[Source], moments: Sequence[int], lake: Lake) -> pa.Table:
    """Every (entity, item) that `who` and `what` give at each moment (int us), with the tables as they were known then.

    Same added columns as `from_source`; `_own` is -1. Ordered by moment, entity, item.
    """
    keys = [*candidates.entity, candidates.item]
    pairs = {f"m{place}": at_moment(candidates, sources, moment, lake) for place, moment in enumerate(moments)}
    union = " union all ".join(
        f"select {moment}::bigint as {ASKED}, {names(keys)} from m{place}" for place, moment in enumerate(moments)
    )
    share = hash_share(keys, candidates.share) if candidates.share < 1.0 else "true"
    return lake.query(
        f"select row_number() over (order by {ASKED}, {names(keys)}) - 1 as {ASK}, {ASKED}, -1::bigint as {OWN}, "
        f"{names(keys)} from ({union}) where {share} order by {ASK}",
        **pairs,
    )


def at_moment(candidates: Candidates, sources: Sequence[Source], moment: int, lake: Lake) -> pa.Table:
    """Distinct (entity, item) pairs at one moment, without sampling: training asks and served lists share it."""
    who = as_known(candidates.who, sources, moment, lake)
    lists = {f"w{place}": as_known(what, sources, moment, lake) for place, what in enumerate(candidates.what)}
    pieces = []
    for name, table in lists.items():
        shared = [column for column in candidates.entity if column in table.column_names]
        join = f"join {name} using ({names(shared)})" if shared else f"cross join {name}"
        entity = ", ".join(f"who.{quoted(column)}" for column in candidates.entity)
        pieces.append(f"select {entity}, {name}.{quoted(candidates.item)} from who {join}")
    keys = (*candidates.entity, candidates.item)
    present = " and ".join(f"{quoted(column)} is not null" for column in keys)
    text = f"select distinct * from ({' union all '.join(pieces)}) where {present} order by {names(keys)}"
    return lake.query(text, who=who, **lists)


def popular(candidates: Candidates, sources: Sequence[Source], moment: int, lake: Lake) -> list[object]:
    """Items of the lists that name no entity, in the list's own order: what an unknown entity is offered."""
    found: dict[object, None] = {}
    for what in candidates.what:
        table = as_known(what, sources, moment, lake)
        if not any(column in table.column_names for column in candidates.entity):
            found |= dict.fromkeys(table.column(candidates.item).to_pylist())
    return [item for item in found if item is not None]


def as_known(sql: str, sources: Sequence[Source], moment: int, lake: Lake) -> pa.Table:
    """The SELECT over the sources by name, each with just what was known strictly before `$asked_at` (timestamptz).

    Sources that have not landed are not there to be named: DataError `query-failed`.
    """
    at = f"make_timestamptz({moment})"
    views, rows = [], {}
    for source in sources:
        if source.dataset not in lake.landed:
            continue
        known = f"greatest({quoted(source.time)}, _known_at) < {at}"
        text = clean(source, lake.dialect, table=f"landed_{source.dataset}", landed_where=known)
        views.append(f"{quoted(source.name)} as ({text})")
        rows[f"landed_{source.dataset}"] = lake.landed[source.dataset]
    body = sql.strip().rstrip(";").replace("$asked_at", at)
    return lake.compute.query(f"with {', '.join(views)} select * from ({body})", rows)
