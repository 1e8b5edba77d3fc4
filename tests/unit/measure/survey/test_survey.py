"""Each defect planted once in an honest table is found, with its row and its number; the honest table stays silent."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from tidemill.facts.data import Finding
from tidemill.measure.column import read
from tidemill.measure.survey.survey import survey
from tidemill.measure.survey.table import Table, moment_text, number_text, rounded
from tidemill.tell.words import sentence, way_out

N = 2_000
DAY = 86_400_000_000
START = 1_700_000_000_000_000 // DAY * DAY


def honest(**changed: Any) -> dict[str, Any]:
    """Orders, one every hour: an id, a customer, an amount, a word."""
    random = np.random.default_rng(1)
    columns = {
        "order": np.arange(N) + 5_000,
        "at": (START + np.arange(N) * 3_600_000_000).astype("datetime64[us]"),
        "customer": np.array([f"c{code}" for code in random.integers(0, 90, N)], object),
        "amount": np.round(random.normal(50, 10, N), 2),
        "kind": np.array(["view", "buy", "leave"], object)[random.integers(0, 3, N)],
    }
    return columns | changed


def table(columns: dict[str, Any], **more: Any) -> Table:
    kinds = {"i": "int", "f": "float", "M": "timestamp", "O": "text", "b": "boolean"}
    named: dict[str, Any] = {"key": ("order",), "time": "at"} | more
    return Table(
        name="orders",
        columns={name: read(values) for name, values in columns.items()},
        types={name: kinds[values.dtype.kind] for name, values in columns.items()},
        **named,
    )


def found(columns: dict[str, Any], **more: Any) -> dict[tuple[str, str], Finding]:
    """Findings by code and subject; each of them has words."""
    findings = survey(table(columns, **more)).findings
    for finding in findings:
        assert finding.code not in sentence(finding.code, finding.fields), finding
        assert way_out(finding.code, finding.fields)
    return {(one.code.removeprefix("finding."), one.subject.partition(".")[2]): one for one in findings}


def with_values(name: str, at: dict[int, Any]) -> dict[str, Any]:
    columns = honest()
    columns[name] = columns[name].copy()
    for row, value in at.items():
        columns[name][row] = value
    return columns


def test_an_honest_table_is_silent() -> None:
    seen = survey(table(honest()))
    assert seen.findings == ()
    assert [column.name for column in seen.columns] == ["order", "at", "customer", "amount", "kind"]


def test_the_ten_billion_order_is_named_with_its_row_and_rules_every_sum() -> None:
    one = found(with_values("amount", {700: 1e10}))["outliers", "amount"]
    assert one.fields["worst"] == "10,000,000,000"
    assert one.fields["ids"] == (f"order 5700, at {moment_text(START + 700 * 3_600_000_000, 'UTC')}",)
    assert "rules every sum" in sentence(one.code, one.fields)
    assert one.importance > 0.85


def test_two_sided_outliers_name_the_farthest_of_each_side() -> None:
    one = found(with_values("amount", {1: -9e5, 2: 8e5, 3: -8e5}))["outliers", "amount"]
    assert (one.fields["worst"], one.fields["other"]) == ("-900,000", "800,000")


def test_a_code_for_nothing_stands_out_as_a_pile() -> None:
    one = found(with_values("amount", dict.fromkeys(range(40), -40.0)))["pile", "amount"]
    assert (one.fields["value"], one.fields["end"], one.fields["rows"]) == ("-40", "lowest", 40)


@pytest.mark.parametrize(
    ("column", "values", "code", "fields"),
    [
        ("empty", np.full(N, np.nan), "empty-column", {"rows": N}),
        ("half", np.where(np.arange(N) % 2, np.nan, 1.5 * np.arange(N)), "many-nulls", {"nulls": 1000, "share": 0.5}),
        ("same", np.full(N, 7), "constant", {"value": "7"}),
        ("nearly", np.where(np.arange(N) < 3, 4, 9), "mostly-one-value", {"value": "9", "others": 3}),
        ("number", np.arange(N), "id-like", {"rows": N}),
        ("wide", np.where(np.arange(N) == 9, np.inf, np.arange(N) % 50 / 7), "infinite", {"rows": 1}),
        ("unsaid", np.array(["x", "n/a", "y", " Unknown "] * 500, object), "words-for-nothing", {"share": 0.5}),
        ("spelt", np.array(["Seoul", "seoul ", "Busan", "x"] * 500, object), "spellings", {"words": 1, "rows": 1000}),
        ("digits", np.array([f"{i % 40}.5" for i in range(N)], object), "numbers-as-text", {"distinct": 40}),
        (
            "mixed",
            np.array([f"{i % 40}.5" for i in range(N - 2)] + ["twelve"] * 2, object),
            "numbers-as-text",
            {"distinct": 41, "rows": 2, "example": "'twelve'"},
        ),
        ("names", np.array([f"n{i // 2}" for i in range(N)], object), "many-words", {"distinct": 1000}),
    ],
)
def test_a_columns_defect_is_named(column: str, values: Any, code: str, fields: dict[str, Any]) -> None:
    findings = found(honest(**{column: values}))
    assert set(findings) == {(code, column)}
    said = {name: findings[code, column].fields[name] for name in fields}
    texts = {name for name in fields if isinstance(fields[name], str)}
    assert {name: said[name] for name in texts} == {name: fields[name] for name in texts}
    numbers = fields.keys() - texts
    assert {name: said[name] for name in numbers} == pytest.approx({name: fields[name] for name in numbers})


def test_codes_with_leading_zeros_and_keys_with_underscores_are_no_numbers() -> None:
    zips = np.array([f"0{i % 300:04d}" for i in range(N)], object)
    keys = np.array([f"2020_{i % 300}" for i in range(N)], object)
    assert not any(code == "numbers-as-text" for code, _ in found(honest(zip=zips, person=keys)))


def test_a_change_of_unit_is_more_than_a_change_of_level() -> None:
    random = np.random.default_rng(3)
    metres = random.normal(100, 5, N)
    feet = np.where(np.arange(N) < 1000, metres, metres * 3.28084)
    moved = np.where(np.arange(N) < 1000, metres, metres + 60)
    findings = found(honest(height=feet, level=moved))
    unit, level = findings["unit-jump", "height"], findings["level-jump", "level"]
    assert unit.fields["unit"] == 3.28084
    assert unit.importance > level.importance
    assert (unit.fields["at"], level.fields["at"]) == ("2023-12-25 16:00:00", "2023-12-25 16:00")
    said = sentence(unit.code, unit.fields)
    assert "all its values are 3.281 times as large, as between feet and metres." in said
    assert unit.fields["ids"] == (f"order 6000, at {moment_text(START + 1000 * 3_600_000_000, 'UTC')}",)


def test_rows_in_another_unit_are_named_with_their_share_and_the_first_of_them() -> None:
    random = np.random.default_rng(3)
    won = random.lognormal(10, 0.3, N)
    odd = np.arange(N) % 40 == 7
    findings = found(honest(price=np.where(odd, won / 1000, won)))
    mixed = findings["unit-mixed", "price"]
    assert (mixed.fields["rows"], mixed.fields["unit"]) == (50, 0.001)
    assert mixed.fields["share"] == pytest.approx(0.025)
    assert mixed.fields["ids"][0] == f"order 5007, at {moment_text(START + 7 * 3_600_000_000, 'UTC')}"  # type: ignore[index] # ids are always a tuple
    assert "1,000 times as small" in sentence(mixed.code, mixed.fields)


def test_names_of_rows_and_of_entities_have_no_unit() -> None:
    car = np.where(np.arange(N) < 1000, 40 + np.arange(N) % 20, (40 + np.arange(N) % 20) * 100)
    findings = found(honest(car=car), entities=(("car",),))
    assert not {code for code, column in findings if column == "car"} & {"unit-jump", "unit-mixed", "level-jump"}
    assert ("unit-jump", "car") in found(honest(car=car))


def test_repeated_rows_and_keys_with_other_values_are_told_apart() -> None:
    columns = {name: np.append(values, values[:4]) for name, values in honest().items()}
    columns["amount"][-1] = 51.25
    findings = found(columns)
    assert findings["repeated-rows", ""].fields["rows"] == 3
    assert findings["repeated-keys", ""].fields["rows"] == 1
    assert findings["repeated-keys", ""].fields["key"] == ("order", "at")


def test_put_aside_rows_are_named_once_for_each_promise() -> None:
    reasons = np.full(N, None, object)
    reasons[[4, 9]], reasons[11] = "amount > 0", "kind <> 'x'"
    findings = [one for one in survey(table(honest(), reasons=read(reasons))).findings if "aside" in one.code]
    assert [(one.fields["reason"], one.fields["rows"], len(one.fields["ids"])) for one in findings] == [  # type: ignore[arg-type] # ids are always a tuple
        ("amount > 0", 2, 2),
        ("kind <> 'x'", 1, 1),
    ]


def test_a_clock_that_ran_back_is_named_for_its_entity_and_an_unordered_table_is_not() -> None:
    columns = honest(car=np.array(["a", "b"], object)[np.arange(N) // 1000])
    columns["at"] = columns["at"].copy()
    columns["at"][300] -= np.timedelta64(4, "h")
    one = found(columns, entities=(("car",),))["clock-backwards", "at"]
    assert (one.fields["steps"], one.fields["entities"], one.fields["largest_us"]) == (1, 1, 3 * 3_600_000_000)
    columns["at"] = columns["at"][::-1].copy()
    assert not any(code == "clock-backwards" for code, _ in found(columns, entities=(("car",),)))


def test_rows_from_the_future_and_gaps_in_time_are_named() -> None:
    columns = honest()
    columns["at"] = columns["at"] + np.where(np.arange(N) >= 1500, np.timedelta64(30, "D"), np.timedelta64(0, "D"))
    now_us = int(columns["at"][-3].astype(np.int64))
    findings = found(columns, now_us=now_us)
    assert findings["from-the-future", "at"].fields["rows"] == 2
    assert findings["gap", "at"].fields["length_us"] == 30 * DAY


def test_what_moved_since_the_version_before_is_named() -> None:
    random = np.random.default_rng(5)
    new = np.arange(N) >= 1200
    columns = honest(
        shifted=np.where(new, 3.0, 0.0) + random.normal(0, 1, N),
        gone=np.where(new, np.nan, random.normal(0, 1, N)),
        came=np.where(new, random.normal(0, 1, N), np.nan),
        thinner=np.where(new & (np.arange(N) % 3 == 0), np.nan, random.normal(0, 1, N)),
    )
    reasons = np.full(N, None, object)
    reasons[(np.arange(N) % 5 == 0) & new] = "amount > 0"
    findings = found(columns, first_new=1200, reasons=read(reasons))
    assert {(code, column) for code, column in findings if code not in {"many-nulls", "put-aside", "level-jump"}} == {
        ("values-moved", "shifted"),
        ("column-went", "gone"),
        ("column-came", "came"),
        ("nulls-rose", "thinner"),
        ("put-aside-rose", ""),
    }


def test_smaller_moves_are_named_where_chance_and_unrest_do_not_explain_them() -> None:
    random = np.random.default_rng(6)
    new = np.arange(N) >= 1200
    columns = honest(
        median=np.where(new, 0.4, 0.0) + random.normal(0, 1, N),
        still=random.normal(0, 1, N),
        town=np.where(
            new, random.choice(["a", "b"], N, p=[0.4, 0.6]), random.choice(["a", "b"], N, p=[0.6, 0.4])
        ).astype(object),
        fuller=np.where((random.random(N) < np.where(new, 0.002, 0.045)), np.nan, random.normal(0, 1, N)),
    )
    moved = {
        key: one
        for key, one in found(columns, first_new=1200).items()
        if key[1] in {"median", "still", "town", "fuller"}
    }
    assert set(moved) == {
        ("quantile-moved", "median"), ("top-changed", "town"), ("nulls-moved", "fuller"),
    }  # fmt: skip
    assert moved["quantile-moved", "median"].fields["quantile"] == "the median"
    assert (moved["top-changed", "town"].fields["was"], moved["top-changed", "town"].fields["now"]) == ("'a'", "'b'")
    assert moved["nulls-moved", "fuller"].fields["says"] == "less"


@pytest.mark.parametrize("rows", [0, 1, 2])
def test_a_table_of_hardly_any_row_is_surveyed(rows: int) -> None:
    columns = {name: values[:rows] for name, values in honest(nothing=np.full(N, None, object)).items()}
    seen = survey(table(columns, entities=(("customer",),), now_us=START))
    assert {one.code for one in seen.findings} <= {"finding.no-rows", "finding.empty-column", "finding.from-the-future"}
    assert ("finding.no-rows" in {one.code for one in seen.findings}) == (rows == 0)
    assert all(column.rows == rows for column in seen.columns)


def test_a_table_without_time_or_key_names_rows_by_their_number() -> None:
    columns = with_values("amount", {700: 1e10})
    one = found({name: columns[name] for name in ("amount", "kind")}, key=(), time=None)["outliers", "amount"]
    assert one.fields["ids"] == ("row 701",)


def test_numbers_moments_and_lengths_read_as_a_person_writes_them() -> None:
    assert [number_text(value) for value in (1972.0, -11062.06, 74215, 0.1 + 0.2, 13.699999809265137)] == [
        "1972", "-11,062.06", "74,215", "0.3", "13.7",
    ]  # fmt: skip
    assert moment_text(0, "Asia/Seoul") == "1970-01-01 09:00:00"
    assert moment_text(-9 * 3_600_000_000, "Asia/Seoul") == "1970-01-01"
    assert moment_text(1_500_000, "UTC") == "1970-01-01 00:00:01.5"
    assert rounded(188 * DAY + 41_000_000) == 188 * DAY
    assert rounded(999) == 999
