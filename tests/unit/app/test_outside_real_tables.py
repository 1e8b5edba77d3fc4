"""The real tables without any system: what is named of each, and that nothing honest is accused."""

from __future__ import annotations

from pathlib import Path

import pytest

from tidemill.app.explore import Wanted, of_rows
from tidemill.app.outside import Place
from tidemill.facts.data import Profile, Value

UNITS = ("finding.unit-jump", "finding.unit-mixed")
NAMES = ("finding.nearly-id", "finding.another-clock", "finding.time-as-number")
LEAKS = ("finding.leak-suspect", "finding.leak-is-outcome", "finding.near-decision")


def looked(path: Path, **said: str) -> Profile:
    return of_rows(Wanted(place=Place(what=str(path)), **said), progress=lambda what, done, total: None)[0]


def named(profile: Profile, codes: tuple[str, ...]) -> set[tuple[str, str]]:
    return {
        (one.code.partition(".")[2], one.subject.partition(".")[2]) for one in profile.findings if one.code in codes
    }


@pytest.mark.needs("data")
def test_no_column_of_any_real_table_is_in_two_units_and_the_names_are_told(real_data: Path) -> None:
    found: dict[str, set[tuple[str, str]]] = {}
    for file in sorted(real_data.rglob("*.parquet")):
        profile = looked(file)
        assert named(profile, UNITS) == set(), file.name
        if names := named(profile, NAMES):
            found[file.stem] = names
    assert found == {
        "loan_table": {("nearly-id", "dob_ssn")},
        "transactions": {("another-clock", "basket_id")},
    }


@pytest.mark.needs("data")
@pytest.mark.parametrize(
    ("path", "said", "leaks"),
    [
        ("drift_bank_marketing/bank_marketing.parquet", {"time": "t", "label": "y"}, {"duration"}),
        (
            "loan/sba/sba_loans.parquet",
            {"time": "ApprovalDate", "label": "MIS_Status", "positive": "CHGOFF"},
            {"Term", "ChgOffDate", "ChgOffPrinGr"},
        ),
        ("loan/feast_credit/loan_table.parquet", {"time": "event_timestamp", "label": "loan_status"}, set()),
        ("ecommerce/open_bandit/women_random.parquet", {"time": "timestamp", "label": "click"}, set()),
        ("ecommerce/open_bandit/men_bts.parquet", {"time": "timestamp", "label": "click"}, set()),
        ("driving/obd_1hz.parquet", {"time": "ts", "label": "maf_gs"}, set()),
    ],
)
def test_leaks_are_named_by_a_label_alone_and_no_honest_column_is(
    path: str, said: dict[str, str], leaks: set[str], real_data: Path
) -> None:
    profile = looked(real_data / path, **said)
    assert {column for _, column in named(profile, LEAKS)} == leaks
    assert {one.column for one in profile.relations[: len(leaks)]} == leaks
    assert all(sum(share.rows for share in one.shares) == one.rows for one in profile.relations)


APART = ("finding.outliers", "finding.pile", "finding.sentinel")


@pytest.mark.needs("data")
def test_values_that_stand_apart_are_named_and_no_id_nor_honest_column_is(real_data: Path) -> None:
    found: dict[str, set[tuple[str, str]]] = {}
    for file in sorted(real_data.rglob("*.parquet")):
        if told := named(looked(file), APART):
            found[file.stem] = told
    driving = {("pile", name) for name in ("coolant_c", "intake_c", "throttle_pct", "rpm")} | {("outliers", "intake_c")}
    assert found == {
        "bank_marketing": {("pile", "pdays"), ("outliers", "pdays")},
        "obd_1hz": driving,
        "obd_signals": driving - {("pile", "rpm")},
        "transactions": {("outliers", "retail_disc"), ("outliers", "coupon_disc"), ("outliers", "sales_value")},
        "online_retail": {("outliers", "unit_price"), ("outliers", "quantity")},
        "loan_table": {
            ("outliers", "person_emp_length"), ("outliers", "person_age"), ("outliers", "person_income"),
            ("pile", "loan_amnt"),
        },
        "sba_loans": {("outliers", "NoEmp"), ("outliers", "Term"), ("outliers", "ApprovalFY"), ("pile", "NAICS")},
    }  # fmt: skip


@pytest.mark.needs("data")
def test_the_rows_that_a_sentence_names_come_first_and_each_is_clipped_at_its_side(real_data: Path) -> None:
    def clip(path: str, column: str) -> tuple[Value | tuple[Value, ...], ...]:
        profile = looked(real_data / path)
        one = next(one for one in profile.findings if one.subject.endswith(f".{column}") and one.code in APART)
        values = one.fields.get("values", ())
        assert isinstance(values, tuple)
        return (one.fields["mend"], *values[:2])

    retail = "ecommerce/online_retail/online_retail.parquet"
    assert clip(retail, "quantity")[1:] == ("-74,215", "74,215")
    assert str(clip(retail, "unit_price")[0]).startswith("greatest(least(unit_price, ")
    assert clip("loan/sba/sba_loans.parquet", "ApprovalFY")[0] == "greatest(ApprovalFY, 1973)"
    assert str(clip("loan/sba/sba_loans.parquet", "Term")[0]).startswith("least(Term, ")
    mend = "case when loan_amnt <> 35000 then loan_amnt end"
    assert clip("loan/feast_credit/loan_table.parquet", "loan_amnt") == (mend,)
