"""From what a real server process showed to the verdict of a latency, memory or error gate."""

from __future__ import annotations

import numpy as np

from tidemill.errors import ServeError
from tidemill.facts.data import Value
from tidemill.facts.model import Outcome, Verdict
from tidemill.measure.timing import percentile
from tidemill.ports.target import Measured
from tidemill.spec.check import AtLeast, AtMost, check_text

SHARES = {"p50_ms": 0.50, "p99_ms": 0.99}


def serving_verdict(gate: AtLeast | AtMost, measured: Measured | ServeError | None) -> Verdict:
    """The gate against the measured figure; `did-not-start` fails, a metric that nobody measured is undecided."""
    if isinstance(measured, ServeError):
        fields: dict[str, Value] = {key: str(value) for key, value in measured.fields.items()}
        return verdict(gate, None, "failed", "did-not-start", fields=fields)
    if measured is None or gate.metric == "gpu_memory_mib":
        return verdict(gate, None, "undecided", "not-measured")
    if gate.metric in SHARES:
        return of_latency(gate, measured)
    asked = len(measured.latencies_ms) + measured.errors
    value = measured.memory_mib if gate.metric == "memory_mib" else measured.errors / max(asked, 1)
    kept = value >= gate.bound if isinstance(gate, AtLeast) else value <= gate.bound
    return verdict(gate, value, "passed" if kept else "failed", "shown" if kept else "beyond-bound", n=asked)


def of_latency(gate: AtLeast | AtMost, measured: Measured) -> Verdict:
    """A percentile by its own interval: passed when even its upper bound keeps the bound."""
    found = percentile(np.array(measured.latencies_ms), SHARES[str(gate.metric)])
    low, high = found.low, found.high
    if found.value is None or high is None or low is None:
        return verdict(gate, found.value, "undecided", "too-few", low=low, high=high, n=found.n)
    at_most = isinstance(gate, AtMost)
    shown = high <= gate.bound if at_most else low >= gate.bound
    refuted = low > gate.bound if at_most else high < gate.bound
    outcome: Outcome = "passed" if shown else "failed" if refuted else "undecided"
    reason = {"passed": "shown", "failed": "beyond-bound", "undecided": "not-shown"}[outcome]
    return verdict(gate, found.value, outcome, reason, low=low, high=high, n=found.n)


def verdict(
    gate: AtLeast | AtMost,
    value: float | None,
    outcome: Outcome,
    reason: str,
    *,
    low: float | None = None,
    high: float | None = None,
    n: int = 0,
    fields: dict[str, Value] | None = None,
) -> Verdict:
    """The verdict with the gate's own text and bound."""
    return Verdict(
        check=check_text(gate),
        value=value,
        bound=gate.bound,
        outcome=outcome,
        reason=reason,
        low=low,
        high=high,
        n=n,
        fields=fields or {},
    )
