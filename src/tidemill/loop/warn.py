"""Opens and closes alerts as the loop turns, and puts the messages about them into the outbox."""

from __future__ import annotations

from dataclasses import dataclass, replace

from tidemill.errors import TidemillError
from tidemill.facts.data import DatasetVersion, Value
from tidemill.facts.event import Event
from tidemill.facts.ids import version_name
from tidemill.facts.release import Policy
from tidemill.facts.run import Run
from tidemill.facts.signal import Alert
from tidemill.lifecycle.serve.refused import REFUSED
from tidemill.loop import act, alert
from tidemill.loop.answering import refused
from tidemill.loop.decision import Decision, Severity
from tidemill.loop.mill import Mill
from tidemill.loop.trigger import Due
from tidemill.loop.verify import Verified
from tidemill.measure.contract.chance import exceeds
from tidemill.ports.context import Context
from tidemill.ports.ledger import Lease
from tidemill.spec.check import check_text
from tidemill.tell.words import sentence, way_out

STORM = "verdict.storm"
RUN = "event.run-failed"
STEP = "event.step-failed"
ASIDE = "event.put-aside"
DIFFER = "event.features-differ"


WORDS = 300
"""Letters of an error of another house that are passed on."""


def said_of(error: Exception) -> dict[str, Value]:
    """An error in words, and what to do about it where that is known."""
    if isinstance(error, TidemillError):
        said, way = sentence(error.code, error.fields), way_out(error.code, error.fields)
        return {"error": error.code, "words": said.removesuffix("."), "way": way or None}
    return {"error": type(error).__name__, "words": " ".join(str(error).split())[:WORDS], "way": None}


@dataclass(frozen=True, slots=True, kw_only=True)
class Warnings:
    """What people are told of in one turn."""

    mill: Mill
    ctx: Context
    lease: Lease

    def of_readings(self, model: str, missed: Decision | None) -> None:
        """The alerts of the champion's monitors; the one whose miss asks for a run opens without waiting for more."""
        situation = act.situation_of(self.mill, model, self.ctx)
        champion = situation.champion
        wanted = missed.retrain.trigger if missed is not None and missed.retrain is not None else ""
        for check in self.mill.monitored(model) if champion else ():
            text, pace = check_text(check), self.mill.pace
            readings = situation.read(champion.name, text) if champion else ()
            before = self.known(model, text)
            at_once = replace(pace, confirm=1) if text == wanted else pace
            self.put(alert.from_readings(check, readings, before, at_once, situation.now_us), before)

    def of_triggers(self, due: Due, model: str) -> None:
        """The alert of a storm: open while retraining is stopped."""
        before = self.known(model, STORM)
        if due.hold is not None and due.hold.code == STORM:
            now_us = self.ctx.clock.now_us()
            self.put(alert.from_decision(due.hold, self.mill.system.name, before, now_us), before)
        else:
            self.over(before)

    def of_run(self, model: str) -> None:
        """The alert of runs that fail: open from a failed one to the next that does not."""
        runs = self.ctx.ledger.find(Run, newest=1, system=self.mill.system.name, model=model)
        before = self.known(model, RUN)
        for run in runs:
            if run.state == "failed":
                told = {name: value for name, value in run.error.items() if isinstance(value, str | int | float)}
                self.open(model, RUN, {"run": run.id, "model": model, **told}, "warning", before, RUN)
            elif run.state in {"passed", "refused"}:
                self.over(before)

    def of_proof(self, found: Verified) -> None:
        """The alert of answers that are not what landed rows give: open until all that was compared is."""
        before = self.known("", DIFFER)
        first = next((one.first[0] for one in found.parities if one.first), None)
        if first is not None:
            fields: dict[str, Value] = {
                "differences": found.differences, "predictions": found.predictions, "prediction": first.prediction,
                "feature": first.name, "logged": str(first.logged), "recomputed": str(first.recomputed),
            }  # fmt: skip
            self.open("", DIFFER, fields, "critical", before, DIFFER)
        elif found.proven and found.predictions:
            self.over(before)

    def of_rows(self, version: DatasetVersion) -> None:
        """The alert of rows put aside: open from a version with more than its contract allows to one with less.

        It needs no run: where every row is put aside, nothing new is there to start one.
        """
        contract = self.mill.system.contract(version.dataset)
        rule = contract.rule("put_aside") if contract else None
        if rule is None or rule.most is None:
            return
        there = version.number - 1 in self.ctx.tables.numbers(version.dataset)
        last = self.ctx.tables.version(version.dataset, version.number - 1) if there else None
        aside = version.put_aside - (last.put_aside if last else 0)
        came = aside + version.rows - (last.rows if last else 0)
        before = self.known("", f"{ASIDE}/{version.dataset}")
        if exceeds(aside, came, rule.most):
            fields: dict[str, Value] = {
                "dataset": version.dataset, "version": version.name, "rows": aside, "of": came, "share": aside / came,
                "bound": rule.most,
            }  # fmt: skip
            self.open("", ASIDE, fields, "warning", before, f"{ASIDE}/{version.dataset}")
        else:
            self.over(before)

    def of_arms(self, model: str) -> None:
        """Alerts of versions in traffic that a server cannot load: open until it does, or they are out of it."""
        ledger, system = self.ctx.ledger, self.mill.system.name
        policy = ledger.get(Policy, system, model)
        arms = [arm for arm in (policy.champion, policy.challenger) if arm is not None] if policy else []
        lost = refused(ledger, system, (version_name(model, arm.ordinal) for arm in arms))
        for version, line in lost.items():
            fields = {name: value for name, value in line.fields.items() if name != "model"}
            what = f"{REFUSED}/{version}"
            self.open(model, REFUSED, fields, "critical", self.known(model, what), what)
        for one in ledger.find(Alert, system=system, model=model, state="firing"):
            if one.code == REFUSED and one.fields["version"] not in lost:
                self.over(one)

    def step_failed(self, step: str, error: Exception) -> None:
        """The alert of a step of the loop that fails."""
        fields: dict[str, Value] = {"step": step, **said_of(error)}
        self.open("", STEP, fields, "warning", self.known("", step), step)

    def step_done(self, step: str) -> None:
        """The step works (again)."""
        self.over(self.known("", step))

    def known(self, model: str, what: str) -> Alert | None:
        """The alert of that trouble, open or over."""
        system = self.mill.system.name
        return self.ctx.ledger.get(Alert, system, alert.fingerprint(system, model, what))

    def open(
        self, model: str, code: str, fields: dict[str, Value], severity: Severity, before: Alert | None, what: str
    ) -> None:
        """Opens an alert that is not open yet."""
        if before is not None and before.state == "firing":
            return
        system, now_us = self.mill.system.name, self.ctx.clock.now_us()
        fresh = Alert(
            system=system,
            model=model,
            fingerprint=alert.fingerprint(system, model, what),
            code=code,
            fields=fields,
            severity=severity,
            first_us=now_us,
            last_us=now_us,
            at_us=now_us,
        )
        self.put(fresh, before)

    def over(self, before: Alert | None) -> None:
        """Closes an alert that is open."""
        if before is not None and before.state == "firing":
            self.put(alert.closed(before, self.ctx.clock.now_us()), before)

    def put(self, found: Alert | None, before: Alert | None) -> None:
        """An alert that moved, its messages, and a line in the diary where it opened or closed."""
        if found is None:
            return
        notices = alert.notices(found, before, self.mill.system.notifies)
        moved = before is None or before.state != found.state or before.first_us != found.first_us
        code = "event.alert" if found.state == "firing" else "event.resolved"
        fields = {"model": found.model, "what": found.code, "check": "", **found.fields}
        event = Event(
            at_us=found.at_us,
            system=found.system,
            code=code,
            subject=f"alert/{found.fingerprint}",
            fields=fields,
        )
        self.ctx.ledger.commit(found, *notices, events=[event] if moved else [], lease=self.lease)
