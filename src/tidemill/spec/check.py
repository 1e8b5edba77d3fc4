"""One vocabulary of checks: gates, canary requirements, monitors and triggers are made of these records."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, get_args

from tidemill.spec.expression import Expression

MetricName = Literal[
    "roc_auc", "average_precision", "log_loss", "brier", "ece", "rate_gap", "accuracy", "precision", "recall", "f1",
    "ndcg@5", "ndcg@10", "ndcg@20", "map@10", "recall@10", "conversion",
    "mae", "rmse", "mape", "bias", "r2",
    "error_rate", "p50_ms", "p99_ms", "memory_mib", "gpu_memory_mib",
]  # fmt: skip
METRICS: frozenset[str] = frozenset(get_args(MetricName))
SERVING: frozenset[str] = frozenset({"error_rate", "p50_ms", "p99_ms", "memory_mib", "gpu_memory_mib"})
HIGHER_IS_BETTER: frozenset[str] = frozenset(
    {"roc_auc", "average_precision", "accuracy", "precision", "recall", "f1", "ndcg@5", "ndcg@10", "ndcg@20", "map@10",
     "recall@10", "conversion", "r2"}
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Per:
    """A metric averaged over the groups of one ask column, each group once."""

    column: str
    metric: MetricName


Metric = MetricName | Per


@dataclass(frozen=True, slots=True, kw_only=True)
class AtLeast:
    """The metric is not below the bound; `by`: in every slice of that column; `where`: on those rows only."""

    metric: Metric
    bound: float
    by: str | None = None
    where: Expression | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AtMost:
    """The metric is not above the bound; `by`: in every slice of that column; `where`: on those rows only."""

    metric: Metric
    bound: float
    by: str | None = None
    where: Expression | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class NotWorse:
    """The challenger is not worse than the champion on the same rows by more than the margin (in the metric's unit)."""

    metric: Metric
    margin: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class NoDrift:
    """No input column moved by more than this population stability index."""

    psi: float = 0.25


@dataclass(frozen=True, slots=True, kw_only=True)
class Fair:
    """The rate of one decision in any group is at least `ratio` of the highest group's."""

    group: Expression
    decision: str
    ratio: float = 0.8


Check = AtLeast | AtMost | NotWorse | NoDrift | Fair


@dataclass(frozen=True, slots=True, kw_only=True)
class Cron:
    """Starts a run at the times of a cron line, in the system's zone."""

    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class NewRows:
    """Starts a run at `rows` new rows of a source, or newly mature asks of a label, since the champion's data."""

    of: str
    rows: int
    kind: Literal["source", "label"] = "source"


Trigger = Cron | NewRows


def metric_text(metric: Metric) -> str:
    """How a metric is written in tables: `roc_auc`, `ndcg@10 per customer_id`."""
    return f"{metric.metric} per {metric.column}" if isinstance(metric, Per) else metric


def check_text(check: Check) -> str:
    """How a check is written in tables and used as its identity: `roc_auc >= 0.8 by age_group`."""
    if isinstance(check, NoDrift):
        return f"no_drift psi <= {check.psi:g}"
    if isinstance(check, Fair):
        return f"fair {check.group.text} decision {check.decision} ratio >= {check.ratio:g}"
    if isinstance(check, NotWorse):
        return f"not_worse {metric_text(check.metric)} margin {check.margin:g}"
    sign = ">=" if isinstance(check, AtLeast) else "<="
    by = f" by {check.by}" if check.by else ""
    where = f" where {check.where.text}" if check.where else ""
    return f"{metric_text(check.metric)} {sign} {check.bound:g}{by}{where}"
