"""Input drift of a version's answers: each logged feature against the reference in the bundle."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pyarrow as pa

from tidemill.facts.data import Value
from tidemill.facts.model import Outcome
from tidemill.lifecycle.monitor.logged import logged_columns
from tidemill.measure.column import read
from tidemill.measure.drift import Drift, Reference, drift, verdict
from tidemill.ports.flavor import FeatureColumn


@dataclass(frozen=True, slots=True, kw_only=True)
class Moved:
    """The column that moved most, and the outcome over all columns judged together."""

    outcome: Outcome
    column: str
    psi: float | None
    n: int
    fields: dict[str, Value]


def moved(log: pa.Table, features: Sequence[FeatureColumn], references: Mapping[str, Reference], bound: float) -> Moved:
    """Judges every feature that has a reference; the outcome is that of the worst."""
    columns = logged_columns(log["features"].to_pylist(), [one for one in features if one.name in references])
    found = {name: drift(references[name], read(column)) for name, column in columns.items()}
    return worst(found, bound, log.num_rows)


def worst(found: dict[str, Drift], bound: float, n: int) -> Moved:
    """Failed if any column failed, undecided if none could be judged, else passed; with the columns that moved."""
    outcomes = {name: verdict(one, bound, columns=len(found)) for name, one in found.items()}
    ranked = sorted(found, key=lambda name: -(found[name].psi_adjusted or 0.0))
    failed = [name for name in ranked if outcomes[name] == "failed"]
    if failed:
        outcome: Outcome = "failed"
    else:
        outcome = "passed" if any(one == "passed" for one in outcomes.values()) else "undecided"
    first = (failed or ranked or [""])[0]
    one = found.get(first)
    fields: dict[str, Value] = {"column": first, "failed": ", ".join(failed[:5]), "columns": len(found)}
    if one is not None and one.moved is not None:
        fields["moved"] = one.moved
    return Moved(outcome=outcome, column=first, psi=one.psi_adjusted if one else None, n=n, fields=fields)
