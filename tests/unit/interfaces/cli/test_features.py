"""The feature catalog as a person reads it, and online against offline from the command line."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from tests.answered import answered, log
from tests.story.works import Works
from tests.street import DAY, HOUR, us
from tests.unit.interfaces.cli.conftest import Type
from tidemill.engines.clocks.scaled import ScaledClock

SYSTEM = '''\
import tidemill as tm

lender = tm.System("lender", owner="risk@bank.example", zone="UTC")
events = lender.source("events", tm.files("events.parquet"), key="id", time="at", known="at + interval '1 hour'")
loans = lender.source("loans", tm.files("loans.parquet"), key="loan", time="asked")
past = lender.features("past", events.where("price > 0"), entity="customer", columns=["price"], max_age="90d", windows={
    "n_30d": tm.count("30d"), "spend_30d": tm.sum("price", "30d", scale=2), "unused": tm.days_since_last()})
again = lender.features("again", events, entity="customer", windows={"n_month": tm.count("30d", where="0 < price")})
form = lender.request("form", loans, columns=["amount", "amount - past.price as above"])


@lender.on_request
def doubled(amount: float) -> float | None:
    """Twice the amount."""
    return None if amount is None else amount * 2


@lender.model(label=lender.label("bad", asked=loans, outcome="state = 'bad'"), split=tm.by_hash(valid=0.2, test=0.2),
              features=[past.only("n_30d", "spend_30d"), form, doubled])
def risk(train: tm.Data, valid: tm.Data) -> object:
    return 0.25
'''
START = us("2026-06-01")
CALLERS = [{"customer": customer, "amount": 9.5} for customer in (0, 1, 7)]


@pytest.fixture
def works(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Works]:
    """The lender in the current folder: a champion, and nine requests answered."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "system.py").write_text(SYSTEM, encoding="utf-8")
    events(tmp_path, range(200))
    loans = {"loan": list(range(400)), "asked": moments(range(-400, 0)), "customer": [n % 3 for n in range(400)]}
    loans |= {"amount": [1.0 + n for n in range(400)], "state": ["ok", "bad"] * 200}
    pq.write_table(pa.table(loans), tmp_path / "loans.parquet")
    found = Works(tmp_path / "system.py", tmp_path / ".tidemill", START)
    monkeypatch.setenv("TIDEMILL_CLOCK", str(ScaledClock.starting(START, 1.0)))
    found.land()
    found.promote("risk")
    found.bring_up()
    log(found.ctx, *answered(found.ctx, found.bundles["risk"], CALLERS, [START - 5 * HOUR, START - HOUR, START]))
    yield found
    found.close()


def moments(hours: range) -> pa.Array:
    """So many hours from the start."""
    return pa.array([START + hour * HOUR for hour in hours], pa.int64()).cast(pa.timestamp("us", tz="UTC"))


def events(folder: Path, ids: range) -> None:
    """An event an hour up to the start, of two customers in turn."""
    rows = {"id": list(ids), "at": moments(range(ids.start - 200, ids.stop - 200)), "customer": [n % 2 for n in ids]}
    pq.write_table(pa.table(rows | {"price": [1.25 * n - 3 for n in ids]}), folder / "events.parquet")


def test_every_page_fits_the_terminal(typed: Type, works: Works) -> None:
    for words in ((), ("past",), ("past.n_30d",), ("doubled",), ("form",), ("verify",)):
        for columns in (80, 120):
            result = typed("features", *words, columns=columns)
            assert result.exit_code == 0, result.output
            assert max(len(line) for line in result.stdout.splitlines()) <= columns
            assert "…" not in result.stdout


def test_the_catalog_says_what_there_is_for_whom_and_how_fresh(typed: Type, works: Works) -> None:
    events(Path(), range(207))
    works.land()
    said = json.loads(typed("features", "--json").stdout)
    views = {view["entry"]["name"]: view for view in said["views"]}
    assert list(views) == ["past", "again", "form", "doubled"]
    past = views["past"]
    assert (past["entry"]["kind"], past["entry"]["keys"], past["entry"]["owner"]) == (
        "looked-up", ["customer"], "risk@bank.example",
    )  # fmt: skip
    features = {one["name"]: (one["type"], one["says"], one["step"]) for one in past["entry"]["features"]}
    assert features["past.spend_30d"] == ("float", "sum of price, 30d, step 1d, 2 decimal places", "1d")
    held = past["held"]
    assert (held["version"], held["rows_behind"], held["entities"]) == ("events@v1", 7, 2)
    assert held["bytes"] > 0
    assert DAY > held["behind_us"] >= HOUR
    assert views["form"]["held"] is None
    (twice,) = said["findings"]
    assert (twice["code"], twice["subject"], twice["fields"]["others"]) == (
        "finding.feature-twice", "past.n_30d", ["again.n_month"],
    )  # fmt: skip
    page = typed("features").stdout
    for part in ("no model", "risk as form.above", "past.n_30d is defined again as again.n_month", "Twice the amount."):
        assert part in page


def test_one_feature_is_followed_to_its_rows_and_to_its_models(typed: Type, works: Works) -> None:
    said = typed("features", "spend_30d").stdout
    for part in (
        "past.spend_30d", "sum of price, 30d, step 1d", "looked up by customer", "events: files events.parquet",
        "price > 0", "events@v1, 200 rows", "all that has landed", "risk@1", "tidemill explore events",
    ):  # fmt: skip
        assert part in said
    above = json.loads(typed("features", "past.price", "--json").stdout)
    assert above["readers"] == [
        {"is": "Reader", "model": "risk", "champion": "risk@1", "features": [], "into": ["form.above"]}
    ]
    assert typed("features", "again").stdout.count("no model") == 2


def test_a_name_that_nothing_has_is_told_with_the_nearest(typed: Type, works: Works) -> None:
    for name, meant in (("passt", "past"), ("past.n_30", "past.n_30d"), ("n_30d_", "past.n_30d")):
        result = typed("features", name)
        assert (result.exit_code, "settings.feature-unknown" in result.stderr) == (2, True)
        assert f"Did you mean `{meant}`?" in result.stderr


def test_what_was_answered_is_what_the_data_gives(typed: Type, works: Works) -> None:
    said = typed("features", "verify")
    assert said.exit_code == 0
    assert "✓ 0 differences" in said.stdout
    found = json.loads(typed("features", "verify", "--sample", "6", "--json").stdout)
    assert (found["answered"], found["predictions"], found["features"], found["differences"]) == (9, 6, 6 * 7, 0)
    assert json.loads(typed("features", "verify", "--since", "2h", "--json").stdout)["answered"] == 6


def test_a_difference_is_shown_with_both_values_and_fails(typed: Type, works: Works) -> None:
    right = next(iter(answered(works.ctx, works.bundles["risk"], CALLERS, [START])))
    was = right.looked_up["past.spend_30d"]
    assert isinstance(was, float)
    wrong = math.nextafter(was, math.inf)
    (id,) = log(works.ctx, replace(right, looked_up={**right.looked_up, "past.spend_30d": wrong}))
    result = typed("features", "verify")
    assert result.exit_code == 1
    for part in ("✗ 1 difference ", id, "past.spend_30d", str(wrong), str(was), f"tidemill why {id}"):
        assert part in result.stdout
    assert typed("features", "verify", "--json").exit_code == 1


def test_answers_without_a_sum_are_counted_apart(typed: Type, works: Works) -> None:
    right = next(iter(answered(works.ctx, works.bundles["risk"], CALLERS, [START])))
    log(works.ctx, replace(right, flags=("overflow:past.spend_30d",)))
    result = typed("features", "verify", columns=120)
    assert result.exit_code == 0
    assert "without a sum" in result.stdout
    assert "past.spend_30d" in result.stdout
    (version,) = json.loads(typed("features", "verify", "--json").stdout)["versions"]
    assert version["parity"]["overflows"] == {"past.spend_30d": 1}
    assert version["parity"]["overflown"] == 1


def test_a_version_that_is_gone_proves_nothing(typed: Type, works: Works) -> None:
    right = next(iter(answered(works.ctx, works.bundles["risk"], CALLERS, [START])))
    log(works.ctx, replace(right, bundle="f" * 64, version="risk@2"))
    result = typed("features", "verify")
    assert result.exit_code == 1
    assert "▲ 0 differences" in result.stdout
    assert "risk@2" in result.stdout


def test_where_nothing_has_been_answered_or_declared_it_is_said(
    typed: Type, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "system.py").write_text('import tidemill as tm\n\nempty = tm.System("empty", owner="o")\n')
    assert "tidemill check" in typed("features").stdout
    assert json.loads(typed("features", "--json").stdout)["views"] == []
    result = typed("features", "verify")
    assert (result.exit_code, "tidemill up" in result.stdout) == (0, True)
    assert typed("features", "verify", "--since", "soon").exit_code == 2
