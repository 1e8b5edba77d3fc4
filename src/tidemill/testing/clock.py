"""What every Clock must do; a backend's test inherits the suite and gives its `clock` fixture."""

from __future__ import annotations

import pytest

from tidemill.ports.clock import Clock

A_LITTLE_US = 2_000


class ClockSuite:
    """Inherit and define `clock`."""

    @pytest.fixture
    def clock(self) -> Clock:
        raise NotImplementedError

    def test_tells_whole_microseconds_and_never_runs_back(self, clock: Clock) -> None:
        told = [clock.now_us() for _ in range(100)]
        assert all(type(now) is int for now in told)
        assert told == sorted(told)

    def test_waiting_lets_that_much_of_its_own_time_pass(self, clock: Clock) -> None:
        before = clock.now_us()
        clock.wait(A_LITTLE_US)
        assert clock.now_us() - before >= A_LITTLE_US

    def test_waiting_for_what_has_passed_returns_at_once(self, clock: Clock) -> None:
        before = clock.now_us()
        clock.wait(0)
        clock.wait(-86_400_000_000)
        assert clock.now_us() >= before
