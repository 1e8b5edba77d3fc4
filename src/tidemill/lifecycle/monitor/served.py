"""Latency and errors of a version, as its own answers logged them."""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from tidemill.facts.model import Verdict
from tidemill.features.offline.columns import values_of
from tidemill.measure.checks import by_interval, unmeasured
from tidemill.measure.share import wilson
from tidemill.measure.timing import percentile
from tidemill.spec.check import AtLeast, AtMost

SHARES = {"p50_ms": 0.50, "p99_ms": 0.99}


def served_verdict(check: AtLeast | AtMost, log: pa.Table) -> Verdict:
    """error_rate by Wilson's interval, p50_ms and p99_ms by order statistics; memory only the gate's trial tells."""
    if check.metric == "error_rate" and log.num_rows:
        errors = int((values_of(log["error"]).data != "").sum())
        low, high = wilson(errors, log.num_rows)
        return by_interval(check, errors / log.num_rows, low, high, n=log.num_rows)
    if check.metric in SHARES:
        found = percentile(values_of(log["latency_us"]).data.astype(np.float64) / 1000.0, SHARES[str(check.metric)])
        return by_interval(check, found.value, found.low, found.high, n=found.n)
    return unmeasured(check, "too-few" if check.metric == "error_rate" else "not-measured")
