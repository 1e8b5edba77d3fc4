"""The real tables through the real stages: what exploration names unprompted, and that nothing honest is a leak."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from pathlib import Path

import pytest

from tests.unit.lifecycle.explore.landing import Land, by_code
from tests.unit.spec.six import EXAMPLES
from tidemill.app.find import find
from tidemill.facts.data import Profile
from tidemill.ports.source import Reader
from tidemill.spec.source import Files, FilesQuery, Table
from tidemill.stores.sources.files import FilesQueryReader, FilesReader

NOW_US = 1_800_000_000_000_000
LEAKS = ("finding.leak-suspect", "finding.leak-is-outcome", "finding.near-decision")
OF_QUERIES = ("finding.looks-ahead", "finding.rows-from-ahead", "finding.not-repeatable", "finding.not-tried")


@cache
def profiles(name: str, folder: Path) -> dict[str, Profile]:
    """Every source of the system, landed and explored."""

    def at(files: Files) -> Files:
        return Files(path=files.path.replace("${TIDEMILL_DATA}", str(folder)))

    def open_source(table: Table) -> Reader:
        if isinstance(table, FilesQuery):
            return FilesQueryReader(replace(table, tables=tuple((name, at(files)) for name, files in table.tables)))
        assert isinstance(table, Files)
        return FilesReader(at(table))

    land = Land(find(f"{name}.py", EXAMPLES).declaration, open_source)
    land.extract(NOW_US)
    return {dataset: land.explore(dataset, NOW_US) for dataset in land.versions}


def leaks(found: dict[str, Profile]) -> set[str]:
    return {one.subject for profile in found.values() for one in profile.findings if one.code in LEAKS}


def of_queries(found: dict[str, Profile]) -> set[str]:
    return {one.code for profile in found.values() for one in profile.findings if one.code in OF_QUERIES}


@pytest.mark.needs("data")
def test_bank_names_the_duration_of_the_call_and_no_honest_column(real_data: Path) -> None:
    found = profiles("bank", real_data)
    assert leaks(found) == {"calls.duration"}
    assert of_queries(found) == set()
    named = by_code(found["calls"])
    assert named["leak-suspect", "duration"].fields["models"] == ()
    assert named["leak-suspect", "duration"].fields["strength"] == pytest.approx(0.961, abs=0.002)
    assert named["pile", "pdays"].fields["value"] == "999"
    assert ("outcome-column", "y") in named
    told = {one.column: one for one in found["calls"].relations}
    assert next(iter(told)) == "duration"
    assert told["duration"].strength == pytest.approx(0.961, abs=0.002)
    assert {one.value: one.mean for one in told["poutcome"].shares}["'success'"] == pytest.approx(0.651, abs=0.001)


@pytest.mark.needs("data")
def test_sba_names_the_final_term_and_what_holds_the_loss(real_data: Path) -> None:
    found = profiles("sba", real_data)
    assert leaks(found) == {"loans.Term", "loans.MIS_Status", "loans.ChgOffPrinGr"}
    named = by_code(found["loans"])
    assert named["leak-suspect", "Term"].fields["strength"] == pytest.approx(0.891, abs=0.002)
    assert ("outcome-column", "ChgOffDate") in named


@pytest.mark.needs("data")
def test_feast_names_the_age_of_144_and_123_years_of_work(real_data: Path) -> None:
    found = profiles("feast", real_data)
    assert leaks(found) == set()
    named = by_code(found["loans"])
    assert named["outliers", "person_age"].fields["worst"] == "144"
    assert named["outliers", "person_emp_length"].fields["worst"] == "123"
    assert sum("put-aside" in one.code for one in found["loans"].findings) == 2
    assert ("constant", "location_type") in by_code(found["zipcodes"])


@pytest.mark.needs("data")
def test_driving_names_both_ends_of_the_broken_sensor_and_calls_no_physics_a_leak(real_data: Path) -> None:
    found = profiles("driving", real_data)
    assert leaks(found) == set()
    piles = [one for one in found["signals"].findings if one.code == "finding.pile"]
    assert {one.fields["value"] for one in piles if one.subject == "signals.intake_c"} == {"-40", "150"}
    assert by_code(found["signals"])["gap", "ts"].fields["length_us"] == 188 * 86_400_000_000


@pytest.mark.needs("data")
def test_retail_names_the_bad_debt_the_great_order_and_the_doubles(real_data: Path) -> None:
    found = profiles("retail", real_data)
    assert of_queries(found) == set()
    (profile,) = found.values()
    first, second = profile.findings[:2]
    assert (first.subject, first.fields["worst"]) == ("lines.unit_price", "-11,062.06")
    assert (second.subject, second.fields["worst"], second.fields["other"]) == ("lines.quantity", "-74,215", "74,215")
    assert profile.duplicates == 3_543
    assert by_code(profile)["many-nulls", "customer_id"].fields["share"] == pytest.approx(0.264, abs=0.001)
