"""What a replay shows, in a sentence with its numbers: what the loop would have won, or that its gates let none in."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from tidemill.facts.model import Verdict as Check
from tidemill.interfaces.report.column import day
from tidemill.interfaces.report.page import Verdict
from tidemill.interfaces.report.reason import because
from tidemill.loop.replay.record import LOOP, RETRAINED, ROLLING, STATIC, Gain, Replayed, Turn
from tidemill.spec.zones import zone_info
from tidemill.tell.draw import number
from tidemill.tell.draw.icon import State
from tidemill.tell.words import sentence, way_out

NAMES = {"roc_auc": "AUC", "log_loss": "log loss", "rate_gap": "rate gap", "mae": "MAE"}
"""Metrics as a person calls them."""
TRACKED = 0.1
"""An AUC so much higher over all rows than by period comes from the rate that changes."""
MOST_OF = 0.9
"""Share of the asks below which it is said how many the loop answered."""
WEIGHED: dict[tuple[bool, bool, bool], tuple[str, State]] = {
    (True, False, False): ("replay.won", "ok"),
    (False, False, False): ("replay.not-shown", "none"),
    (False, False, True): ("replay.not-shown-worse", "none"),
    (False, True, True): ("replay.lost", "bad"),
}
"""Whether the whole interval is above 0, or below it, and whether the figure is below it."""
LET_IN = ("first", "promoted")
KEPT_OUT = ("refused", "undecided", "untested", "failed")
NEVER_JUDGED = {"untested": "replay.not-tested", "failed": "replay.not-trained"}
"""Decisions that no gate had a part in, and their words."""
PLACES = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """A code of the family `replay` with its fields, and the state that it is marked by."""

    code: str
    state: State
    fields: Mapping[str, object]


def main_metric(found: Replayed) -> str:
    """The metric that a gate asks a bound of, else the first; "" where there is none."""
    metrics = list(dict.fromkeys(score.metric for score in found.totals))
    return next((metric for metric in found.floors if metric in metrics), metrics[0] if metrics else "")


def verdict(found: Replayed, language: str = "en") -> Verdict:
    """The state, the sentence, and what stands beside it."""
    judged = judge(found)
    said = sentence(judged.code, judged.fields, language=language)
    if found.labels == "at-once":
        hypothetical = sentence("replay.if-at-once", {}, language=language)
        said = f"{hypothetical} {said}"
    why = [sentence(one.code, one.fields, language=language) for one in beside(found, judged.code)]
    out = way_out(judged.code, judged.fields, language=language)
    return Verdict(state=judged.state, sentence=said, why=" ".join(filter(None, [*why, out])))


def judge(found: Replayed) -> Judged:
    """The one thing to say first."""
    became = decisions(found)
    counts = {"refused": became["refused"], "undecided": became["undecided"]}
    counts |= {name: became[name] for name in NEVER_JUDGED if became[name]}
    if not became.keys() - NEVER_JUDGED.keys():
        return never_judged(found)
    if not any(became[name] for name in LET_IN):
        return Judged(code="replay.none-let-in", state="warn", fields={"turns": len(found.turns), **counts})
    if len(found.turns) == 1:
        return Judged(code="replay.never-again", state="none", fields={})
    if found.turns[0].decision == "first" and not became["promoted"]:
        return Judged(code="replay.kept-first", state="none", fields={"later": len(found.turns) - 1, **counts})
    return weigh(found)


def never_judged(found: Replayed) -> Judged:
    """That no gate had anything to say, and what the newest turn lacked."""
    untested = [turn for turn in found.turns if turn.decision == "untested"]
    reason = lacked((untested or found.turns)[-1]) if found.turns else ""
    fields = {"reason": reason, "turns": len(found.turns)}
    if untested:
        return Judged(code="replay.nothing-tested", state="warn", fields=fields)
    return Judged(code="replay.nothing-trained", state="bad", fields=fields)


def lacked(turn: Turn, language: str = "en") -> str:
    """Why a version had no test, or none was made: its error's whole sentence where its numbers are known."""
    if turn.fields:
        return sentence(turn.reason, turn.fields, language=language)
    return because(turn.reason, {}, language=language)


def decisions(found: Replayed) -> Counter[str]:
    """How often each decision was taken."""
    return Counter(turn.decision for turn in found.turns)


def weigh(found: Replayed) -> Judged:
    """Whether the loop is shown to have been better than the first version left alone."""
    one = gain_of(found, LOOP)
    if one is None or one.value is None:
        late = answered(found, STATIC) and not answered(found, LOOP)
        told = {"day": day(began(found), zone_info(found.zone))} if late else {}
        return Judged(code="replay.too-late" if late else "replay.nothing-known", state="warn", fields=told)
    fields = compared(found, one)
    if one.low is None or one.high is None:
        return Judged(code="replay.too-short", state="none", fields=fields)
    code, state = WEIGHED[one.low > 0, one.high < 0, one.value < 0]
    return Judged(code=code, state=state, fields=fields)


def beside(found: Replayed, code: str) -> Iterator[Judged]:
    """What a reader must know beside the verdict: over what was compared, what no gates would have given, the rate."""
    loop, free = gain_of(found, LOOP), gain_of(found, RETRAINED)
    yield from answered_part(found)
    if code in {"replay.none-let-in", "replay.kept-first"}:
        yield from in_the_way(found)[:1]
    if code in dict(WEIGHED.values()) and loop is not None:
        yield Judged(code="replay.compared-on", state="none", fields=compared(found, loop))
    if free is not None and free.value is not None and code != "replay.never-again":
        better = "replay.ungated-better" if free.value > 0 else "replay.ungated-worse"
        yield Judged(code=better, state="none", fields=compared(found, free))
    yield from rate_tracked(found)


def answered_part(found: Replayed) -> Iterator[Judged]:
    """That the loop began late, where it did."""
    asks, n = max((score.n for score in found.totals), default=0), answered(found, LOOP)
    if 0 < n < MOST_OF * asks:
        fields = {"day": day(began(found), zone_info(found.zone)), "n": n, "of": asks}
        yield Judged(code="replay.answered-part", state="warn", fields=fields)


def answered(found: Replayed, curve: str) -> int:
    """Answers of a curve whose outcome is known."""
    return next((score.n for score in found.totals if score.against == curve), 0)


def began(found: Replayed) -> int:
    """When the first version was let in; there is one."""
    return next(turn.at_us for turn in found.turns if turn.decision in LET_IN)


def rate_tracked(found: Replayed) -> Iterator[Judged]:
    """That an AUC over all rows tells of the rate more than of who, where it does."""
    metric, parts = main_metric(found), ("pooled", "by-period")
    pooled, inside = (found.total(RETRAINED, metric, part) for part in parts)
    rate, rate_inside = (found.total(ROLLING, metric, part) for part in parts)
    if metric != "roc_auc" or pooled is None or inside is None or rate is None or pooled - inside < TRACKED:
        return
    told = {"pooled": figure(rate), "inside": figure(rate_inside)}
    yield Judged(
        code="replay.rate-tracked", state="warn", fields={"metric": called(metric), "period": found.period, **told}
    )


def in_the_way(found: Replayed) -> list[Judged]:
    """What kept versions out, what kept out most first: a check, with the best of those that broke it, or no test."""
    kept: dict[str, list[Check]] = {}
    for turn in found.turns:
        for one in turn.verdicts:
            if one.outcome != "passed":
                kept.setdefault(one.check, []).append(one)
    counted = [(len(verdicts), stood(check, verdicts, len(found.turns))) for check, verdicts in kept.items()]
    unjudged = Counter((turn.decision, turn.reason) for turn in found.turns if turn.decision in NEVER_JUDGED)
    for (decision, reason), count in unjudged.items():
        fields = {"count": count, "turns": len(found.turns), "reason": because(reason, {})}
        counted.append((count, Judged(code=NEVER_JUDGED[decision], state="none", fields=fields)))
    return [one for _, one in sorted(counted, key=lambda pair: -pair[0])]


def stood(check: str, verdicts: Sequence[Check], turns: int) -> Judged:
    """How many versions the check kept out, and the best of those that broke it."""
    broken = [one.value for one in verdicts if one.outcome == "failed"]
    best = (min if "<=" in check else max)((value for value in broken if value is not None), default=None)
    fields = {
        "check": check, "count": len(verdicts), "turns": turns, "broken": len(broken),
        "open": len(verdicts) - len(broken), "value": "" if best is None else figure(best),
    }  # fmt: skip
    return Judged(code="replay.stood-in-the-way", state="none", fields=fields)


def gain_of(found: Replayed, curve: str) -> Gain | None:
    """The curve's gain over static in the main metric."""
    metric = main_metric(found)
    return next((one for one in found.gains if (one.curve, one.metric) == (curve, metric)), None)


def compared(found: Replayed, one: Gain) -> dict[str, object]:
    """A gain as fields: figures in three places, the difference without its sign where the words say it."""
    low, high = (one.low, one.high) if one.value is None or one.value >= 0 else turned(one.low, one.high)
    return {
        "metric": called(one.metric), "own": figure(one.own), "static": figure(one.static),
        "by": figure(None if one.value is None else abs(one.value)), "low": "" if low is None else figure(low),
        "high": "" if high is None else figure(high), "n": one.n, "period": found.period,
        "periods": periods(one.periods, found.period),
    }  # fmt: skip


def turned(low: float | None, high: float | None) -> tuple[float | None, float | None]:
    """The bounds of the same difference looked at from the other side."""
    return (None if high is None else -high, None if low is None else -low)


def periods(count: int, period: str) -> str:
    """`1 week`, `26 weeks`."""
    return f"{number.count(count)} {period}{'' if count == 1 else 's'}"


def called(metric: str) -> str:
    """A metric as a person calls it."""
    return NAMES.get(metric, metric)


def figure(value: float | None) -> str:
    """A metric: three places below ten, else three digits."""
    return number.fixed(value, PLACES) if value is None or abs(value) < 10 else number.amount(value, PLACES)


def interval(low: float | None, high: float | None) -> str:
    """Its bounds in brackets; nothing where there are none."""
    return "" if low is None or high is None else f"({figure(low)} to {figure(high)})"
