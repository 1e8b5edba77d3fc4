"""The real tables without any system: what is named of each, and that nothing honest is accused."""

from __future__ import annotations

from pathlib import Path

import pytest

from tidemill.app.explore import Wanted, of_rows
from tidemill.app.outside import Place
from tidemill.facts.data import Profile

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
