"""The outcome of each ask and when it is known, from rows as they turned out."""

from __future__ import annotations

from dataclasses import replace

import pyarrow as pa

from tidemill.features.offline.asks import ASK, ASKED, OWN
from tidemill.features.offline.columns import arrow_of, values_of
from tidemill.features.offline.frame import sql_on
from tidemill.features.offline.join import ahead
from tidemill.features.offline.lake import Lake
from tidemill.features.offline.reach import or_deletes
from tidemill.features.plan import ROW, clean, names, quoted
from tidemill.spec.label import Label
from tidemill.spec.schema import ahead_types
from tidemill.spec.source import Source

KNOWN, OUTCOME = "_known_us", "_y"
NEVER = 2**62


def with_outcomes(asks: pa.Table, label: Label, lake: Lake) -> pa.Table:
    """The asks with `_y` (float64, null = not asked) and `_known_us` (when the outcome is known; 2^62: never).

    The outcome reads the asked row's last version, the `ahead` values and `asked_at`.
    """
    asked = label.asked
    corrected = isinstance(asked, Source) and asked.key and not all_alone(asks, asked, lake)
    table = latest(asks, asked, lake) if corrected and isinstance(asked, Source) else asks
    kinds = ahead_types(label, lake.dialect.columns)
    for name, values in ahead(label, table, lake).items():
        table = table.append_column(name, arrow_of(values, kinds[name]))
    known = f"{ASKED} + {label.delay_us}"
    if label.known is not None:
        known = f"coalesce(epoch_us({sql_on(label.known, table, lake.zone, moment=True)}), {NEVER})"
    if label.matures is not None:
        matures = f"coalesce(epoch_us({sql_on(label.matures, table, lake.zone, moment=True)}), {NEVER})"
        known = f"greatest({known}, {matures})"
    outcome = sql_on(label.outcome, table, lake.zone)
    text = f"select ({outcome})::double as {OUTCOME}, ({known})::bigint as {KNOWN} from asks order by {ASK}"
    found = lake.query(text, asks=table)
    return asks.append_column(OUTCOME, found[OUTCOME]).append_column(KNOWN, found[KNOWN])


def latest(asks: pa.Table, source: Source, lake: Lake) -> pa.Table:
    """The asks with the columns of the asked row as it turned out: its last landed version (its own if it is gone).

    `_own` becomes that version's, for it is the one that stands among the rows looked ahead at. Asks without a time of
    their own, as the log has them, get the row's newest time.
    """
    columns = [name for name in asks.column_names if not name.startswith("_")]
    keys = [name for name in (*source.key, source.time) if name in columns]
    same = " and ".join(f"a.{quoted(name)} is not distinct from b.{quoted(name)}" for name in keys)
    items = [f"a.{ASK}", f"a.{ASKED}", f"coalesce(b.{ROW}, a.{OWN}) as {OWN}"]
    items += [f"case when b.{ROW} is null then a.{name} else b.{name} end as {name}" for name in map(quoted, columns)]
    near = at_their_times(asks, source, lake)
    whole = clean(replace(source, condition=None, share=1.0), lake.dialect, landed_where=near)
    if source.time not in columns:
        items.append(f"coalesce(b.{quoted(source.time)}, make_timestamptz(a.{ASKED})) as {quoted(source.time)}")
        whole += f" qualify row_number() over (partition by {names(source.key)} order by {ROW} desc) = 1"
    return lake.query(
        f"select {', '.join(items)} from _asks a left join ({whole}) b on {same} order by a.{ASK}", _asks=asks
    )


def all_alone(asks: pa.Table, source: Source, lake: Lake) -> bool:
    """Whether no row landed at the asks' times but their own, so that each is as it was when it was asked about."""
    if not asks.num_rows or source.time not in asks.column_names or int(values_of(asks[OWN]).data.min()) < 0:
        return False
    near = at_their_times(asks, source, lake)
    found = lake.query(f"select count(*) as n from {quoted(source.dataset)} where {near}")
    return bool(found["n"][0].as_py() == asks.num_rows)


def at_their_times(asks: pa.Table, source: Source, lake: Lake) -> str:
    """A condition on landed rows that keeps every version of the asks' rows, and what deletes them."""
    if source.time not in asks.column_names or not pa.types.is_timestamp(asks.schema.field(source.time).type):
        return "true"
    times = values_of(asks[source.time]).data
    if not len(times):
        return "false"
    between = f"between make_timestamptz({times.min()}) and make_timestamptz({times.max()})"
    return or_deletes(f"{quoted(source.time)} {between}", source, lake)
