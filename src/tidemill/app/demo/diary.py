"""Reads the ledger's diary as the loop writes it, and tells what a person watching wants to hear of."""

from __future__ import annotations

from collections.abc import Mapping

from tidemill.app.demo.told import Gauge, Line, Mark, Tell, Way
from tidemill.facts.event import Event
from tidemill.facts.release import Policy, Release
from tidemill.facts.signal import Reading
from tidemill.loop.trigger import MANUAL
from tidemill.ports.ledger import Ledger

MARKS: Mapping[str, Mark] = {
    "verdict.passed": "good",
    "verdict.first": "good",
    "verdict.refused": "bad",
    "verdict.undecided": "look",
    "verdict.shadow": "",
    "verdict.step-up": "",
    "verdict.promoted": "good",
    "verdict.kept": "look",
    "verdict.rolled-back": "bad",
    "verdict.taken-back": "bad",
    "verdict.not-let-in": "bad",
    "verdict.storm": "bad",
    "event.alert": "look",
    "event.run-begun": "look",
    "event.run-failed": "bad",
}
"""What is told, and how; all else stays in the diary."""

ENDS = frozenset({"verdict.passed", "verdict.refused", "verdict.undecided", "event.nothing-new", "event.run-failed"})
"""What a run ends with."""
READINGS = 200


class Diary:
    """One model's part of the diary. `street`: stages of a run with their subjects, in order."""

    def __init__(
        self, ledger: Ledger, system: str, model: str, street: tuple[tuple[str, str], ...], tell: Tell
    ) -> None:
        self.lines: list[Line] = []
        self.system = system
        self._ledger, self._model = ledger, model
        self._street, self._tell = street, tell
        self._seq, self._done = 0, 0

    def read(self) -> tuple[Event, ...]:
        """What was written since the last time, told."""
        fresh = self._ledger.events(after=self._seq)
        for event in fresh:
            self._seq = event.seq
            self._heard(event)
        return fresh

    def gauges(self) -> tuple[Gauge, ...]:
        """The champion's monitors, as far as they could be read."""
        champions = self._ledger.find(Release, system=self.system, model=self._model, state="champion")
        if not champions:
            return ()
        found = self._ledger.find(
            Reading, newest=READINGS, system=self.system, model=self._model, version=champions[0].name
        )
        by_check: dict[str, list[Reading]] = {}
        for reading in reversed(found):
            if reading.value is not None:
                by_check.setdefault(reading.monitor, []).append(reading)
        return tuple(
            Gauge(
                check=check,
                values=tuple(reading.value for reading in readings if reading.value is not None),
                bound=readings[-1].bound,
                outcome=readings[-1].outcome,
            )
            for check, readings in by_check.items()
        )

    def arms(self) -> tuple[tuple[str, float], ...]:
        """Who answers what share of the customers."""
        policy = self._ledger.get(Policy, self.system, self._model)
        if policy is None or policy.champion is None:
            return ()
        challenger = policy.challenger
        share = 0.0 if challenger is None else challenger.share
        first = (f"{self._model}@{policy.champion.ordinal}", 1.0 - share)
        return (first,) if challenger is None else (first, (f"{self._model}@{challenger.ordinal}", share))

    def _heard(self, event: Event) -> None:
        if event.code in {"event.stage-done", "event.stage-reused"}:
            self._way(self._done + 1)
        elif event.code in ENDS:
            self._tell(Way(stage="", subject="", done=self._done, total=self._done))
        if event.code in MARKS and event.fields.get("cause") != MANUAL:
            self.lines.append(told(event))
            self._tell(self.lines[-1])
        if event.code == "event.run-begun":
            self._way(0)

    def _way(self, done: int) -> None:
        self._done = done
        stage, subject = self._street[done] if done < len(self._street) else ("", "")
        self._tell(Way(stage=stage, subject=subject, done=done, total=len(self._street)))


def told(event: Event) -> Line:
    """The event as a line; of an alert what it is about."""
    code = str(event.fields["what"]) if event.code == "event.alert" else event.code
    return Line(code=code, fields=event.fields, at_us=event.at_us, mark=MARKS[event.code])
