"""Who is asked when: rows in their first version, candidates with the tables as they were known, stable samples."""

from __future__ import annotations

import hashlib
from collections import Counter
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import tidemill as tm
from tests.street import DAY, HOUR, Street, table, us
from tidemill.errors import DataError
from tidemill.features.offline.asks import at_moment, from_candidates, from_source, popular
from tidemill.spec.label import Candidates

START = us("2026-01-01")
MOMENTS = [START + days * DAY for days in (3, 5, 9)]
MOMENT = pa.timestamp("us", tz="UTC")
KINDS = {"id": pa.int64(), "at": MOMENT, "told": MOMENT, "who": pa.int64(), "item": pa.string(), "n": pa.int64()}


def shop(rows: list[dict[str, Any]]) -> tuple[Street, Candidates]:
    """Events known when `told` says; a customer of the last two days is asked about his items and the two top ones."""
    system = tm.System("shop", owner="o@shop.example", zone="UTC")
    events = system.source("events", tm.files("events"), key="id", time="at", known="told")
    events.where("n > 0", name="sales")
    system.source("nowhere", tm.files("nowhere"), key="id", time="at")
    choices = system.candidates(
        "choices", entity="who", item="item", every="0 0 * * *",
        who='select distinct who from events where "at" >= $asked_at - interval 2 days;',
        what=["select distinct who, item from sales",
              "select item from sales group by item order by count(*) desc, item limit 2"],
    )  # fmt: skip
    mill = Street(system, {"events": table(rows, **KINDS)})
    mill.extract("events")
    return mill, choices


def brute(rows: list[dict[str, Any]], t: int) -> tuple[set[tuple[int, str]], list[str]]:
    """The two lists in plain Python, over what was known strictly before t."""
    newest: dict[int, dict[str, Any]] = {}
    for row in rows:
        if max(row["at"], row["told"]) < t:
            newest[row["id"], row["at"]] = row  # type: ignore[index]  # one row of a key and a time
    known = list(newest.values())
    sales = [row for row in known if row["n"] is not None and row["n"] > 0]
    who = {row["who"] for row in known if row["at"] >= t - 2 * DAY} - {None}
    counts = Counter(row["item"] for row in sales)
    top = sorted(counts, key=lambda item: (-counts[item], item is None, item or ""))[:2]
    own = {(row["who"], row["item"]) for row in sales if row["who"] in who}
    pairs = own | {(one, item) for one in who for item in top}
    return {pair for pair in pairs if None not in pair}, [item for item in top if item is not None]


def drawn(row: dict[str, Any]) -> dict[str, Any]:
    """The row with when it was known instead of how late."""
    at = START + row["hour"] * HOUR
    return {"at": at, "told": at + row["late"] * HOUR, **{name: row[name] for name in ("id", "who", "item", "n")}}


events = st.lists(
    st.fixed_dictionaries(
        {
            "id": st.integers(0, 9),
            "hour": st.integers(0, 10 * 24),
            "late": st.sampled_from([0, 1, 30]),
            "who": st.sampled_from([1, 2, 3, None]),
            "item": st.sampled_from(["ant", "bee", "cat", None]),
            "n": st.sampled_from([1, 5, -1, None]),
        }
    ).map(drawn),
    min_size=1,
    max_size=14,
)


@settings(max_examples=20)
@given(rows=events)
def test_candidates_see_the_tables_as_they_were_known(rows: list[dict[str, Any]]) -> None:
    mill, choices = shop(rows)
    asks = from_candidates(choices, mill.system.sources, MOMENTS, mill.lake).to_pylist()
    wanted = [(t, *pair) for t in MOMENTS for pair in sorted(brute(rows, t)[0])]
    assert [(row["_asked_us"], row["who"], row["item"]) for row in asks] == wanted
    assert [row["_ask"] for row in asks] == list(range(len(wanted)))
    assert {row["_own"] for row in asks} <= {-1}
    for t in MOMENTS:
        assert popular(choices, mill.system.sources, t, mill.lake) == brute(rows, t)[1]
        served = at_moment(choices, mill.system.sources, t, mill.lake)
        assert {(row["who"], row["item"]) for row in served.to_pylist()} == brute(rows, t)[0]


def test_a_row_that_is_known_later_is_not_seen() -> None:
    sold = {"id": 1, "at": START, "told": START + 4 * DAY, "who": 1, "item": "ant", "n": 1}
    seen = {"id": 2, "at": START + 2 * DAY, "told": START + 2 * DAY, "who": 1, "item": "bee", "n": 0}
    mill, choices = shop([sold, seen])
    assert from_candidates(choices, mill.system.sources, [START + 3 * DAY], mill.lake).num_rows == 0
    asked = from_candidates(choices, mill.system.sources, [START + 4 * DAY, START + 4 * DAY - 1], mill.lake)
    assert asked.num_rows == 0
    mill, choices = shop([sold, seen | {"at": START + 3 * DAY, "told": START + 3 * DAY}])
    asked = from_candidates(choices, mill.system.sources, [START + 4 * DAY, START + 4 * DAY + 1], mill.lake)
    assert [(row["_asked_us"], row["item"]) for row in asked.to_pylist()] == [(START + 4 * DAY + 1, "ant")]


def test_the_sql_of_candidates_may_name_only_what_has_landed() -> None:
    mill, _ = shop([{"id": 1, "at": START, "told": START, "who": 1, "item": "ant", "n": 1}])
    lost = Candidates(
        name="c", entity=("who",), item="item", every="0 0 * * *", who="select 1 as who from nowhere", what=()
    )
    with pytest.raises(DataError) as caught:
        at_moment(lost, mill.system.sources, START, mill.lake)
    assert caught.value.code == "data.query-failed"


def share(text: str) -> float:
    return int.from_bytes(hashlib.md5(text.encode()).digest()[:8], "big") / 2**64


def test_samples_are_the_keys_whose_hash_is_small_whoever_computes_it() -> None:
    rows = [{"id": n, "at": START, "told": START, "who": n, "item": f"품목 {n}", "n": 1} for n in range(400)]
    mill, choices = shop(rows)
    sources = mill.system.sources
    some = from_source(mill.system.source("events").sample(0.3), mill.lake)
    assert sorted(some["id"].to_pylist()) == [n for n in range(400) if share(str(n)) < 0.3]
    every = from_candidates(choices, sources, [START + DAY], mill.lake)
    some = from_candidates(choices.sample(0.5).sample(0.5), sources, [START + DAY], mill.lake)
    wanted = [(r["who"], r["item"]) for r in every.to_pylist() if share(f"{r['who']}\x1f{r['item']}") < 0.25]
    assert [(row["who"], row["item"]) for row in some.to_pylist()] == wanted
    assert 0.2 < len(wanted) / every.num_rows < 0.3


def test_a_row_is_asked_about_as_it_was_then_and_once() -> None:
    row = {"id": 1, "at": START, "told": START, "who": 1, "item": "ant", "n": 1}
    mill, _ = shop([row, {**row, "id": 2, "at": START - 1}, {**row, "n": -1}])
    asks = from_source(mill.system.source("events"), mill.lake).to_pylist()
    assert [(ask["_asked_us"], ask["id"], ask["n"], ask["_own"]) for ask in asks] == [
        (START - 1, 2, 1, 1),
        (START, 1, 1, 0),
    ]
    sales = from_source(mill.system.source("sales"), mill.lake)
    assert sales["id"].to_pylist() == [2, 1]


def test_without_a_key_every_row_is_asked_about() -> None:
    system = tm.System("bank", owner="o@bank.example", zone="UTC")
    calls = system.source("calls", tm.files("calls"), time="at")
    mill = Street(system, {"calls": table([{"at": START, "y": 1}] * 3, at=MOMENT)})
    mill.extract("calls")
    assert from_source(calls, mill.lake)["_own"].to_pylist() == [0, 1, 2]
