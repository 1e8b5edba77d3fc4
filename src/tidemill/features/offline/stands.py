"""Which asks, features and outcomes stand as they were made, though more rows have landed since.

A row, also one that corrects or deletes another, is seen only by asks after it happened and could be known. So what was
made for earlier asks is the same for ever, and need not be made again. `first_row`: number of the first row landed
since.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import cast

import numpy as np

from tidemill.features.offline.asks import OWN
from tidemill.features.offline.lake import Lake
from tidemill.features.plan import ENTITY, KNOWN, ROW, SINCE, TIME, identity, projection, quoted, seen_from
from tidemill.features.rows import Ints
from tidemill.ports.tables import OP
from tidemill.spec.label import Label
from tidemill.spec.source import Source
from tidemill.spec.view import Lookup

FOR_EVER = 2**62
NEVER = -FOR_EVER


def features_stand_us(view: Lookup, lake: Lake, first_row: int) -> int:
    """Asks up to this moment see of the view what they saw before."""
    source = view.source
    if view.columns and source.since:
        return assumed_stand_us(view, lake, first_row)
    return least(f"select min({seen_from(source)}) from {quoted(source.dataset)} where {ROW} >= {first_row}", lake)


def assumed_stand_us(view: Lookup, lake: Lake, first_row: int) -> int:
    """The same where an entity's oldest row stands for what was before it: from its `since`.

    A row of an entity that had none, or only younger ones, is the oldest from then on.
    """
    table, seen = quoted(view.source.dataset), seen_from(view.source)
    order = lake.query(
        f"select max({seen}) filter ({ROW} < {first_row}) as old, min({seen}) filter ({ROW} >= {first_row}) as new, "
        f"count(*) filter ({ROW} >= {first_row}) as count from {table}"
    ).to_pylist()[0]
    if not order["count"]:
        return FOR_EVER
    if order["old"] is not None and order["new"] <= order["old"]:
        return NEVER  # it may end, or come before, what others saw
    rows = projection(view, lake.dialect)
    entity = ", ".join(f"{ENTITY}{place}" for place in range(len(view.entity)))
    old = (
        f"select {entity}, min({TIME}) as first, min({SINCE}) as since from ({rows}) "
        f"where {ROW} < {first_row} group by all"
    )
    found = least(
        f"select min(case when old.first is null or new.{TIME} < old.first then "
        f"least(new.{SINCE}, old.since, greatest(new.{TIME}, new.{KNOWN})) else greatest(new.{TIME}, new.{KNOWN}) end) "
        f"from ({rows}) new left join ({old}) old using ({entity}) where new.{ROW} >= {first_row}",
        lake,
    )
    return min(found, int(order["new"]))  # also by what ends a row and shows nothing itself


def asked_before_us(source: Source, lake: Lake, first_row: int) -> int:
    """The rows of a source before this moment are asked about as they were before; at it, or later, there are more."""
    table, time = quoted(source.dataset), f"epoch_us({quoted(source.time)})"
    new = f"(select * from {table} where {ROW} >= {first_row} and {OP} <> 'D')"
    same = " and ".join(f"old.{name} is not distinct from new.{name}" for name in map(quoted, identity(source)))
    again = f"select old.* from (select * from {table} where {ROW} < {first_row}) old semi join {new} new on {same}"
    return least(f"select min({time}) from {new} new anti join ({again}) old on {same}", lake)


def candidates_stand_us(lake: Lake, first_rows: Mapping[str, int], times: Mapping[str, Source]) -> int:
    """The moments up to this one have the candidates that they had; any source may be named by their SQL."""
    return min(
        (
            least(f"select min({seen_from(times[name])}) from {quoted(name)} where {ROW} >= {first}", lake)
            for name, first in first_rows.items()
        ),
        default=FOR_EVER,
    )


def outcomes_stand_us(label: Label, lake: Lake, first_rows: Mapping[str, int]) -> int:
    """Asks up to this moment have, as far as rows after them tell, the outcome that they had."""
    stand = FOR_EVER
    for _, window in label.ahead:
        if window.of is not None:
            touched = touched_us(window.of, lake, first_rows[window.of.dataset])
            stand = min(stand, NEVER if window.length_us is None else touched - window.length_us)
    return stand


def touched_us(source: Source, lake: Lake, first_row: int) -> int:
    """The time of the earliest row that is new, was corrected or was deleted."""
    table = quoted(source.dataset)
    landed = f"select * from {table} where {ROW} >= {first_row}"
    found = least(f"select min(epoch_us({quoted(source.time)})) from ({landed})", lake)
    if not source.key:
        return found
    same = " and ".join(f"old.{name} is not distinct from new.{name}" for name in map(quoted, source.key))
    deleted = f"select * from ({landed}) where {OP} = 'D'"
    gone = f"select min(epoch_us({quoted(source.time)})) from {table} old semi join ({deleted}) new on {same}"
    return min(found, least(gone, lake))


def asked_again(source: Source, lake: Lake, first_row: int) -> Ints:
    """Numbers (`_own`) of the asked rows of which another version landed, or that were deleted."""
    if not source.key:
        return np.zeros(0, np.int64)
    table = quoted(source.dataset)
    same = " and ".join(f"old.{name} is not distinct from new.{name}" for name in map(quoted, source.key))
    found: Ints = lake.query(
        f"select {ROW} as {OWN} from (select * from {table} where {ROW} < {first_row}) old "
        f"semi join (select * from {table} where {ROW} >= {first_row}) new on {same}"
    )[OWN].to_numpy()
    return found


def least(sql: str, lake: Lake, otherwise: int = FOR_EVER) -> int:
    """The one number that the SELECT gives; `otherwise` where it is null."""
    found = lake.query(sql)
    value = cast("int | None", found[found.column_names[0]][0].as_py())
    return otherwise if value is None else int(value)
