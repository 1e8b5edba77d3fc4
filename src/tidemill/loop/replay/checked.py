"""Declared checks on what the current version answered: the first moment at which one of them fails."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from tidemill.facts.data import Value
from tidemill.facts.model import ModelVersion, Verdict
from tidemill.features.offline.answered import named, with_score
from tidemill.features.offline.columns import matrix
from tidemill.loop.replay.past import Past, is_serving
from tidemill.loop.replay.record import Wanted
from tidemill.loop.replay.turns import Due
from tidemill.measure.answers import Answers
from tidemill.measure.checks import verdict
from tidemill.measure.column import read
from tidemill.measure.drift import drift
from tidemill.measure.drift import verdict as drift_verdict
from tidemill.ports.context import Context
from tidemill.predict.bundle import open_bundle
from tidemill.spec.check import Check, NoDrift, NotWorse, check_text

WINDOW = 1_000
"""Rows after which the checks are looked at again, and on which they are judged."""


def first_failure(
    checks: Sequence[Check],
    scores: NDArray[np.float64],
    places: NDArray[np.intp],
    before: Past,
    at: tuple[Wanted, ModelVersion, int],
    ctx: Context,
) -> Due | None:
    """Looks at each full window of answers, oldest first: at inputs when asked, at outcomes when known."""
    wanted, version, until = at
    for start in range(0, len(places) - WINDOW + 1, WINDOW):
        window = places[start : start + WINDOW]
        asked, known = int(before.asked_us[window].max()), int(before.known_us[window].max())
        for check in checks:
            moment = asked if isinstance(check, NoDrift) else known
            if moment > until or is_serving(check) or isinstance(check, NotWorse):
                continue
            found = judged(check, window, scores, before, (wanted, version), ctx)
            if found:
                return Due(at_us=moment, trigger=check_text(check), evidence=found)
    return None


def judged(
    check: Check,
    window: NDArray[np.intp],
    scores: NDArray[np.float64],
    before: Past,
    at: tuple[Wanted, ModelVersion],
    ctx: Context,
) -> dict[str, Value]:
    """The evidence of a failed check; empty when it did not fail."""
    wanted, version = at
    rows = before.table.take(window)
    if isinstance(check, NoDrift):
        return drifted(check, rows, version, ctx)
    model = wanted.system.model(wanted.model)
    about = named(with_score(rows, scores[window]), model, [check], wanted.system.zone, ctx.compute)
    found: Verdict = verdict(
        check,
        Answers(
            y=before.y[window],
            predicted={"": scores[window]},
            entity=about.entity,
            asks=about.asks,
            columns=about.columns,
            masks=about.masks,
        ),
        seed=wanted.seed,
    )
    return {"value": found.value, "bound": found.bound, "rows": found.n} if found.outcome == "failed" else {}


def drifted(check: NoDrift, rows: pa.Table, version: ModelVersion, ctx: Context) -> dict[str, Value]:
    """The column that moved most beyond the bound."""
    bundle = open_bundle(version.bundle, ctx.blobs)
    inputs, known = matrix(rows, bundle.signature.features), bundle.references
    worst: dict[str, Value] = {}
    for place, feature in enumerate(bundle.signature.features):
        moved = drift(known[feature.name], read(inputs[:, place]))
        if drift_verdict(moved, check.psi, columns=len(known)) == "failed":
            psi = moved.psi_adjusted or 0.0
            if psi > float(str(worst.get("value", 0.0))):
                worst = {"value": psi, "bound": check.psi, "column": feature.name, "rows": rows.num_rows}
    return worst
