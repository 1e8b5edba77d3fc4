"""Decides which readings and decisions become alerts, when they open and close, and who is told."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from tidemill.facts.codec import digest
from tidemill.facts.data import Value
from tidemill.facts.signal import Alert, Notice, Reading
from tidemill.loop.decision import SEVERITIES, Decision, Severity, numbers
from tidemill.loop.pace import Pace
from tidemill.spec.check import AtLeast, AtMost, Check
from tidemill.spec.declaration import Notify

WARNINGS_ONLY = frozenset({"rate_gap", "ece", "bias"})
"""Metrics that say the world moved rather than that the model is bad."""

EXPLAINS = frozenset({"column", "slice", "failed", "moved"})
"""What a reading knows of where the trouble is."""


def severity_of(check: Check) -> Severity:
    """How bad a failure of this check is: quality and service are critical, drift and rates are warnings."""
    if isinstance(check, AtLeast | AtMost):
        metric = check.metric if isinstance(check.metric, str) else check.metric.metric
        return "warning" if metric in WARNINGS_ONLY else "critical"
    return "warning"


def fingerprint(system: str, model: str, monitor: str) -> str:
    """What is one and the same trouble: a monitor of a model, whichever version shows it."""
    return digest([system, model, monitor])[:16]


def from_readings(
    check: Check, readings: Sequence[Reading], alert: Alert | None, pace: Pace, now_us: int
) -> Alert | None:
    """The alert of one monitor as it now is, or None if it stays as it was; `readings` of the champion, newest first.

    A critical one opens with the first failed reading, a warning when `confirm` of the last `among` failed; both close
    after `clean` passed readings in a row. Undecided readings neither open nor close.
    """
    if not readings:
        return None
    newest, severity = readings[0], severity_of(check)
    is_open = alert is not None and alert.state == "firing"
    failed = sum(reading.outcome == "failed" for reading in readings[: pace.among])
    if newest.outcome == "failed" and (is_open or severity == "critical" or failed >= pace.confirm):
        return opened(newest, alert if is_open else None, severity, now_us)
    if is_open and alert is not None and is_clean(readings, pace):
        fields = {**alert.fields, "until_us": newest.until_us}
        return replace(alert, state="resolved", fields=fields, last_us=newest.until_us, at_us=now_us)
    return None


def is_clean(readings: Sequence[Reading], pace: Pace) -> bool:
    """Whether the last decided readings, as many as asked for, all passed."""
    decided = [reading.outcome for reading in readings if reading.outcome != "undecided"]
    return len(decided) >= pace.clean and set(decided[: pace.clean]) == {"passed"}


def opened(reading: Reading, alert: Alert | None, severity: Severity, now_us: int) -> Alert | None:
    """The alert open with this reading's numbers; None when it has said them already."""
    if alert is not None and alert.last_us >= reading.until_us:
        return None
    explained: dict[str, Value] = {name: value for name, value in reading.fields.items() if name in EXPLAINS}
    return Alert(
        system=reading.system,
        model=reading.model,
        fingerprint=fingerprint(reading.system, reading.model, reading.monitor),
        code="event.check-failed",
        fields={"version": reading.version, **numbers(reading), **explained},
        severity=severity,
        first_us=alert.first_us if alert else reading.until_us,
        last_us=reading.until_us,
        at_us=now_us,
    )


def from_decision(decision: Decision, system: str, alert: Alert | None, now_us: int) -> Alert | None:
    """The alert of a decision that a person should know of and that lasts (a storm); None if it is open already."""
    if decision.severity != "critical" or decision.acts or (alert is not None and alert.state == "firing"):
        return None
    return Alert(
        system=system,
        model=decision.model,
        fingerprint=fingerprint(system, decision.model, decision.code),
        code=decision.code,
        fields=decision.fields,
        severity=decision.severity,
        first_us=now_us,
        last_us=now_us,
        at_us=now_us,
    )


def closed(alert: Alert, now_us: int) -> Alert:
    """The alert resolved, because what it told of is over."""
    return replace(alert, state="resolved", last_us=now_us, at_us=now_us)


def notices(alert: Alert, before: Alert | None, notifies: Iterable[Notify]) -> tuple[Notice, ...]:
    """What is sent about an alert that opened or closed; nothing while it only goes on."""
    if before is not None and before.state == alert.state and before.first_us == alert.first_us:
        return ()
    code = alert.code if alert.state == "firing" else "event.resolved"
    told: dict[str, Value] = {
        "what": alert.code,
        "check": alert.fields.get("check", ""),
        "model": alert.model,
        **alert.fields,
    }
    return messages(
        alert.system,
        code,
        told,
        alert.severity,
        key=[alert.fingerprint, alert.first_us, alert.state],
        notifies=notifies,
        now_us=alert.at_us,
    )


def of_decision(decision: Decision, system: str, notifies: Iterable[Notify], now_us: int) -> tuple[Notice, ...]:
    """What is sent about something that was done: a version taken back, promoted, refused."""
    key = [decision.code, decision.subject, now_us]
    return messages(
        system, decision.code, decision.fields, decision.severity, key=key, notifies=notifies, now_us=now_us
    )


def messages(
    system: str,
    code: str,
    fields: Mapping[str, Value],
    severity: Severity,
    *,
    key: list[object],
    notifies: Iterable[Notify],
    now_us: int,
) -> tuple[Notice, ...]:
    """One message for each address that wants to hear of this severity; the same key is the same message."""
    level = SEVERITIES.index(severity)
    return tuple(
        Notice(
            system=system,
            id=digest([*key, notify.url])[:24],
            url=notify.url,
            code=code,
            fields=fields,
            severity=severity,
            at_us=now_us,
        )
        for notify in notifies
        if level >= SEVERITIES.index(notify.severity)
    )
