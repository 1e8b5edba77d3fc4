"""The turns of a replay in words: what set each off, its version, what the gates said, what was decided."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import tzinfo

from tidemill.facts.model import Outcome, Verdict
from tidemill.interfaces.report.page import Markup
from tidemill.interfaces.report.reason import because
from tidemill.interfaces.report.replay_verdict import figure, interval, lacked
from tidemill.loop.replay.record import Turn
from tidemill.spec.zones import shown_at
from tidemill.tell.draw.icon import State, icon, state
from tidemill.tell.words import sentence

SHOWN: dict[str, State] = {
    "first": "ok", "promoted": "ok", "refused": "bad", "undecided": "warn", "untested": "none", "failed": "none",
}  # fmt: skip
OUTCOMES: dict[Outcome, State] = {"passed": "ok", "failed": "bad", "undecided": "warn"}


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckLine:
    """One check of a version."""

    icon: Markup
    state: State
    check: str
    value: str
    ci: str
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TurnLine:
    """One turn as a line of the table."""

    at: str
    set_off: str
    version: str
    decision: Markup
    checks: tuple[CheckLine, ...]
    reason: str


def turn_lines(turns: Sequence[Turn], zone: tzinfo, language: str = "en") -> Iterator[TurnLine]:
    """Every turn, oldest first."""
    for turn in turns:
        yield TurnLine(
            at=minute(turn.at_us + 1, zone), set_off=set_off(turn, language), version=turn.version,
            decision=Markup(state(SHOWN[turn.decision], turn.decision)),
            checks=tuple(check_line(one, language) for one in turn.verdicts),
            reason="" if turn.verdicts or not turn.reason else lacked(turn, language),
        )  # fmt: skip


def check_line(one: Verdict, language: str) -> CheckLine:
    """A check with its figure, interval, verdict and reason."""
    shown = OUTCOMES[one.outcome]
    value = "" if one.value is None else figure(one.value)
    return CheckLine(
        icon=Markup(icon(shown, 12)), state=shown, check=one.check, value=value, ci=interval(one.low, one.high),
        why=because(one.reason, one.fields, language=language),
    )  # fmt: skip


def set_off(turn: Turn, language: str = "en") -> str:
    """What began the turn, with its evidence."""
    given = dict(turn.evidence)
    fields = {"check": turn.trigger, "cron": turn.trigger.removeprefix("cron "), **given}
    fields |= {name: figure(value) for name in ("value", "bound") if isinstance(value := given.get(name), int | float)}
    if "column" in given:
        code = "replay.set-off-drift"
    elif "value" in given:
        code = "replay.set-off-check"
    elif "rows" in given:
        code = "replay.set-off-rows"
    else:
        code = "replay.set-off-first" if turn.trigger == "first" else "replay.set-off-schedule"
    return sentence(code, fields, language=language)


def stood_by(turn: Turn, language: str = "en") -> str:
    """The check that decided against the version, or why none came of it; "" for one that was let in."""
    decided: Outcome = "failed" if turn.decision == "refused" else "undecided"
    worst = next((one for one in turn.verdicts if one.outcome == decided), None)
    if worst is None:
        return lacked(turn, language) if turn.reason else ""
    value = f": {figure(worst.value)}" if worst.value is not None else ""
    return f"{worst.check}{value}. {because(worst.reason, worst.fields, language=language)}"


def minute(at_us: int, zone: tzinfo) -> str:
    """The minute of a moment."""
    moment = shown_at(at_us, zone)
    return f"{moment:%Y-%m-%d %H:%M}"
