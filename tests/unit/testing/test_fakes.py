"""The fakes keep their ports' promises."""

from __future__ import annotations

import pytest

from tidemill.errors import ServeError
from tidemill.testing.fakes import FakeNotifier, Sent, VirtualClock


def test_time_moves_only_when_told_to() -> None:
    clock = VirtualClock(5)
    assert clock.now_us() == clock.now_us() == 5
    clock.wait(10)
    clock.wait(-10)
    assert clock.now_us() == 15
    clock.advance(days=1, hours=1, minutes=1, seconds=0.5)
    assert clock.now_us() == 15 + 86_400_000_000 + 3_600_000_000 + 60_000_000 + 500_000


def test_begins_at_a_moment_that_is_written_down() -> None:
    assert VirtualClock.at("1970-01-01T00:00:01").now_us() == 1_000_000
    assert VirtualClock.at("1970-01-01T09:00:00+09:00").now_us() == 0


def test_a_notice_is_kept_or_refused() -> None:
    notifier = FakeNotifier(refuse=1)
    with pytest.raises(ServeError) as caught:
        notifier.send("http://a.example", subject="s", text="t", document=b"{}")
    assert caught.value.code == "serve.notice-failed"
    notifier.send("http://a.example", subject="s", text="t", document=b"{}")
    assert notifier.sent == [Sent(url="http://a.example", subject="s", text="t", document=b"{}")]
