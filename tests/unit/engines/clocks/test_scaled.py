"""The demo's clock: how fast it runs, and that its text carries it to other processes."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tidemill.engines.clocks.scaled import ScaledClock
from tidemill.engines.clocks.system import SystemClock
from tidemill.errors import SettingsError

DAY_US = 86_400_000_000


def test_a_day_passes_in_ten_seconds(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = ScaledClock(start_us=7 * DAY_US, factor=8640.0, origin_us=1_000_000)
    monkeypatch.setattr(time, "time_ns", lambda: 11_000_000_000)
    assert clock.now_us() == 8 * DAY_US


def test_waits_the_scaled_down_time(monkeypatch: pytest.MonkeyPatch) -> None:
    slept: list[float] = []
    monkeypatch.setattr(time, "sleep", slept.append)
    ScaledClock(start_us=0, factor=8640.0, origin_us=0).wait(DAY_US)
    SystemClock().wait(1_500_000)
    assert slept == [10.0, 1.5]


@given(st.integers(), st.floats(min_value=1e-3, max_value=1e9), st.integers())
def test_its_text_gives_the_same_clock_again(start_us: int, factor: float, origin_us: int) -> None:
    clock = ScaledClock(start_us=start_us, factor=factor, origin_us=origin_us)
    assert ScaledClock.parse(str(clock)) == clock


@pytest.mark.parametrize(
    "text",
    ["", "scaled:", "scaled:1:2", "scaled:1:2:3:4", "scaled:1:0:3", "scaled:1:nan:3", "scaled:1:inf:3", "system:1:2:3"],
)
def test_a_text_that_is_no_clock_is_refused(text: str) -> None:
    with pytest.raises(SettingsError) as caught:
        ScaledClock.parse(text)
    assert (caught.value.code, caught.value.fields["text"]) == ("settings.clock-unreadable", text)
