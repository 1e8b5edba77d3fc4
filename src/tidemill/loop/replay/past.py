"""All asks of a model with what became of them: built once, cut at each virtual moment."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from tidemill.facts.data import TrainingSet
from tidemill.features.offline.asks import ASKED
from tidemill.features.offline.columns import values_of
from tidemill.features.offline.lake import lake_of
from tidemill.features.offline.outcome import KNOWN, OUTCOME
from tidemill.features.offline.slices import asked as all_asked
from tidemill.lifecycle.prepare import given as preparing
from tidemill.lifecycle.prepare import stage as prepare
from tidemill.loop.replay.record import Wanted
from tidemill.loop.replay.turns import Arrivals
from tidemill.loop.schedule import moments
from tidemill.ports.context import Context
from tidemill.spec.check import SERVING, AtLeast, AtMost, NewRows
from tidemill.spec.declaration import Declaration
from tidemill.spec.label import Candidates

if TYPE_CHECKING:
    import pyarrow as pa

Ints = NDArray[np.int64]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Past:
    """Asks oldest first. `known_us`: when each outcome is known (when asked, under the hypothesis `at-once`)."""

    frame: TrainingSet
    table: pa.Table
    y: NDArray[np.float64]
    asked_us: Ints
    known_us: Ints
    known_at_last: NDArray[np.bool_]
    binary: bool
    moments: tuple[int, ...]
    since_us: int
    until_us: int
    arrivals: Arrivals
    truncated: Mapping[str, int]

    def mature_by(self, moment_us: int) -> int:
        """How many outcomes are known by then."""
        return int((self.known_us <= moment_us).sum())

    def asked_between(self, after_us: int, until_us: int) -> NDArray[np.bool_]:
        """The asks after the one moment, up to the other."""
        found: NDArray[np.bool_] = (self.asked_us > after_us) & (self.asked_us <= until_us)
        return found


def past(wanted: Wanted, ctx: Context) -> Past:
    """The asks of the model over all landed rows."""
    asked_at = asked_moments(wanted)
    whole = whole_set(wanted, asked_at, ctx)
    table = all_asked(whole, ctx.blobs)
    asked = values_of(table[ASKED]).data
    declared = values_of(table[KNOWN]).data
    known = asked if wanted.labels == "at-once" else declared
    label = wanted.system.model(wanted.model).label
    return Past(
        frame=whole,
        table=table,
        y=values_of(table[OUTCOME]).data,
        asked_us=asked,
        known_us=known,
        known_at_last=known <= end_of(wanted) if wanted.labels == "declared" else np.ones(len(known), np.bool_),
        binary=whole.parts[0].positives is not None,
        moments=asked_at,
        since_us=int(np.median(asked)) if wanted.since_us is None else wanted.since_us,
        until_us=int(asked.max()) if wanted.until_us is None else wanted.until_us,
        arrivals=Arrivals(label={label.name: np.sort(known)}, source=sources_counted(wanted, ctx)),
        truncated={
            finding.subject: int(str(finding.fields["moments"]))
            for finding in whole.card
            if finding.code == "card.truncated-windows"
        },
    )


def end_of(wanted: Wanted) -> int:
    """Up to when the data is known."""
    return max(version.watermark_us for version in wanted.versions)


def whole_set(wanted: Wanted, asked_at: tuple[int, ...], ctx: Context) -> TrainingSet:
    """The training set at the end of the data: it brings the table of all asks with it."""
    given = preparing.Given(
        system=wanted.system,
        model=wanted.model,
        versions=wanted.versions,
        moments=asked_at,
        watermark_us=end_of(wanted),
        now_us=end_of(wanted),
        labels=wanted.labels,
    )
    return prepare.run(given, ctx)[0]


def asked_moments(wanted: Wanted) -> tuple[int, ...]:
    """When candidates are asked: their cron line over the span of the data."""
    asked = wanted.system.model(wanted.model).label.asked
    if not isinstance(asked, Candidates):
        return ()
    firsts = [file.first_us for version in wanted.versions for file in version.files if file.first_us is not None]
    return moments(asked.every, wanted.system.zone, min(firsts), end_of(wanted))


def sources_counted(wanted: Wanted, ctx: Context) -> dict[str, Ints]:
    """When the rows of each source that a trigger counts came to be known, sorted."""
    lake = lake_of(wanted.system.zone, wanted.versions, ctx.tables, ctx.compute)
    named = [one.of for name, one in wanted.system.triggers if name == wanted.model and isinstance(one, NewRows)]
    found = {}
    for name in named:
        if name in lake.landed:
            rows = lake.query(f'select epoch_us(_known_at) as known from "{name}" order by known')
            found[name] = values_of(rows["known"]).data
    return found


def without_serving(system: Declaration) -> Declaration:
    """The system with its serving gates left out: no server ran in the past."""
    told = [
        replace(model, gates=tuple(gate for gate in model.gates if not is_serving(gate))) for model in system.models
    ]
    return replace(system, models=tuple(told))


def is_serving(gate: object) -> bool:
    """Whether only a server can tell."""
    return isinstance(gate, AtLeast | AtMost) and gate.metric in SERVING
