"""A made-up first look, so that a page can be tried without a training."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

from tidemill.app.attempt.record import Attempt, Chosen, Honesty, Stretch, Target, Timing, Wanted
from tidemill.facts.data import Finding
from tidemill.measure.backtest.age import Age
from tidemill.measure.backtest.ways import Way
from tidemill.measure.estimate import Estimate, Interval
from tidemill.measure.leak import Strength


def interval(value: float, half: float = 0.01, n: int = 800) -> Interval:
    return Interval(value=value, low=value - half, high=value + half, n=n)


def estimate(value: float, se: float = 0.01) -> Estimate:
    return Estimate(value=value, se=se, df=19.0, n=20, support=20)


def way(window: int | None, every: int, pooled: float) -> Way:
    return Way(
        window=window,
        every=every,
        trainings=20 // every if every else 1,
        pooled=estimate(pooled),
        inside=estimate(pooled - 0.2),
        gain=estimate(0.05),
        loss=estimate(0.4),
        saved=estimate(0.1 if every else 0.0),
    )


def leak(column: str) -> Finding:
    fields: dict[str, Any] = {
        "column": column, "label": "y", "strength": 0.96, "bound": 0.85, "measure": "AUC", "blocks": 20, "rows": 900,
        "models": (),
    }  # fmt: skip
    return Finding(code="finding.leak-suspect", subject=column, importance=0.95, fields=fields)


def attempt(folder: Path, **changed: Any) -> Attempt:
    """A look at calls that a random split flatters, with one leaking column."""
    wanted = Wanted(file=folder / "calls.parquet", time="at", label="y", folder=folder / "calls", zone="Asia/Seoul")
    said = (
        Finding(
            code="finding.flattered",
            subject="y",
            importance=0.95,
            fields={"metric": "AUC", "random": 0.8, "honest": 0.5, "low": 0.48, "high": 0.52},
        ),
        Finding(code="finding.does-not-age", subject="y", importance=0.4, fields={"metric": "AUC", "rows": 900}),
    )
    day = 86_400_000_000
    stretches = tuple(
        Stretch(
            first_row=800 + 40 * i,
            rows=40,
            first_us=i * 7 * day,
            last_us=(i + 1) * 7 * day - 1,
            actual=0.1 + i / 40,
            never_said=0.1,
            again_said=0.1 + i / 50,
            never=0.5 if i else None,
            again=0.6,
        )
        for i in range(20)
    )
    strengths = tuple(
        Strength(column=name, value=value, yes_no=True, bound=0.85, blocks=20, n=900)
        for name, value in (("seconds", 0.96), ("mood", 0.6), ("blank", None))
    )
    made = Attempt(
        name="calls",
        wanted=wanted,
        rows=1_600,
        columns=6,
        each=1,
        first_us=0,
        last_us=140 * day,
        timing=Timing(column="at", kind="time", name="at"),
        target=Target(column="y", kind="event", outcome="y = 'yes'", positive="yes"),
        share=0.11,
        chosen=Chosen(
            features=(("mood", "mood"), ("city", "city")), left_out=(leak("seconds"),), leaks=("seconds",), key="call"
        ),
        findings=(),
        strengths=strengths,
        said=said,
        metric="roc_auc",
        honesty=Honesty(
            random=interval(0.8),
            with_leaks=interval(0.95),
            in_time=interval(0.5),
            rate_alone=interval(0.7),
            rate_rows=400,
        ),
        ways=(way(None, 0, 0.5), way(None, 1, 0.77), way(200, 2, 0.74)),
        best=1,
        enough=2,
        again=2,
        ages=tuple(Age(blocks=i, lost=estimate(0.01 * i)) for i in range(18)),
        stretches=stretches,
        block_rows=40,
        trainings=62,
        model="scorer",
        system_file=folder / "calls" / "system.py",
        request='{"instances": [{"mood": 1.5}]}',
        took_s=33.4,
    )
    return replace(made, **changed)
