"""Once a day the loop computes a sample of answers anew: it says what it found, and alerts when a value differs."""

from __future__ import annotations

import math
from dataclasses import replace
from pathlib import Path

from tests.answered import log as write
from tests.street import HOUR
from tests.unit.lifecycle.monitor.test_verify import START, Desk, desk
from tidemill.facts.event import Event
from tidemill.facts.signal import Alert
from tidemill.lifecycle.serve.record import reader
from tidemill.loop.deliver import Post
from tidemill.loop.fingerprint import Code
from tidemill.loop.mill import Mill
from tidemill.loop.pace import Pace
from tidemill.loop.tick import Wheel
from tidemill.testing.fakes import VirtualClock

__all__ = ["desk"]


def wheel(desk: Desk, folder: Path, clock: VirtualClock) -> Wheel:
    """A loop that only advises, at the desk's own time."""
    desk.street.ctx = replace(desk.street.ctx, clock=clock)
    mill = Mill(system=desk.street.system, code=Code(folder), pace=Pace(), automation="advise")
    return Wheel(mill=mill, ctx=desk.street.ctx, post=Post(notifiers={}))


def told(desk: Desk) -> list[Event]:
    return [one for one in desk.street.ctx.ledger.events() if one.code == "event.features-verified"]


def alerts(desk: Desk) -> list[Alert]:
    return [one for one in desk.street.ctx.ledger.find(Alert) if one.code == "event.features-differ"]


def test_a_day_later_it_says_that_nothing_differs(desk: Desk, tmp_path: Path) -> None:
    clock = VirtualClock(START + 12 * HOUR)
    made = wheel(desk, tmp_path, clock)
    assert "prove" not in made.turn().troubles
    desk.ask(START + 13 * HOUR)
    clock.advance(hours=23)
    made.turn()
    assert told(desk) == []
    clock.advance(hours=1)
    made.turn()
    (event,) = told(desk)
    assert (event.fields["predictions"], event.fields["differences"]) == (3, 0)
    assert alerts(desk) == []
    clock.advance(hours=24)
    made.turn()
    assert len(told(desk)) == 1  # nothing was answered since
    again = wheel(desk, tmp_path, clock)
    clock.advance(hours=20)
    again.turn()
    assert again.proved_us == clock.now_us()  # a day had passed since what the diary tells


def test_a_value_that_differs_is_an_alert_until_all_are_right_again(desk: Desk, tmp_path: Path) -> None:
    clock = VirtualClock(START + 12 * HOUR)
    made = wheel(desk, tmp_path, clock)
    made.turn()
    frames, _ = made.ctx.journal.read("predictions")
    right = next(one for one in map(reader.read, (one.payload for one in frames)) if one.looked_up["past.spend_20d"])
    wrong = math.nextafter(right.looked_up["past.spend_20d"], math.inf)
    late = START + 13 * HOUR
    write(made.ctx, replace(right, looked_up={**right.looked_up, "past.spend_20d": wrong}, received_at_us=late))
    clock.advance(hours=24)
    made.turn()
    (alert,) = alerts(desk)
    assert (alert.state, alert.severity, alert.fields["feature"]) == ("firing", "critical", "past.spend_20d")
    assert alert.fields["logged"] == str(wrong)
    desk.ask(made.ctx.clock.now_us())
    clock.advance(hours=24)
    made.turn()
    assert [one.state for one in alerts(desk)] == ["resolved"]
    assert [one.fields["differences"] for one in told(desk)] == [1, 0]
