"""Check words: one vocabulary for gates, canary requirements, monitors and triggers."""

from __future__ import annotations

from math import isfinite
from typing import cast

from tidemill.spec.check import METRICS, AtLeast, AtMost, Check, Fair, Metric, MetricName, NoDrift, NotWorse, Per
from tidemill.spec.flaw import UnreadFloat, UnreadText, flaw
from tidemill.spec.kind import must_be
from tidemill.spec.nearest import nearest
from tidemill.spec.read import condition, expression


def at_least(metric: Metric, bound: float, *, by: str | None = None, where: str | None = None) -> Check:
    """The metric is not below the bound; `by`: in every slice of that column; `where`: on those rows only."""
    return AtLeast(metric=known_metric(metric), bound=finite(bound), by=by, where=condition(where))


def at_most(metric: Metric, bound: float, *, by: str | None = None, where: str | None = None) -> Check:
    """The metric is not above the bound; `by`: in every slice of that column; `where`: on those rows only."""
    return AtMost(metric=known_metric(metric), bound=finite(bound), by=by, where=condition(where))


def not_worse(metric: Metric, *, margin: float = 0.0) -> Check:
    """The challenger is not worse than the champion on the same rows by more than the margin, in the metric's unit."""
    return NotWorse(metric=known_metric(metric), margin=not_negative(margin))


def no_drift(*, psi: float = 0.25) -> Check:
    """No input column moved by more than this population stability index."""
    return NoDrift(psi=not_negative(psi))


def fair(group: str, *, decision: str, ratio: float = 0.8) -> Check:
    """In every group of this column or condition the rate of one decision is at least `ratio` of the highest rate."""
    within = ratio if 0 < ratio <= 1 else UnreadFloat(flaw("share-outside", share=ratio))
    return Fair(group=expression(group), decision=decision, ratio=within)


def per(column: str, metric: MetricName) -> Per:
    """The metric within each group of one column of the ask, averaged with each group counted once."""
    return Per(column=column, metric=known_name(metric))


def known_metric(metric: Metric) -> Metric:
    """The metric, or a flaw with the nearest name."""
    return metric if isinstance(metric, Per) else known_name(metric)


def known_name(metric: str) -> MetricName:
    """The metric's name, or a flaw with the nearest one."""
    if metric in METRICS:
        return cast("MetricName", metric)
    unread = UnreadText(metric, flaw("metric-unknown", metric=metric, nearest=nearest(str(metric), sorted(METRICS))))
    return cast("MetricName", unread)


def finite(number: float) -> float:
    """The number, or a flaw for one that nothing can be compared with."""
    must_be(number, int | float, "bound")
    return number if isfinite(number) else UnreadFloat(flaw("number-bad", number=number))


def not_negative(number: float) -> float:
    """The number, or a flaw for a negative or unbounded one."""
    must_be(number, int | float, "margin")
    return number if isfinite(number) and number >= 0 else UnreadFloat(flaw("number-bad", number=number))
