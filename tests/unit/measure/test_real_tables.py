"""What exploration must name in the real tables, and what it must not."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow.parquet as pq
import pytest

from tidemill.measure.baseline import rolling_rate
from tidemill.measure.blocks import in_blocks
from tidemill.measure.column import codes, read
from tidemill.measure.drift import drift, reference, verdict
from tidemill.measure.duplicates import duplicates
from tidemill.measure.jump import jump
from tidemill.measure.leak import Strength, strengths
from tidemill.measure.order import backward_steps
from tidemill.measure.outlier import outliers, piles
from tidemill.measure.score import score

Table = dict[str, Any]


@cache
def table(file: Path, columns: tuple[str, ...] | None = None) -> Table:
    read_in = pq.read_table(file, columns=list(columns) if columns else None)
    return {name: read_in[name].to_numpy() for name in read_in.column_names}


def us(times: Any) -> Any:
    return times.astype("datetime64[us]").astype(np.int64)


def suspects(columns: Table, outcome: Any, time: Any) -> dict[str, Strength]:
    found = strengths({name: read(values) for name, values in columns.items()}, outcome, time)
    return {one.column: one for one in found}


def test_sba_names_term_and_what_holds_the_outcome_itself(real_data: Path) -> None:
    loans = table(real_data / "loan/sba/sba_loans.parquet")
    lost = loans["ChgOffDate"] <= loans["ApprovalDate"] + np.timedelta64(7 * 365 + 2, "D")
    found = suspects(loans, lost.astype(float), us(loans["ApprovalDate"]))
    assert {name for name, one in found.items() if one.suspect} == {"Term", "MIS_Status", "ChgOffDate", "ChgOffPrinGr"}
    assert found["Term"].value == pytest.approx(0.891, abs=0.002)


def test_bank_names_duration_and_no_other(real_data: Path) -> None:
    calls = table(real_data / "drift_bank_marketing/bank_marketing.parquet")
    found = suspects(calls, (calls["y"] == "yes").astype(float), calls["t"])
    assert {name for name, one in found.items() if one.suspect} == {"duration", "y"}
    assert found["duration"].value == pytest.approx(0.961, abs=0.002)


def test_feast_has_no_leak_and_its_strongest_column_is_honest(real_data: Path) -> None:
    loans = table(real_data / "loan/feast_credit/loan_table.parquet")
    outcome = loans["loan_status"].astype(float)
    found = suspects({k: v for k, v in loans.items() if k != "loan_status"}, outcome, us(loans["event_timestamp"]))
    assert not any(one.suspect for one in found.values())
    assert found["person_income"].value == pytest.approx(0.756, abs=0.002)


def test_driving_has_no_leak_for_either_label(real_data: Path) -> None:
    log = table(real_data / "driving/obd_1hz.parquet")
    speed, time = log["speed_kmh"].astype(float), us(log["ts"])
    ahead = np.lib.stride_tricks.sliding_window_view(np.append(speed[1:], np.full(10, np.nan)), 10)
    lowest = np.min(np.where(np.isnan(ahead), np.inf, ahead), axis=1)
    asked = (speed >= 30) & np.append(log["trip_id"][:-10] == log["trip_id"][10:], np.zeros(10, np.bool_))
    braked = suspects(log, np.where(asked, speed - lowest >= 20, np.nan), time)
    assert not any(one.suspect for one in braked.values())
    air = suspects({k: v for k, v in log.items() if k != "maf_gs"}, log["maf_gs"].astype(float), time)
    assert not any(one.suspect for one in air.values())
    assert max(one.value or 0 for one in air.values()) == pytest.approx(0.856, abs=0.002)  # map_kpa: one engine


def test_retail_names_the_bad_debt_the_great_order_and_the_doubles(real_data: Path) -> None:
    lines = table(real_data / "ecommerce/online_retail/online_retail.parquet")
    price, quantity = outliers(read(lines["unit_price"])), outliers(read(lines["quantity"]))
    assert price is not None
    assert quantity is not None
    assert price.worst[0].value == -11_062.06
    assert lines["unit_price"][price.worst[0].row] == -11_062.06
    assert {one.value for one in price.worst} >= {38_970.0}
    assert {one.value for one in quantity.worst} >= {-74_215.0, 74_215.0}
    assert quantity.max_ratio is not None
    assert quantity.max_ratio > 100
    found = duplicates([read(values) for values in lines.values()])
    assert found.surplus / found.n == pytest.approx(0.0096, abs=0.0001)


def test_feast_names_the_age_and_the_years_of_work(real_data: Path) -> None:
    loans = table(real_data / "loan/feast_credit/loan_table.parquet")
    age, work = outliers(read(loans["person_age"])), outliers(read(loans["person_emp_length"]))
    assert age is not None
    assert work is not None
    assert age.worst[0].value == 144
    assert work.worst[0].value == 123


def test_driving_names_the_sensors_two_ends_and_the_clock(real_data: Path) -> None:
    log = table(real_data / "driving/obd_1hz.parquet")
    intake = read(log["intake_c"])
    assert {(one.end, one.value) for one in piles(intake)} == {("lowest", -40.0), ("highest", 150.0)}
    beyond = outliers(intake)
    assert beyond is not None
    assert beyond.worst[0].value == 150
    winter = jump(read(log["ambient_c"]).take(np.argsort(log["ts"], kind="stable")))
    assert winter is not None
    assert winter.after < winter.before
    signals = table(real_data / "driving/obd_signals.parquet", ("trip_id", "ts"))
    steps = backward_steps(us(signals["ts"]), codes(signals["trip_id"])[0])
    assert (steps.steps, steps.entities) == (5, 5)


def test_honest_columns_stay_silent(real_data: Path) -> None:
    calls = table(real_data / "drift_bank_marketing/bank_marketing.parquet")
    named = {name for name, values in calls.items() if outliers(read(values)) or piles(read(values))}
    assert named == {"pdays"}  # 999 = never
    places = table(real_data / "loan/feast_credit/zipcode_table.parquet")
    assert not any(outliers(read(values)) or piles(read(values)) for values in places.values())


def test_banks_rolling_rate_is_good_pooled_and_nothing_inside_blocks(real_data: Path) -> None:
    calls = table(real_data / "drift_bank_marketing/bank_marketing.parquet")
    y, t = (calls["y"] == "yes").astype(float), calls["t"]
    late = slice(len(y) - 20_000, None)
    rate = rolling_rate(y, t, t, last=1000, start=0.1)[late]
    assert score("roc_auc", y[late], rate).value == pytest.approx(0.771, abs=0.002)
    assert in_blocks("roc_auc", y[late], rate, count=20).mean == pytest.approx(0.5, abs=0.03)


def test_winter_is_named_by_the_outside_and_intake_temperature_alone(real_data: Path) -> None:
    log = table(real_data / "driving/obd_1hz.parquet")
    order = np.argsort(log["ts"], kind="stable")
    day = log["ts"][order]
    trained = order[day < np.datetime64("2017-07-17")]
    summer = order[(day >= np.datetime64("2017-07-24")) & (day < np.datetime64("2017-08-07"))]
    winter = order[(day >= np.datetime64("2018-02-12")) & (day < np.datetime64("2018-02-26"))]
    named: dict[str, list[str]] = {"summer": [], "winter": []}
    for name in list(log)[2:]:
        column = read(log[name])
        before = reference(column.take(trained))
        for season, rows in (("summer", summer), ("winter", winter)):
            if verdict(drift(before, column.take(rows)), 0.25, columns=10) == "failed":
                named[season].append(name)
    assert named == {"summer": [], "winter": ["intake_c", "ambient_c"]}
