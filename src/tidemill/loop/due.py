"""Gathers what the triggers of a model are judged on, and keeps the firings that follow."""

from __future__ import annotations

from dataclasses import dataclass, field

from tidemill.facts.data import TrainingSet
from tidemill.facts.event import Event
from tidemill.facts.model import ModelVersion
from tidemill.facts.run import Run
from tidemill.facts.signal import Firing, Reading
from tidemill.loop import act, intake
from tidemill.loop.decision import Decision
from tidemill.loop.grown import Since, grown
from tidemill.loop.mill import Mill
from tidemill.loop.run import lease_name
from tidemill.loop.situation import Situation
from tidemill.loop.trigger import Due, Given, Grown, decide, trigger_text
from tidemill.ports.context import Context
from tidemill.ports.ledger import Lease
from tidemill.spec.check import NewRows, check_text

RUNS, FIRINGS = 50, 200
"""So many of the last ones are looked at."""


@dataclass(slots=True, kw_only=True)
class Triggers:
    """The triggers of one system. `counted`: what was counted before, by what it was counted on."""

    mill: Mill
    ctx: Context
    counted: dict[tuple[str, ...], Grown] = field(default_factory=dict)

    def due(self, model: str, wanted: Firing | None) -> Due:
        """What goes off now, and whether a run starts for it."""
        return decide(self.given(model, wanted))

    def given(self, model: str, wanted: Firing | None = None) -> Given:
        """How things stand for the model's triggers; also what a page shows of them."""
        ledger, system = self.ctx.ledger, self.mill.system
        situation = act.situation_of(self.mill, model, self.ctx)
        live = situation.live
        return Given(
            system=system.name,
            zone=system.zone,
            model=model,
            triggers=tuple(trigger for name, trigger in system.triggers if name == model),
            now_us=situation.now_us,
            pace=self.mill.pace,
            champion=situation.champion.name if situation.champion else "",
            readings=newest_readings(situation),
            grown=self.grown(situation),
            fired=ledger.find(Firing, newest=FIRINGS, system=system.name, model=model),
            runs=ledger.find(Run, newest=RUNS, system=system.name, model=model),
            challenger=live.name if live else "",
            is_running=ledger.holder(lease_name(system.name, model)) is not None,
            wanted=wanted,
            resumed_us=act.resumed_us(ledger, system.name, model),
            paused=situation.paused,
        )

    def grown(self, situation: Situation) -> dict[str, Grown]:
        """What came since the champion's data (or the last training set, while there is no champion), by trigger."""
        system, model = self.mill.system, situation.model.name
        counts = [one for name, one in system.triggers if name == model and isinstance(one, NewRows)]
        since = self.since(situation) if counts else None
        if since is None:
            return {}
        on = (since.name, *(version.manifest for version in since.versions))
        found: dict[str, Grown] = {}
        for trigger in counts:
            text = trigger_text(trigger)
            key = (model, text, *on)
            if key not in self.counted:
                self.counted = {old: value for old, value in self.counted.items() if old[:2] != key[:2]}
                self.counted[key] = grown(trigger, since, system, self.ctx)
            found[text] = self.counted[key]
        return found

    def since(self, situation: Situation) -> Since | None:
        """The data that the champion was trained on, or else what was prepared last; None before there is any."""
        ledger, system = self.ctx.ledger, situation.system
        model, champion = situation.model.name, situation.champion
        version = None if champion is None else ledger.get(ModelVersion, system, model, champion.ordinal)
        if version is not None:
            name, trained = version.name, ledger.get(TrainingSet, system, model, version.training_set)
        else:
            trained = next(iter(ledger.find(TrainingSet, newest=1, system=system, model=model)), None)
            name = trained.digest[:12] if trained else ""
        if trained is None:
            return None
        versions = intake.newest(self.mill.system, self.ctx)
        return Since(name=name, trained=trained, versions=versions, now_us=situation.now_us)

    def keep(self, due: Due, lease: Lease) -> None:
        """New firings into the ledger, each with its line in the diary."""
        if due.fired:
            self.ctx.ledger.commit(*due.fired, events=[fired(firing) for firing in due.fired], lease=lease)


def newest_readings(situation: Situation) -> dict[str, Reading]:
    """The champion's newest reading of each check, by the check's text."""
    champion = situation.champion
    texts = [check_text(check) for check in situation.watched]
    found = {} if champion is None else {text: situation.read(champion.name, text)[:1] for text in texts}
    return {text: reading for text, readings in found.items() for reading in readings}


def fired(firing: Firing) -> Event:
    """The diary's line about a trigger that went off."""
    return Event(
        at_us=firing.at_us,
        system=firing.system,
        code="event.triggered",
        subject=firing.model,
        fields={"model": firing.model, "trigger": firing.trigger, "window": firing.window, **firing.evidence},
    )


def advised(firing: Firing) -> Decision:
    """The run that would have been started, for `advise`."""
    fields = {"trigger": firing.trigger, "window": firing.window, **firing.evidence}
    return Decision(code="verdict.would-retrain", model=firing.model, subject=firing.model, fields=fields)
