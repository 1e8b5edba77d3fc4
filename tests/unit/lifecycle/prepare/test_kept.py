"""A set that keeps what stands of the last one is the set that is built anew, and only what may differ is made."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import tidemill as tm
from tests.street import DAY, HOUR, Street, us
from tests.unit.features.offline.world import END, World
from tests.unit.lifecycle.lender import START, lender, loans, rate
from tidemill.errors import DataError
from tidemill.facts.data import DatasetVersion, TrainingSet
from tidemill.features.offline import slices
from tidemill.features.offline.frame import with_features
from tidemill.lifecycle.prepare import frame as framing
from tidemill.lifecycle.prepare import stage as prepare
from tidemill.lifecycle.prepare.given import Given
from tidemill.lifecycle.prepare.kept import moments_alike

LATE = START + 1_000 * DAY


def built(mill: Street, model: str, versions: tuple[DatasetVersion, ...], **changes: Any) -> TrainingSet:
    usual: dict[str, Any] = {"moments": (), "watermark_us": LATE, "now_us": LATE}
    return prepare.run(Given(system=mill.system, model=model, versions=versions, **usual | changes), mill.ctx)[0]


def told(mill: Street, model: str, versions: tuple[DatasetVersion, ...], **changes: Any) -> TrainingSet | str:
    """The set, or why there is none."""
    try:
        return built(mill, model, versions, labels="at-once", **changes)
    except DataError as error:
        return error.code


def numbered(mill: Street, number: int) -> tuple[DatasetVersion, ...]:
    """Each source's version of that number, or its last before."""
    found = []
    for source in mill.system.roots:
        last = mill.ctx.tables.newest(source.dataset)
        assert last is not None
        found.append(mill.ctx.tables.version(source.dataset, min(number, last.number)))
    return tuple(found)


@pytest.mark.parametrize("model", ["ahead", "own", "later", "number", "immediate"])
def test_what_is_kept_and_added_to_is_what_is_built_anew(model: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Corrections, rows that come late, moved and deleted ones: whatever lands, the very same bytes."""
    monkeypatch.setattr(slices, "USUAL_ROWS", 4)

    @settings(max_examples=4)
    @given(seed=st.integers(0, 100_000))
    def holds(seed: int) -> None:
        world = World(seed)
        for now in (END + DAY, END + 2 * DAY):
            more = {"events": world.events(6), "customers": world.customers(2), "loans": world.asks(3)}
            world.land({name: [*rows, *world.corrected(name)] for name, rows in more.items()}, now)
        before = None
        for number in (1, 2, 3, 4):
            versions = numbered(world.mill, number)
            anew = told(world.mill, model, versions)
            assert told(world.mill, model, versions, before=before) == anew
            before = anew if isinstance(anew, TrainingSet) else before

    holds()


def days(first: int, last: int, seed: int = 0) -> pa.Table:
    """The lender's loans of those days, an hour apart."""
    return loans(21 * 24, seed).slice(first * 24, (last - first) * 24)


class Spy:
    """How many asks features were made for, by the order of the sets."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.rows: list[int] = []
        real = with_features

        def counted(asks: pa.Table, *more: Any) -> pa.Table:
            self.rows.append(asks.num_rows)
            return real(asks, *more)

        monkeypatch.setattr(framing, "with_features", counted)


def test_a_day_more_makes_the_features_of_that_day_only(monkeypatch: pytest.MonkeyPatch) -> None:
    spy = Spy(monkeypatch)
    mill, _ = lender(rows=days(0, 20), known="asked_at + interval '3 days'")
    first = built(mill, "risk", mill.versions, watermark_us=START + 20 * DAY)
    mill.readers["loans"].add(days(20, 21))
    mill.extract("loans", START + 21 * DAY)
    second = built(mill, "risk", mill.versions, watermark_us=START + 21 * DAY, before=first)
    assert spy.rows == [480, 24]
    assert second == built(mill, "risk", mill.versions, watermark_us=START + 21 * DAY)
    assert second.immature == first.immature
    # A later look with nothing new: only what is mature by now is another.
    third = built(mill, "risk", mill.versions, watermark_us=START + 30 * DAY, before=second)
    assert (spy.rows[-1], third.slices, third.immature) == (0, second.slices, 0)


def test_a_correction_of_an_outcome_makes_no_feature_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    spy = Spy(monkeypatch)
    mill, _ = lender(rows=days(0, 20), views=("form", "hour"), columns=("age", "town"))
    first = built(mill, "risk", mill.versions)
    good = days(3, 4)
    mill.readers["loans"].add(good.set_column(7, "bad", pa.array(~good["bad"].to_numpy(zero_copy_only=False))))
    mill.extract("loans", START + 21 * DAY)
    second = built(mill, "risk", mill.versions, before=first)
    assert spy.rows == [480, 0]
    assert second.slices == first.slices
    was, now = (mill.chosen(one)["_y"].to_numpy() for one in (first, second))
    changed = np.flatnonzero(was != now).tolist()
    assert changed == list(range(3 * 24, 4 * 24))


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"code": "another"}, {}),
        ({}, {"columns": ("age", "amount")}),
        ({}, {"outcome": "not bad"}),
        ({}, {"views": ("form", "hour")}),
    ],
)
def test_another_declaration_or_other_code_keeps_nothing(
    changes: dict[str, Any], words: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    spy = Spy(monkeypatch)
    mill, _ = lender(rows=days(0, 20))
    first = built(mill, "risk", mill.versions)
    other, _ = lender(rows=days(0, 20), **words)
    other.ctx = replace(other.ctx, blobs=mill.ctx.blobs)
    built(other, "risk", other.versions, before=first, **changes)
    assert spy.rows == [480, 480]


def test_rows_of_another_lake_keep_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    spy = Spy(monkeypatch)
    mill, _ = lender(rows=days(0, 20))
    first = built(mill, "risk", mill.versions)
    other, _ = lender(rows=days(0, 20, seed=7))
    other.ctx = replace(other.ctx, blobs=mill.ctx.blobs)
    found = built(other, "risk", other.versions, before=first)
    assert spy.rows == [480, 480]
    assert found == built(other, "risk", other.versions)


def test_lost_slices_are_made_again(monkeypatch: pytest.MonkeyPatch) -> None:
    spy = Spy(monkeypatch)
    mill, _ = lender(rows=days(0, 20))
    first = built(mill, "risk", mill.versions)
    assert built(mill, "risk", mill.versions, before=replace(first, slices=("0" * 64,))) == first
    assert spy.rows == [480, 480]


def shop(days_: int) -> tuple[Street, list[int]]:
    """Candidates every morning; the moments of those days."""
    system = tm.System("shop", owner="o@shop.example", zone="UTC")
    clicks = system.source("clicks", tm.files("clicks"), key="id", time="at")
    choices = system.candidates(
        "choices", entity="who", item="item", every="0 4 * * *",
        who="select distinct who from clicks", what="select distinct item from clicks",
    )  # fmt: skip
    label = system.label("clicked", asked=choices, ahead={"n": tm.count("1d", of=clicks)}, outcome="n > 0")
    seen = system.features("seen", clicks, entity="who", windows={"n": tm.count("3d"), "last": tm.last("item")})
    system.model(label=label, features=[seen], split=tm.by_time(valid=0.1, test=0.1), name="ranker")(rate)
    mill = Street(system, {"clicks": clicked(0, days_)})
    mill.extract("clicks", START + days_ * DAY)
    return mill, [START + day * DAY + 4 * HOUR for day in range(1, days_)]


def clicked(first: int, last: int) -> pa.Table:
    random = np.random.default_rng(first)
    n = (last - first) * 10
    at = START + first * DAY + np.sort(random.integers(0, (last - first) * DAY, n))
    return pa.table({
        "id": first * 10 + np.arange(n), "at": pa.array(at, pa.timestamp("us", tz="UTC")),
        "who": random.integers(0, 4, n), "item": random.integers(0, 5, n),
    })  # fmt: skip


@pytest.mark.parametrize("dropped", [0, 4])
def test_candidates_of_a_day_more_are_added_and_those_of_old_days_left_out(
    dropped: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    spy = Spy(monkeypatch)
    monkeypatch.setattr(slices, "USUAL_ROWS", 10)
    mill, moments = shop(12)
    first = built(mill, "ranker", mill.versions, moments=tuple(moments), watermark_us=START + 12 * DAY)
    mill.readers["clicks"].add(clicked(12, 13))
    mill.extract("clicks", START + 13 * DAY)
    more = (*moments[dropped:], START + 12 * DAY + 4 * HOUR)
    words: dict[str, Any] = {"moments": more, "watermark_us": START + 13 * DAY}
    second = built(mill, "ranker", mill.versions, before=first, **words)
    assert spy.rows[1] <= 20
    assert second == built(mill, "ranker", mill.versions, **words)
    assert len(set(second.slices) & set(first.slices)) > len(first.slices) / 3


def test_moments_are_alike_up_to_the_first_that_differs() -> None:
    assert moments_alike([1, 2, 3], [1, 2, 3]) == 2**62
    assert moments_alike([1, 2, 3], [2, 3, 4]) == 4
    assert moments_alike([1, 2, 3], [1, 3]) == 2
    assert moments_alike([1, 3], [1, 2, 3]) == 2
    assert moments_alike([2, 3], [1, 2, 3]) == 1
    assert moments_alike([1, 2, 3], [1, 2]) == 3
    assert us("2026-01-01") == START
