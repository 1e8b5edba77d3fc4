"""Window words: lengths, steps by length, scales, and what each keeps."""

from __future__ import annotations

import pytest

import tidemill as tm
from tidemill.spec.duration import duration_text, duration_us
from tidemill.spec.flaw import flaw_of

DAY = 86_400_000_000
HOUR = 3_600_000_000


@pytest.mark.parametrize(
    ("text", "us"),
    [("11s", 11_000_000), ("5m", 300_000_000), ("2h", 2 * HOUR), ("30d", 30 * DAY), ("36500d", 36_500 * DAY)],
)
def test_a_duration_is_exact_and_reads_back(text: str, us: int) -> None:
    assert duration_us(text) == us
    assert duration_text(us) == text


@pytest.mark.parametrize("text", ["", "30", "d", "-1d", "1.5h", "1 d", "30D", "1d12h", "0s", "36501d", "１d"])
def test_what_is_no_duration_is_a_flaw(text: str) -> None:
    assert flaw_of(duration_us(text)) is not None


@pytest.mark.parametrize(
    ("window", "step"),
    [
        ("59m", 0),
        ("1h", 300_000_000),
        ("11h", 300_000_000),
        ("12h", HOUR),
        ("13d", HOUR),
        ("14d", DAY),
        ("180d", DAY),
    ],
)
def test_the_default_step_follows_the_length(window: str, step: int) -> None:
    assert tm.count(window).step_us == step


def test_a_step_said_aloud_is_kept_and_zero_slides_exactly() -> None:
    assert tm.count("30d", step="1h").step_us == HOUR
    assert tm.count("30d", step="0s").step_us == 0


def test_a_scale_is_none_unless_declared() -> None:
    assert tm.sum("price", "1d").scale is None
    assert tm.sum("price", "1d", scale=6).scale == 6
    assert tm.mean("price", "1d", scale=0).scale == 0


def test_lag_and_last_and_days_since_last_have_no_step() -> None:
    lag = tm.lag("rpm", 3, within="15s")
    assert (lag.rows, lag.length_us, lag.step_us) == (3, 15_000_000, 0)
    assert tm.last("rpm").length_us is None
    assert tm.last("rpm", within="1d").length_us == DAY
    assert tm.days_since_last(where="kind = 'view'").where is not None


def test_every_word_makes_its_own_kind() -> None:
    windows = [
        tm.count("1d"), tm.sum("x", "1d"), tm.mean("x", "1d"), tm.std("x", "1d"), tm.min("x", "1d"), tm.max("x", "1d"),
        tm.distinct("x", "1d"), tm.last("x"), tm.lag("x", 1, within="1d"), tm.days_since_last(),
    ]  # fmt: skip
    assert [window.kind for window in windows] == [
        "count", "sum", "mean", "std", "min", "max", "distinct", "last", "lag", "days_since_last",
    ]  # fmt: skip
