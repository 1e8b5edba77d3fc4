"""The whole first look at a table whose world turned round: what it says, what it writes, and that it then runs."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from tests.unit.app.attempt.tables import N, calls, comma_separated, parquet
from tidemill.app.attempt.attempt import attempt, looked
from tidemill.app.attempt.record import Attempt, Wanted
from tidemill.app.context import silent
from tidemill.app.find import find
from tidemill.app.run import run
from tidemill.app.settings import settings
from tidemill.app.wiring import make
from tidemill.errors import DataError, SettingsError
from tidemill.facts.codec import canonical
from tidemill.measure.backtest import course
from tidemill.tell.words import sentence

DAY_US = 86_400_000_000


@pytest.fixture(scope="module")
def tried(tmp_path_factory: pytest.TempPathFactory) -> Attempt:
    """One look for all tests of this file."""
    folder = tmp_path_factory.mktemp("attempt")
    told: list[tuple[str, int, int | None]] = []
    wanted = Wanted(file=parquet(folder, calls()), time="at", label="y", folder=folder / "calls")
    found = attempt(wanted, progress=lambda what, done, total: told.append((what, done, total)))
    assert {what for what, _, _ in told} == {"read", "look", "trainings"}
    assert told[-1][1] == told[-1][2]
    return found


def test_the_leak_is_named_and_left_out(tried: Attempt) -> None:
    assert tried.chosen.leaks == ("seconds",)
    assert [name for name, _ in tried.chosen.features] == ["mood", "city"]
    assert tried.strengths[0].column == "seconds"
    assert tried.strengths[0].suspect
    assert not any(one.suspect for one in tried.strengths[1:])


def test_a_value_that_nearly_decides_is_said_of_a_column_that_is_no_leak(tmp_path: Path) -> None:
    random = np.random.default_rng(2)
    no = np.array(calls()["y"].to_pylist()) == "no"
    state = np.where(no & (random.random(N) < 0.3), "closed", random.choice(["new", "open"], N))
    wanted = Wanted(file=parquet(tmp_path, calls(state=state)), time="at", label="y", folder=tmp_path / "calls")
    look = looked(wanted, make("compute.duckdb"), silent)
    assert "state" in [name for name, _ in look.chosen.features]
    (one,) = [one for one in look.findings if one.code == "finding.near-decision"]
    assert (one.fields["column"], one.fields["value"], one.fields["outcome"]) == ("state", "'closed'", "false")


def test_the_honest_figure_stands_beside_flattering_ones(tried: Attempt) -> None:
    told = tried.honesty
    assert told.with_leaks is not None
    assert (told.with_leaks.value or 0) > (told.random.value or 0) > 0.52
    for one in (told.random, told.in_time, told.rate_alone):
        assert one.low is not None
        assert one.high is not None
        assert one.low < (one.value or 0) < one.high


def test_every_verdict_has_words_and_the_record_is_json(tried: Attempt) -> None:
    for finding in (*tried.said, *tried.chosen.left_out, *tried.findings):
        assert finding.code not in sentence(finding.code, finding.fields)
    again = json.loads(canonical(tried))
    assert again["target"]["positive"] == "yes"
    assert json.loads(tried.request)["instances"][0].keys() == {"mood", "city"}


def test_stretches_cover_the_newer_half(tried: Attempt) -> None:
    assert sum(one.rows for one in tried.stretches) == N // 2
    assert tried.stretches[0].first_row == N // 2
    assert all(one.first_us <= one.last_us for one in tried.stretches)
    assert np.mean([one.actual for one in tried.stretches]) == pytest.approx(0.5, abs=0.1)


def test_the_written_system_runs_and_its_version_is_released(tried: Attempt) -> None:
    found = find("system.py", tried.system_file.parent)
    ran = run(settings(found.folder, found.folder), found, tried.model, silent)
    assert ran.run.state == "passed", ran.run.error
    assert ran.release is not None
    assert ran.release.state == "champion"


def test_a_system_file_that_is_there_is_not_written_over(tried: Attempt) -> None:
    before = tried.system_file.read_text(encoding="utf-8")
    with pytest.raises(SettingsError, match="file-there"):
        attempt(tried.wanted)
    assert tried.system_file.read_text(encoding="utf-8") == before


def test_the_same_look_gives_the_same_figures(tmp_path: Path) -> None:
    file = comma_separated(tmp_path, calls(600))
    found = [
        attempt(Wanted(file=file, time="call", label="y", positive="no", folder=tmp_path / name)) for name in ("a", "b")
    ]
    assert found[0].honesty == found[1].honesty
    assert found[0].ways == found[1].ways
    assert found[0].timing.kind == "order"
    assert found[0].target.positive == "no"


def test_a_number_is_predicted_by_its_mean_error(tmp_path: Path) -> None:
    table = calls(500)
    table = table.append_column("price", table["mood"]).drop_columns(["y", "seconds", "mood"])
    table = table.append_column(
        "size", [[round(value * 2 + (i % 7) / 10, 3) for i, value in enumerate(table["price"].to_pylist())]]
    )
    with pytest.raises(DataError) as caught:  # size is the price again: nothing else says anything
        attempt(
            Wanted(
                file=parquet(tmp_path, table.drop_columns(["city"])), time="at", label="price", folder=tmp_path / "n"
            )
        )
    assert caught.value.code == "data.nothing-to-learn-from"
    found = attempt(Wanted(file=parquet(tmp_path, table), time="at", label="price", folder=tmp_path / "m"))
    assert (found.metric, found.target.kind, found.chosen.leaks) == ("mae", "number", ("size",))
    assert 'LGBMRegressor(objective="l1"' in found.system_file.read_text(encoding="utf-8")
    assert found.honesty.with_leaks is not None
    assert (found.honesty.with_leaks.value or 9) < (found.honesty.random.value or 0)


@pytest.mark.parametrize(
    ("n", "code"),
    [(0, "data.empty-source"), (1, "data.label-constant"), (150, "data.too-few-to-try")],
)
def test_hardly_any_row_is_refused_and_nothing_is_written(tmp_path: Path, n: int, code: str) -> None:
    with pytest.raises(DataError) as caught:
        attempt(Wanted(file=parquet(tmp_path, calls().slice(0, n)), time="at", label="y", folder=tmp_path / "no"))
    assert caught.value.code == code
    assert not (tmp_path / "no").exists()


@pytest.mark.needs("data")
def test_bank_is_worth_little_in_time_order_and_retraining_wins_back(
    real_data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(course, "WINDOW_ROWS", 10**9)  # learning from all rows alone says it in a third of the time
    file = real_data / "drift_bank_marketing" / "bank_marketing.parquet"
    found = attempt(Wanted(file=file, time="t", label="y", folder=tmp_path / "bank"))
    assert found.chosen.leaks == ("duration",)
    told, way = found.honesty, found.ways[found.enough]
    assert told.with_leaks is not None
    assert told.with_leaks.value == pytest.approx(0.95, abs=0.01)
    assert told.random.value == pytest.approx(0.80, abs=0.01)
    assert told.in_time.value == pytest.approx(0.50, abs=0.03)
    assert way.pooled.value == pytest.approx(0.767, abs=0.01)
    assert (way.inside.value or 0) > (found.ways[0].inside.value or 1) + 0.03
    assert told.rate_alone.value == pytest.approx(0.772, abs=0.005)
    assert [one.code for one in found.said[:3]] == [
        "finding.flattered", "finding.retraining-pays", "finding.rate-tracked",
    ]  # fmt: skip
