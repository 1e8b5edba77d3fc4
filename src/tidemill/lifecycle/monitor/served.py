"""Latency and errors of a version, as its own answers logged them."""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from tidemill.facts.data import Value
from tidemill.facts.model import Outcome, Verdict
from tidemill.features.offline.columns import values_of
from tidemill.measure.share import wilson
from tidemill.measure.timing import percentile
from tidemill.spec.check import AtLeast, AtMost, check_text

SHARES = {"p50_ms": 0.50, "p99_ms": 0.99}


def served_verdict(check: AtLeast | AtMost, log: pa.Table) -> Verdict:
    """error_rate by Wilson's interval, p50_ms and p99_ms by order statistics; memory only the gate's trial tells."""
    if check.metric == "error_rate":
        errors = int((values_of(log["error"]).data != "").sum())
        low, high = wilson(errors, log.num_rows) if log.num_rows else (None, None)
        return judged(check, errors / log.num_rows if log.num_rows else None, low, high, log.num_rows)
    if check.metric in SHARES:
        found = percentile(values_of(log["latency_us"]).data.astype(np.float64) / 1000.0, SHARES[str(check.metric)])
        return judged(check, found.value, found.low, found.high, found.n)
    return judged(check, None, None, None, log.num_rows)


def judged(check: AtLeast | AtMost, value: float | None, low: float | None, high: float | None, n: int) -> Verdict:
    """By the interval: passed when it keeps the bound, failed when it breaks it, else undecided."""
    at_most = isinstance(check, AtMost)
    near, far = (high, low) if at_most else (low, high)
    shown = near is not None and (near <= check.bound if at_most else near >= check.bound)
    refuted = far is not None and (far > check.bound if at_most else far < check.bound)
    outcome: Outcome = "passed" if shown else "failed" if refuted else "undecided"
    reason = {"passed": "shown", "failed": "beyond-bound", "undecided": "too-few" if value is None else "not-shown"}
    fields: dict[str, Value] = {}
    return Verdict(
        check=check_text(check),
        value=value,
        bound=check.bound,
        outcome=outcome,
        reason=reason[outcome],
        low=low,
        high=high,
        n=n,
        fields=fields,
    )
