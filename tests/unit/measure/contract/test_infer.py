"""Rules that good rows seem to promise: with room, and none where the older half would not have told the newer."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from tidemill.measure.column import read
from tidemill.measure.contract.infer import DAY_US, Sample, infer, rounded_down, rounded_up
from tidemill.spec.contract.record import Rule

TYPES = {"f": "float", "i": "int", "O": "text", "M": "timestamp"}


def sample(
    rows: int = 1_000, *, key: tuple[str, ...] = (), days: float = 70, now: int | None = None, **given: Any
) -> Sample:
    times = np.arange(rows) * int(days * DAY_US / rows)
    columns = {name: read(np.asarray(values)) for name, values in given.items()}
    return Sample(
        columns={"at": read(times.astype("datetime64[us]")), **columns},
        types={"at": "timestamp"} | {name: TYPES[np.asarray(values).dtype.kind] for name, values in given.items()},
        key=key,
        time="at",
        batch=read(np.ones(rows, np.int64)),
        put_aside=0,
        now_us=int(times[-1]) + DAY_US if now is None else now,
    )


def rules(found: Sample) -> dict[str, Rule]:
    return {rule.name: rule for rule in infer(found)}


CHANCE = np.random.default_rng(1)


def test_amounts_may_go_once_more_as_far_and_stay_above_the_zero_that_they_come_up_to() -> None:
    found = rules(sample(price=CHANCE.uniform(0.1, 100, 1_000), level=CHANCE.uniform(50, 100, 1_000)))
    assert (found["price: range"].least, found["price: range"].most) == (0.0, 200.0)
    assert found["level: range"].least == pytest.approx(0, abs=1), "a thermometer may fall"
    assert found["level: range"].most == pytest.approx(150, abs=1)


def test_where_the_largest_stand_alone_there_is_room_for_ten_times() -> None:
    amounts = CHANCE.uniform(1, 10, 1_000)
    amounts[::250] = 900.0
    assert rules(sample(amount=amounts))["amount: range"].most == 9_000.0


def test_what_names_something_or_moves_with_time_has_no_extent() -> None:
    found = rules(
        sample(key=("id",), id=np.arange(1_000), ticket=CHANCE.permutation(10**6)[:1_000], week=np.arange(1_000) // 100)
    )
    assert not [name for name in found if name.endswith("range")]


def test_a_column_may_be_twice_as_empty_and_one_that_was_full_a_hundredth() -> None:
    some = CHANCE.uniform(0, 1, 1_000)
    some[CHANCE.permutation(1_000)[:40]] = np.nan
    hollow = np.where(np.arange(1_000) % 5 > 1, np.nan, 1.0)
    late = np.where(np.arange(1_000) < 600, 0.5, np.nan)
    found = rules(sample(full=CHANCE.uniform(0, 1, 1_000), some=some, hollow=hollow, late=late))
    assert found["full: nulls"].most == 0.01
    assert found["some: nulls"].most == pytest.approx(0.08)
    assert "hollow: nulls" not in found
    assert "late: nulls" not in found, "the older half would have cried wolf"
    assert found["late: type"].severity == "stop"


def test_few_words_that_come_often_are_all_there_are_and_a_month_is_none_of_them() -> None:
    kinds = np.array(["a", "b", "c"], object)[CHANCE.integers(0, 3, 1_000)]
    rare = kinds.copy()
    rare[3] = "once"
    month = np.array(["may", "june"], object)[np.arange(1_000) // 500]
    found = rules(sample(kind=kinds, rare=rare, month=month))
    assert found["kind: values"].among == ("a", "b", "c")
    assert "rare: values" not in found
    assert "month: values" not in found


def test_the_key_is_unique_alone_or_with_the_time_or_not_promised_so() -> None:
    assert rules(sample(key=("id",), id=np.arange(1_000)))["unique"].of == ("id",)
    found = rules(sample(key=("who",), who=np.arange(1_000) % 10))
    assert found["unique"].of == ("who", "at")
    assert (found["who: nulls"].most, found["who: nulls"].severity) == (0.0, "stop")
    assert "unique" not in rules(sample(days=0, key=("who",), who=np.zeros(1_000, np.int64)))


def test_rows_a_day_are_those_of_whole_weeks_with_three_times_room() -> None:
    found = rules(sample(rows=7_000, days=70))["volume"]
    assert (found.least, found.most) == (33.0, 300.0)
    assert "volume" not in rules(sample(days=20))


def test_only_a_feed_that_is_fresh_is_promised_to_stay_so() -> None:
    fresh = rules(sample(rows=1_000, days=70))["fresh"]
    assert fresh.most == 2 * DAY_US
    assert "fresh" not in rules(sample(now=10**15))
    assert "fresh" not in rules(sample(rows=150, days=6_000))


def test_few_rows_promise_no_more_than_their_columns() -> None:
    assert set(rules(sample(rows=50, days=5, price=np.arange(50.0)))) == {
        "at: type", "price: type", "put_aside", "new_columns",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("value", "down", "up"), [(0, 0, 0), (1234, 1200, 1300), (-0.0456, -0.046, -0.045), (0.07, 0.07, 0.07)]
)
def test_bounds_are_round_and_rounded_outwards(value: float, down: float, up: float) -> None:
    assert (rounded_down(value), rounded_up(value)) == (down, up)
