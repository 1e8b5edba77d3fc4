"""What the record says: pure questions to the ledger and the lake, answered with frozen records."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TypeVar

from tidemill.app.dataset import DatasetState, datasets
from tidemill.facts.event import Event
from tidemill.facts.fact import Fact
from tidemill.facts.model import Evaluation, ModelVersion, Score, Validation
from tidemill.facts.release import LIVE, Release
from tidemill.facts.run import Run
from tidemill.facts.signal import Alert, Reading
from tidemill.loop.answering import refused
from tidemill.ports.ledger import Ledger
from tidemill.ports.tables import Tables
from tidemill.spec.declaration import Declaration

F = TypeVar("F", bound=Fact)
STAGE = "event.stage-"
LINES_A_TURN = 12
"""So many lines, of stages mostly, come with one that a person wants to read."""


@dataclass(frozen=True, slots=True, kw_only=True)
class VersionState:
    """A model version, where it stands on its way into traffic, what its gate said, and its own test figures."""

    version: ModelVersion
    release: Release | None
    validation: Validation | None
    scores: tuple[Score, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelState:
    """One model now: who answers, who wants to, its last run, the newest reading of each of the champion's monitors.

    `paused`: the diary's line of the person who holds it, or all of the system. `refused`: that of a server that cannot
    load the champion; what answers in its place is among its fields.
    """

    model: str
    paused: Event | None
    champion: Release | None
    refused: Event | None
    challenger: Release | None
    run: Run | None
    readings: tuple[Reading, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Status:
    """A whole system now: its models, datasets, open alerts and the last lines of the diary, newest first."""

    system: str
    at_us: int
    models: tuple[ModelState, ...]
    datasets: tuple[DatasetState, ...]
    alerts: tuple[Alert, ...]
    events: tuple[Event, ...]


def status(system: Declaration, ledger: Ledger, tables: Tables, *, now_us: int, events: int = 8) -> Status:
    """The system as the record has it now."""
    return Status(
        system=system.name,
        at_us=now_us,
        models=tuple(model_state(ledger, system.name, model.name) for model in system.models),
        datasets=datasets(system, ledger, tables),
        alerts=alerts(ledger, system.name, state="firing"),
        events=diary(ledger, system.name, newest=events),
    )


def model_state(ledger: Ledger, system: str, model: str) -> ModelState:
    """One model now."""
    found = ledger.find(Release, system=system, model=model)
    champion = next((one for one in found if one.state == "champion"), None)
    runs = ledger.find(Run, system=system, model=model, newest=1)
    return ModelState(
        model=model,
        paused=paused(ledger, system, model),
        champion=champion,
        refused=refused(ledger, system, [champion.name]).get(champion.name) if champion else None,
        challenger=next((one for one in found if one.state in LIVE), None),
        run=runs[0] if runs else None,
        readings=readings(ledger, champion) if champion else (),
    )


def paused(ledger: Ledger, system: str, model: str) -> Event | None:
    """The line of the person who holds the model or the whole system; None when nobody does (see `loop.act.hand`)."""
    last_words = (ledger.events(newest=1, subject=f"{system}/{name}") for name in (model, ""))
    return next((event for events in last_words for event in events if event.code == "event.paused"), None)


def readings(ledger: Ledger, champion: Release) -> tuple[Reading, ...]:
    """The newest reading of each monitor on that version, in the order in which the monitors were first read."""
    newest: dict[str, Reading] = {}
    for reading in ledger.find(Reading, system=champion.system, model=champion.model, version=champion.name):
        before = newest.get(reading.monitor)
        if before is None or reading.until_us >= before.until_us:
            newest[reading.monitor] = reading
    return tuple(newest.values())


def runs(ledger: Ledger, system: str, *, model: str | None = None, newest: int) -> tuple[Run, ...]:
    """The last runs, newest first."""
    return ledger.find(Run, newest=newest, **chosen(system, model))


def versions(ledger: Ledger, system: str, *, model: str | None = None, newest: int) -> tuple[VersionState, ...]:
    """The last model versions, newest first."""
    found = ledger.find(ModelVersion, newest=newest, **chosen(system, model))
    return tuple(version_state(ledger, version) for version in found)


def version_state(ledger: Ledger, version: ModelVersion) -> VersionState:
    """One version with all that is known of it; a refit was judged as the version that was tested."""
    judged = tested(ledger, version)
    return VersionState(
        version=version,
        release=ledger.get(Release, version.system, version.model, version.ordinal),
        validation=last(ledger.find(Validation, system=version.system, bundle=judged.bundle)),
        scores=own_scores(last(ledger.find(Evaluation, system=version.system, bundle=judged.bundle))),
    )


def tested(ledger: Ledger, version: ModelVersion) -> ModelVersion:
    """The version that was scored on held-out rows: itself, or the one whose recipe it repeats."""
    ordinal = (version.tested or "").rpartition("@")[2]
    if not ordinal.isdigit():
        return version
    return ledger.get(ModelVersion, version.system, version.model, int(ordinal)) or version


def own_scores(evaluation: Evaluation | None) -> tuple[Score, ...]:
    """The version's own figures on its test rows."""
    scores = evaluation.scores if evaluation else ()
    return tuple(score for score in scores if score.part == "test" and not score.against)


def releases(ledger: Ledger, system: str, *, model: str | None = None, newest: int) -> tuple[Release, ...]:
    """The releases that moved last, newest first."""
    return ledger.find(Release, newest=newest, **chosen(system, model))


def alerts(ledger: Ledger, system: str, *, state: str | None = None, newest: int | None = None) -> tuple[Alert, ...]:
    """Alerts, newest first; `state`: firing or resolved."""
    wanted = {"system": system} | ({"state": state} if state else {})
    found = sorted(ledger.find(Alert, newest=None, **wanted), key=lambda alert: -alert.last_us)
    return tuple(found[:newest])


def diary(ledger: Ledger, system: str, *, newest: int) -> tuple[Event, ...]:
    """The last lines of the diary about this system, newest first, without those about single stages."""
    lines = (event for event in ledger.events(newest=newest * LINES_A_TURN) if event.system == system)
    return tuple(event for event in lines if not event.code.startswith(STAGE))[:newest]


def chosen(system: str, model: str | None) -> dict[str, str]:
    """What to find facts by."""
    return {"system": system} | ({"model": model} if model else {})


def last(facts: Iterable[F]) -> F | None:
    """The newest of facts that come oldest first."""
    return next(reversed(tuple(facts)), None)
