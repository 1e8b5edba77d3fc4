"""From what a real server process showed to the verdict of a latency, memory or error gate."""

from __future__ import annotations

import numpy as np

from tidemill.errors import ServeError
from tidemill.facts.model import Verdict
from tidemill.measure.checks import by_interval, unmeasured
from tidemill.measure.timing import percentile
from tidemill.ports.target import Measured
from tidemill.spec.check import AtLeast, AtMost

SHARES = {"p50_ms": 0.50, "p99_ms": 0.99}


def serving_verdict(gate: AtLeast | AtMost, measured: Measured | ServeError | None) -> Verdict:
    """The gate against the measured figure; `did-not-start` fails, a metric that nobody measured is undecided.

    A percentile is judged by its own interval, memory and the share of errors as they were.
    """
    if isinstance(measured, ServeError):
        fields = {key: str(value) for key, value in measured.fields.items()}
        return unmeasured(gate, "did-not-start", outcome="failed", **fields)
    if measured is None or gate.metric == "gpu_memory_mib":
        return unmeasured(gate, "not-measured")
    if gate.metric in SHARES:
        found = percentile(np.array(measured.latencies_ms), SHARES[str(gate.metric)])
        return by_interval(gate, found.value, found.low, found.high, n=found.n)
    asked = len(measured.latencies_ms) + measured.errors
    if asked == 0:
        return unmeasured(gate, "not-measured")
    value = measured.memory_mib if gate.metric == "memory_mib" else measured.errors / asked
    return by_interval(gate, value, value, value, n=asked)
