"""Says which parts of a stage's key changed from one time to the other."""

from __future__ import annotations

from dataclasses import dataclass

from tidemill.facts.run import StageRun


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One part of a key (`code:helpers.prices`, `parameter:num_leaves`, `input:events`, `lock:lightgbm`).

    `before`, `after`: its digest or value; None where it was not there.
    """

    part: str
    before: str | None
    after: str | None


def why(new: StageRun, old: StageRun | None) -> tuple[Change, ...]:
    """What made the stage run again, in the order of the parts' names; everything when it had never run before."""
    before = {} if old is None else old.parts
    return tuple(
        Change(part=part, before=before.get(part), after=new.parts.get(part))
        for part in sorted({*before, *new.parts})
        if before.get(part) != new.parts.get(part)
    )
