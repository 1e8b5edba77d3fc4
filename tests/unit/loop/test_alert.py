"""Which readings are told to whom: opened when confirmed, closed when clean, each told once."""

from __future__ import annotations

from typing import Any

import pytest

import tidemill as tm
from tests.unit.loop.kit import FLOOR, GAP, HOUR, NOON, P99, declared, reading
from tidemill.facts.model import Outcome
from tidemill.facts.signal import Alert
from tidemill.loop.alert import closed, from_decision, from_readings, notices, of_decision, severity_of
from tidemill.loop.decision import Decision
from tidemill.loop.pace import Pace
from tidemill.spec.check import check_text

MARKS: dict[str, Outcome] = {"F": "failed", "P": "passed", "U": "undecided"}


def history(check: Any, marks: str) -> tuple[Any, ...]:
    """Readings newest first, from marks written oldest first."""
    made = [
        reading("risk@2", check_text(check), MARKS[mark], until_us=NOON + place * HOUR)
        for place, mark in enumerate(marks)
    ]
    return tuple(reversed(made))


def walked(check: Any, marks: str) -> list[str]:
    """The alert's state after each reading."""
    alert: Alert | None = None
    states: list[str] = []
    for place in range(1, len(marks) + 1):
        found = from_readings(check, history(check, marks[:place]), alert, Pace(), NOON + place * HOUR)
        alert = found or alert
        states.append(alert.state if alert else "-")
    return states


@pytest.mark.parametrize(
    ("check", "severity"),
    [
        (FLOOR, "critical"),
        (P99, "critical"),
        (GAP, "warning"),
        (tm.no_drift(), "warning"),
        (tm.fair("region", decision="approve"), "warning"),
        (tm.at_least(tm.per("region", "roc_auc"), 0.7), "critical"),
    ],
)
def test_how_bad_a_failure_is(check: Any, severity: str) -> None:
    assert severity_of(check) == severity


@pytest.mark.parametrize(
    ("check", "marks", "states"),
    [
        (FLOOR, "PF", "- firing"),  # quality: at once
        (GAP, "PFPF", "- - - firing"),  # a warning: two of the last three
        (GAP, "FPPF", "- - - -"),
        (GAP, "FUF", "- - firing"),
        (GAP, "FFPP", "- firing firing firing"),
        (GAP, "FFPPP", "- firing firing firing resolved"),
        (GAP, "FFPPFPPP", "- firing firing firing firing firing firing resolved"),
        (GAP, "FFPUPUP", "- firing firing firing firing firing resolved"),
        (GAP, "UUU", "- - -"),
        (FLOOR, "FPPPF", "firing firing firing resolved firing"),
    ],
)
def test_opens_when_confirmed_and_closes_when_clean(check: Any, marks: str, states: str) -> None:
    assert walked(check, marks) == states.split()


def test_one_alert_for_each_trouble_keeps_when_it_began() -> None:
    first = from_readings(FLOOR, history(FLOOR, "F"), None, Pace(), NOON)
    assert first is not None
    assert from_readings(FLOOR, history(FLOOR, "F"), first, Pace(), NOON) is None, "the same reading says nothing new"
    second = from_readings(FLOOR, history(FLOOR, "FF"), first, Pace(), NOON + HOUR)
    assert second is not None
    assert (second.fingerprint, second.first_us, second.last_us) == (first.fingerprint, NOON, NOON + HOUR)
    other = from_readings(GAP, history(GAP, "FF"), None, Pace(), NOON)
    assert other is not None
    assert other.fingerprint != first.fingerprint


NOTIFIES = declared(
    notify=(("https://a.example/", "warning"), ("mailto:b@b.example", "critical"), ("https://c.example/", "info"))
).notifies


def test_tells_those_who_want_to_hear_of_it_once() -> None:
    first = from_readings(FLOOR, history(FLOOR, "F"), None, Pace(), NOON)
    assert first is not None
    told = notices(first, None, NOTIFIES)
    assert [notice.url for notice in told] == [notify.url for notify in NOTIFIES]
    assert {notice.code for notice in told} == {"event.check-failed"}
    assert len({notice.id for notice in told}) == 3
    second = from_readings(FLOOR, history(FLOOR, "FF"), first, Pace(), NOON + HOUR)
    assert second is not None
    assert notices(second, first, NOTIFIES) == ()
    over = closed(second, NOON + 2 * HOUR)
    assert {notice.code for notice in notices(over, second, NOTIFIES)} == {"event.resolved"}
    warning = from_readings(GAP, history(GAP, "FF"), None, Pace(), NOON)
    assert warning is not None
    assert [notice.url for notice in notices(warning, None, NOTIFIES)] == ["https://a.example/", "https://c.example/"]


def test_the_same_news_are_the_same_message() -> None:
    first = from_readings(FLOOR, history(FLOOR, "F"), None, Pace(), NOON)
    again = from_readings(FLOOR, history(FLOOR, "F"), None, Pace(), NOON + 5)
    assert first is not None
    assert again is not None
    assert [one.id for one in notices(first, None, NOTIFIES)] == [one.id for one in notices(again, None, NOTIFIES)]


def test_a_decision_that_lasts_is_an_alert_and_one_that_was_done_a_message() -> None:
    storm = Decision(code="verdict.storm", model="risk", subject="risk", severity="critical")
    alert = from_decision(storm, "bank", None, NOON)
    assert alert is not None
    assert from_decision(storm, "bank", alert, NOON + 1) is None
    assert from_decision(Decision(code="verdict.hold", model="risk", subject="risk@2"), "bank", None, NOON) is None
    back = Decision(code="verdict.rolled-back", model="risk", subject="risk@2", severity="warning")
    assert [notice.url for notice in of_decision(back, "bank", NOTIFIES, NOON)] == [
        "https://a.example/", "https://c.example/",
    ]  # fmt: skip
