"""Each Clock against the suite."""

from __future__ import annotations

import pytest

from tidemill.engines.clocks.scaled import ScaledClock
from tidemill.engines.clocks.system import SystemClock
from tidemill.ports.clock import Clock
from tidemill.testing.clock import ClockSuite
from tidemill.testing.fakes import VirtualClock


class TestSystem(ClockSuite):
    @pytest.fixture
    def clock(self) -> Clock:
        return SystemClock()


class TestScaled(ClockSuite):
    @pytest.fixture
    def clock(self) -> Clock:
        return ScaledClock.starting(0, 1000.0)


class TestVirtual(ClockSuite):
    @pytest.fixture
    def clock(self) -> Clock:
        return VirtualClock.at("2026-11-01")
