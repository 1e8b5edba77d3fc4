"""What an attempt says, as codes with numbers: decided here, worded by the doors."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from statistics import median

from tidemill.app.attempt.figures import Figures
from tidemill.app.attempt.look import Look
from tidemill.app.attempt.plan import Plan
from tidemill.app.attempt.record import Honesty, about
from tidemill.facts.data import Finding, Value
from tidemill.measure.backtest.age import Age
from tidemill.measure.backtest.ways import Way
from tidemill.measure.estimate import Interval

AUC = "AUC"
DAY_US = 86_400_000_000
NAMES = {"roc_auc": AUC, "mae": "MAE"}
FLATTERED = 0.02
"""Difference of AUC from which on a random split flatters; of an error the share of it."""
FOLLOWED = 0.02
"""AUC by which a model must beat the rate alone, or it only follows the rate of the day."""

Fields = dict[str, Value | tuple[Value, ...]]


def said(look: Look, figures: Figures, plan: Plan) -> Iterator[Finding]:
    """The verdicts, in no order."""
    metric, label = NAMES[figures.judge.metric], look.target.column
    block_rows = figures.block_rows * look.each
    yield honest(metric, figures.honesty, label)
    yield retrain(metric, figures.ways, figures.enough, block_rows, label)
    if (rate := rate_alone(metric, figures.honesty, figures.enough, label)) is not None:
        yield rate
    if (delay := late(look)) is not None:
        yield delay
    if plan.floor is None and plan.newest is not None:
        yield finding(
            "finding.newest-not-shown", 0.87, label, metric=metric, value=plan.newest.value, **bounds(plan.newest)
        )
    if (aged := ageing(metric, figures.ages, block_rows, label)) is not None:
        yield aged


def finding(code: str, importance: float, subject: str, **fields: Value | tuple[Value, ...]) -> Finding:
    """One verdict about the label."""
    return Finding(code=code, subject=subject, importance=importance, fields=fields)


def better(metric: str, one: Interval, other: Interval) -> float | None:
    """By how much the first is better, in the metric; of an error as a share."""
    if one.value is None or other.value is None:
        return None
    if metric == AUC:
        return one.value - other.value
    return (other.value - one.value) / other.value if other.value else 0.0


def honest(metric: str, honesty: Honesty, label: str) -> Finding:
    """Whether a random split would have flattered."""
    gap = better(metric, honesty.random, honesty.in_time)
    fields: Fields = {
        "metric": metric,
        "random": honesty.random.value,
        "honest": honesty.in_time.value,
        **bounds(honesty.in_time),
    }
    if gap is not None and gap >= FLATTERED:
        return finding("finding.flattered", 0.95, label, **fields)
    return finding("finding.not-flattered", 0.6, label, **fields)


def bounds(interval: Interval) -> Fields:
    """The interval's ends as fields."""
    return {"low": interval.low, "high": interval.high}


def retrain(metric: str, ways: Sequence[Way], enough: Way, block_rows: int, label: str) -> Finding:
    """Whether retraining is shown to pay, and how often is enough."""
    never = ways[0]
    fields: Fields = {
        "metric": metric,
        "before": never.pooled.value,
        "after": enough.pooled.value,
        "before_inside": never.inside.value if metric == AUC else None,
        "after_inside": enough.inside.value if metric == AUC else None,
        "saved": enough.saved.value,
        "trainings": enough.trainings,
        "every": about(enough.every * block_rows),
        "window": enough.window,
        **bounds(enough.saved.interval()),
    }
    if enough.every:
        return finding("finding.retraining-pays", 0.9, label, **fields)
    most = max(ways[1:], key=lambda way: way.saved.value or 0.0, default=never)
    return finding(
        "finding.retraining-not-shown",
        0.5,
        label,
        metric=metric,
        saved=most.saved.value,
        **bounds(most.saved.interval()),
    )


def rate_alone(metric: str, honesty: Honesty, enough: Way, label: str) -> Finding | None:
    """Whether most of the pooled figure is had by following the rate of the day."""
    alone, value = honesty.rate_alone.value, enough.pooled.value
    if metric != AUC or alone is None or value is None or enough.inside.value is None:
        return None
    if value - alone >= FOLLOWED or alone < 0.6:
        return None
    return finding(
        "finding.rate-tracked", 0.85, label,
        alone=alone, value=value, rows=honesty.rate_rows, inside=enough.inside.value,
        inside_low=enough.inside.interval().low, inside_high=enough.inside.interval().high,
    )  # fmt: skip


def late(look: Look) -> Finding | None:
    """Whether a leaking column of times says that outcomes come long after they were asked for."""
    if look.timing.kind != "time":
        return None
    asked = look.raw.column(look.timing.column)
    for name in look.chosen.leaks:
        column = look.raw.column(name)
        if column.kind == "time":
            both = ~(column.null | asked.null)
            days = median((column.values[both] - asked.values[both]).tolist() or [0]) / DAY_US
            if days >= 1:
                return finding(
                    "finding.outcome-late", 0.88, look.target.column,
                    column=name, time=look.timing.column, days=round(days),
                )  # fmt: skip
    return None


def ageing(metric: str, ages: Sequence[Age], block_rows: int, label: str) -> Finding | None:
    """The first age at which a model is shown to be worse than a fresh one, and the worst; or that none is."""
    older = [age for age in ages if age.blocks]
    shown = [age for age in older if (age.lost.lower(0.975) or 0.0) > 0]
    if not older:
        return None
    if not shown:
        return finding("finding.does-not-age", 0.4, label, metric=metric, rows=about(older[-1].blocks * block_rows))
    first, worst = shown[0], max(shown, key=lambda age: age.lost.value or 0.0)
    fields: Fields = {
        "rows": about(first.blocks * block_rows),
        "lost": first.lost.value,
        **bounds(first.lost.interval()),
    }
    if worst != first:
        fields |= {"last_rows": about(worst.blocks * block_rows), "last_lost": worst.lost.value}
    return finding("finding.ages", 0.7, label, metric=metric, **fields)
