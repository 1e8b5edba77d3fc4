"""When triggers go off on past data: the next moment after the last training, and why. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tidemill.facts.data import Value
from tidemill.loop.schedule import moments
from tidemill.spec.check import Cron, NewRows, Trigger

Ints = NDArray[np.int64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Due:
    """A trigger that goes off at a moment."""

    at_us: int
    trigger: str
    evidence: Mapping[str, Value]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Arrivals:
    """When things came to be known, sorted: outcomes by label name and rows by source name, microseconds."""

    label: Mapping[str, Ints]
    source: Mapping[str, Ints]

    def of(self, trigger: NewRows) -> Ints:
        """What this trigger counts."""
        return (self.label if trigger.kind == "label" else self.source).get(trigger.of, np.empty(0, np.int64))


def next_due(
    triggers: Sequence[Trigger], arrivals: Arrivals, *, zone: str, trained_us: int, until_us: int
) -> Due | None:
    """The first trigger to go off after the last training, up to `until_us`; None if none does."""
    found = [due for trigger in triggers for due in one(trigger, arrivals, zone, trained_us, until_us)]
    return min(found, key=lambda due: due.at_us, default=None)


def one(trigger: Trigger, arrivals: Arrivals, zone: str, trained_us: int, until_us: int) -> list[Due]:
    """When this trigger goes off first."""
    if isinstance(trigger, Cron):
        times = moments(trigger.text, zone, trained_us + 1, until_us)
        return [Due(at_us=times[0], trigger=f"cron {trigger.text}", evidence={})] if times else []
    known = arrivals.of(trigger)
    before = int(np.searchsorted(known, trained_us, "right"))
    place = before + trigger.rows - 1
    if place >= len(known) or known[place] > until_us:
        return []
    evidence: dict[str, Value] = {"rows": trigger.rows, "of": trigger.of}
    return [Due(at_us=int(known[place]), trigger=f"new_rows {trigger.of} {trigger.rows}", evidence=evidence)]
