"""Replays written down by hand: a stream that decays over four months, and a loop that does what is asked."""

from __future__ import annotations

from typing import Any, Literal

from tidemill.facts.model import Score, Verdict
from tidemill.loop.replay.record import CURVES, ROLLING, Gain, PeriodFigure, Replayed, Turn

DAY = 86_400_000_000
START = 1_767_225_600_000_000
"""2026-01-01."""
VALUES = {"loop": (0.81, 0.82, 0.79, 0.84), "retrained": (0.80, 0.82, 0.78, 0.83), "static": (0.80, 0.76, 0.68, 0.61)}
Decision = Literal["first", "promoted", "refused", "undecided", "untested", "failed"]


def month(place: int) -> int:
    """The middle of that month."""
    return START + (15 + 30 * place) * DAY


def figures(
    metric: str = "roc_auc", n: tuple[int, ...] = (900, 950, 40, 1_000), **values: Any
) -> tuple[PeriodFigure, ...]:
    """Each curve's value in each month; the third holds too few answers."""
    return tuple(
        PeriodFigure(
            curve=curve, metric=metric, period=f"2026-{place + 1:02d}", value=value, n=n[place], at_us=month(place),
            low=None if value is None else value - 0.031, high=None if value is None else value + 0.029,
        )
        for curve in CURVES
        for place, value in enumerate((VALUES | values)[curve][: len(n)])
    )  # fmt: skip


def turn(decision: Decision, place: int = 0, **changes: Any) -> Turn:
    """One turn; one that was not let in carries the check that stood in the way."""
    passed = decision in {"first", "promoted"}
    check = Verdict(
        check="roc_auc >= 0.75", value=0.7345, bound=0.75, low=0.71, high=0.76,
        outcome="passed" if passed else "undecided" if decision == "undecided" else "failed",
        reason="shown" if passed else "not-shown" if decision == "undecided" else "beyond-bound", n=400,
    )  # fmt: skip
    usual: dict[str, Any] = {
        "at_us": START + 30 * place * DAY, "trigger": "first" if place == 0 else "new_rows sold 500",
        "evidence": {} if place == 0 else {"rows": 500, "of": "sold"}, "version": f"flip@{2 * place + 2}",
        "decision": decision, "verdicts": () if decision in {"untested", "failed"} else (check,),
    }  # fmt: skip
    return Turn(**usual | changes)


def gain(curve: str = "loop", **changes: Any) -> Gain:
    usual: dict[str, Any] = {
        "curve": curve, "metric": "roc_auc", "own": 0.8242, "static": 0.7226, "value": 0.1016, "low": 0.0315,
        "high": 0.1717, "n": 2_850, "periods": 3,
    }  # fmt: skip
    return Gain(**usual | changes)


def totals(**n: int) -> tuple[Score, ...]:
    """Pooled, by month and inside blocks, of every curve and of the rate alone."""
    parts = {"pooled": 0.8123, "by-period": 0.7987, "in-blocks": 0.8051}
    return tuple(
        Score(metric="roc_auc", part=part, against=curve, value=value - 0.01 * place, n=n.get(curve, 2_890))
        for place, curve in enumerate((*CURVES, ROLLING))
        for part, value in parts.items()
    )


def replayed(*decisions: Decision, **changes: Any) -> Replayed:
    """A replay whose turns, a month apart, were decided so."""
    usual: dict[str, Any] = {
        "system": "stream", "model": "flip", "labels": "declared", "period": "month", "zone": "UTC",
        "since_us": START - 1, "until_us": START + 120 * DAY, "figures": figures(), "totals": totals(),
        "turns": tuple(turn(one, place) for place, one in enumerate(decisions or ("first", "refused", "promoted"))),
        "gains": (gain(), gain("retrained", own=0.8189, value=0.0963)), "floors": {"roc_auc": 0.75},
    }  # fmt: skip
    return Replayed(**usual | changes)
