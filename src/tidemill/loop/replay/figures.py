"""Figures of replayed curves: by calendar period, pooled, and inside blocks of rows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray

from tidemill.facts.model import Score
from tidemill.loop.replay.record import PeriodFigure
from tidemill.measure.blocks import in_blocks
from tidemill.measure.score import score
from tidemill.spec.check import MetricName

Floats = NDArray[np.float64]
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
BLOCK_ROWS = 1_000
BINARY: tuple[MetricName, ...] = ("roc_auc", "log_loss", "rate_gap")
NUMBER: tuple[MetricName, ...] = ("mae", "bias")


def period_name(at_us: int, period: str, zone: str) -> str:
    """`2011-06`, `2017-W30` or `2017-07-24` in that zone."""
    moment = (EPOCH + timedelta(microseconds=at_us)).astimezone(ZoneInfo(zone))
    if period == "month":
        return f"{moment:%Y-%m}"
    return f"{moment:%G-W%V}" if period == "week" else f"{moment:%Y-%m-%d}"


def by_period(
    y: Floats, curves: Mapping[str, Floats], periods: Sequence[str], metrics: Sequence[MetricName]
) -> tuple[PeriodFigure, ...]:
    """Each metric of each curve in each period, oldest first; rows that a curve did not answer are left out."""
    names = np.array(periods, object)
    found = []
    for name in dict.fromkeys(periods):
        for curve, predicted in curves.items():
            rows = (names == name) & np.isfinite(predicted)
            for metric in metrics:
                one = score(metric, y[rows], predicted[rows]) if rows.any() else None
                value = one.value if one else None
                found.append(PeriodFigure(curve=curve, metric=metric, period=name, value=value, n=int(rows.sum())))
    return tuple(found)


def totals(
    y: Floats, curves: Mapping[str, Floats], figures: Sequence[PeriodFigure], metrics: Sequence[MetricName]
) -> tuple[Score, ...]:
    """Over all answered rows: pooled; the mean of the periods weighted by rows; the mean inside blocks of rows."""
    found = []
    for curve, predicted in curves.items():
        rows = np.isfinite(predicted)
        n = int(rows.sum())
        for metric in metrics:
            pooled = score(metric, y[rows], predicted[rows]).value if n else None
            parts = [f for f in figures if f.curve == curve and f.metric == metric and f.value is not None and f.n]
            weighted = (
                float(np.average([f.value or 0.0 for f in parts], weights=[f.n for f in parts])) if parts else None
            )
            inside = in_blocks(metric, y[rows], predicted[rows], count=max(n // BLOCK_ROWS, 1)).mean if n else None
            for part, value in (("pooled", pooled), ("by-period", weighted), ("in-blocks", inside)):
                found.append(Score(metric=metric, part=part, against=curve, value=value, n=n))
    return tuple(found)
