"""Columns that are names of rows, clocks, or times written as numbers; amounts and codes are none of these."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.measure.survey.test_survey import START, N, found, honest
from tidemill.measure.survey.names import as_times
from tidemill.tell.words import sentence

RANDOM = np.random.default_rng(7)
NAMING = {"id-like", "nearly-id", "another-clock", "time-as-number"}
HOUR_US = 3_600_000_000
DAYS = np.arange("2021-03-01", "2024-03-01", dtype="datetime64[D]")


def naming(**columns: Any) -> dict[tuple[str, str], Any]:
    return {key: one for key, one in found(honest(**columns)).items() if key[0] in NAMING}


def repeated(values: np.ndarray, times: int = 20) -> np.ndarray:
    """The values, but for some that come twice."""
    values = values.copy()
    values[1 : 2 * times : 2] = values[: 2 * times : 2]
    return values


def test_words_and_numbers_of_nearly_every_row_are_names() -> None:
    secret = np.array([f"k{i:05d}" for i in RANDOM.permutation(N)], object)
    given_out = RANDOM.permutation(N) + 1_000_000
    findings = naming(
        secret=repeated(secret), number=repeated(given_out), hashed=repeated(RANDOM.integers(0, 2**62, N))
    )
    assert set(findings) == {("nearly-id", "secret"), ("nearly-id", "number"), ("nearly-id", "hashed")}
    assert (findings["nearly-id", "secret"].fields["distinct"], findings["nearly-id", "secret"].fields["rows"]) == (
        N - 20,
        N,
    )


def test_amounts_however_different_are_no_names() -> None:
    won = np.round(RANDOM.lognormal(15, 1, N)).astype(np.int64)
    assert len(np.unique(won)) > 0.99 * N
    won[0] = won[1]
    assert naming(won=won, rooms=RANDOM.integers(1, 9, N), zone=RANDOM.integers(0, 600, N)) == {}


def test_a_number_that_runs_with_the_time_is_a_clock_either_way() -> None:
    basket = np.cumsum(RANDOM.integers(0, 9, N)) + 40_000
    findings = naming(basket=basket, left=-basket, invoice=np.array([str(one) for one in basket], object))
    assert {column: one.fields["says"] for (code, column), one in findings.items() if code == "another-clock"} == {
        "basket": "rises",
        "left": "falls",
        "invoice": "rises",
    }
    one = findings["another-clock", "basket"]
    assert "basket rises with every row as at goes on" in sentence(one.code, one.fields)


def test_what_only_grows_on_the_whole_is_no_clock() -> None:
    grows = (np.arange(N) + RANDOM.normal(0, 200, N)).astype(np.int64)
    assert naming(grows=repeated(grows), year=2000 + np.arange(N) // 40, level=np.arange(N) // 30) == {}


def test_without_a_time_nothing_runs_with_it() -> None:
    columns = {"row": np.repeat(np.arange(N // 2), 2), "amount": RANDOM.random(N)}
    assert not any(code == "another-clock" for code, _ in found(columns, key=(), time=None))


@pytest.mark.parametrize(("unit", "size"), [("seconds", 1_000_000), ("milliseconds", 1_000), ("microseconds", 1)])
def test_moments_since_1970_are_told_with_their_unit(unit: str, size: int) -> None:
    moments = START + np.arange(N) * HOUR_US + RANDOM.integers(-90, 90, N) * HOUR_US
    (key, one), *others = naming(opened=repeated(moments) // size).items()
    assert key == ("time-as-number", "opened")
    assert others == []
    assert one.fields["unit"] == f"{unit} since 1970"
    assert str(one.fields["since"]).startswith("2023-11-")


@pytest.mark.parametrize("form", ["%Y%m%d", "%Y%m"])
@pytest.mark.parametrize("kind", [int, str])
def test_days_and_months_written_as_numbers_are_told(form: str, kind: type) -> None:
    days = np.concatenate((DAYS[[0, -1]], RANDOM.choice(DAYS, N - 2))).astype(object)
    values = np.array([kind(day.strftime(form)) for day in days], object if kind is str else np.int64)
    one = naming(day=values)["time-as-number", "day"]
    assert one.fields["unit"] == ("YYYYMMDD" if "%d" in form else "YYYYMM")
    assert str(one.fields["since"]) == "2021-03-01"
    assert str(one.fields["until"]) == ("2024-02-29" if "%d" in form else "2024-02-01")


@given(st.lists(st.integers(1, 2_000_000_000), min_size=10, max_size=40, unique=True))
def test_only_true_days_are_read_as_days(numbers: list[int]) -> None:
    read = as_times(np.array(numbers, float))
    if read is None or read[0] != "YYYYMMDD":
        return
    days = [str(np.datetime64(int(us), "us").astype("datetime64[D]")).replace("-", "") for us in read[1]]
    assert days == [str(number) for number in numbers]


def test_the_31st_of_april_is_no_day() -> None:
    days = np.array([20240401 + day for day in range(30)], float)
    assert as_times(days) is not None
    assert as_times(np.append(days, 20240431)) is None


def test_phone_numbers_and_ids_in_the_range_of_seconds_are_no_moments() -> None:
    assert naming(phone=repeated(RANDOM.integers(1_000_000_000, 1_100_000_000, N))).keys() == {("nearly-id", "phone")}
