"""Input drift of what a version was asked: each feature against the reference in the bundle."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tidemill.facts.data import Value
from tidemill.facts.model import Outcome
from tidemill.measure.column import read
from tidemill.measure.drift import Drift, Reference, drift, verdict

Columns = Mapping[str, NDArray[np.float64]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Moved:
    """The column that moved most, and the outcome over all columns judged together."""

    outcome: Outcome
    column: str
    psi: float | None
    n: int
    fields: dict[str, Value]


def moved(columns: Columns, references: Mapping[str, Reference], bound: float, n: int) -> Moved:
    """Judges every feature that has a reference, by its values as the version saw them; the outcome is the worst's."""
    found = {name: drift(references[name], read(column)) for name, column in columns.items() if name in references}
    return worst(found, bound, n)


def worst(found: dict[str, Drift], bound: float, n: int) -> Moved:
    """Failed if any column failed, undecided if one could not be judged, else passed; with the columns that moved."""
    outcomes = {name: verdict(one, bound, columns=len(found)) for name, one in found.items()}
    ranked = sorted(found, key=lambda name: -(found[name].psi_adjusted or 0.0))
    failed = [name for name in ranked if outcomes[name] == "failed"]
    open_ones = [name for name in ranked if outcomes[name] == "undecided"]
    outcome: Outcome = "failed" if failed else "undecided" if open_ones or not found else "passed"
    first = (failed or open_ones or ranked or [""])[0]
    one = found.get(first)
    fields: dict[str, Value] = {"column": first, "failed": ", ".join(failed[:5]), "columns": len(found)}
    if one is not None and one.moved is not None:
        fields["moved"] = one.moved
    return Moved(outcome=outcome, column=first, psi=one.psi_adjusted if one else None, n=n, fields=fields)
