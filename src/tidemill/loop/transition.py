"""Moves a release from one state to the next, and only along the ways that there are."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from tidemill.errors import RunError
from tidemill.facts.release import NEXT, Release, State


def moved(
    release: Release,
    to: State,
    now_us: int,
    *,
    reason: str,
    share: float = 0.0,
    step: int = 0,
    deadline_us: int | None = None,
    previous: int | None = None,
    fields: Mapping[str, object] | None = None,
) -> Release:
    """The release in its next state since now, with why. RunError `step-not-allowed` where no way leads there.

    `previous` and `fields` stay as they were unless given.
    """
    if to not in NEXT[release.state]:
        raise RunError("step-not-allowed", version=release.name, state=release.state, to=to)
    return replace(
        release,
        state=to,
        share=share,
        step=step,
        step_since_us=now_us,
        deadline_us=deadline_us,
        previous=release.previous if previous is None else previous,
        reason=reason,
        fields=release.fields if fields is None else {**release.fields, **fields},
        at_us=now_us,
    )
