"""Decides that a version becomes champion, by its numbers or by a person's word."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from tidemill.errors import RunError
from tidemill.facts.data import Value
from tidemill.facts.release import LIVE, Release, State
from tidemill.loop.decision import Decision
from tidemill.loop.situation import Situation
from tidemill.loop.transition import moved

NOTHING: Mapping[str, Value] = MappingProxyType({})


def promoted(
    release: Release,
    situation: Situation,
    *,
    code: str = "verdict.promoted",
    also: tuple[Release, ...] = (),
    fields: Mapping[str, Value] = NOTHING,
) -> Decision:
    """The release in the champion's place, who is superseded; with the numbers that speak for it."""
    champion, now = situation.champion, situation.now_us
    left = () if champion is None else (moved(champion, "superseded", now, reason="replaced"),)
    taken = moved(
        release,
        "champion",
        now,
        reason=code.partition(".")[2],
        share=1.0,
        previous=None if champion is None else champion.ordinal,
    )
    before: dict[str, Value] = {"version": release.name, "before": champion.name if champion else ""}
    return Decision(
        code=code,
        model=situation.model.name,
        subject=release.name,
        fields={**before, **fields},
        releases=(taken, *left, *also),
    )


def by_person(ordinal: int, situation: Situation, *, who: str, why: str) -> Decision:
    """The version that a person wants as champion; another challenger that was live makes way.

    RunError `no-release` for a version that never had one, `already-champion`, `step-not-allowed` for a refused one.
    """
    release = release_of(ordinal, situation)
    if release.state == "champion":
        raise RunError("already-champion", version=release.name)
    live = situation.live
    also: tuple[Release, ...] = ()
    if live is not None and live.ordinal != ordinal:
        also = (moved(live, "superseded", situation.now_us, reason="by-person"),)
    return promoted(release, situation, code="verdict.promoted-by", also=also, fields={"who": who, "reason": why})


def taken_back_by_person(ordinal: int, situation: Situation, *, who: str, why: str) -> Decision:
    """A version that a person wants out: the champion's predecessor answers again, a challenger leaves traffic.

    RunError `nothing-before` when the champion has no predecessor, `no-release`, `step-not-allowed`.
    """
    release = release_of(ordinal, situation)
    said: dict[str, Value] = {"version": release.name, "who": who, "reason": why}
    if release.state == "champion":
        previous = situation.previous
        if previous is None:
            raise RunError("nothing-before", version=release.name)
        said["before"] = previous.name
        releases = swapped(release, previous, situation, reason="by-person")
    else:
        out: State = "rolled_back" if release.state in LIVE else "superseded"
        releases = (moved(release, out, situation.now_us, reason="by-person"),)
    return Decision(
        code="verdict.rolled-back-by",
        model=situation.model.name,
        subject=release.name,
        fields=said,
        severity="warning",
        releases=releases,
    )


def swapped(champion: Release, previous: Release, situation: Situation, *, reason: str) -> tuple[Release, ...]:
    """The champion taken back and its predecessor in its place; the live challenger's step begins anew.

    A challenger's evidence was beside the champion that is gone, so it counts from now on.
    """
    now = situation.now_us
    back = moved(champion, "rolled_back", now, reason=reason)
    again = moved(previous, "champion", now, reason="taken-back-to", share=1.0)
    live = situation.live
    if live is None or live.state != "canary" or live.ordinal in {champion.ordinal, previous.ordinal}:
        return back, again
    anew = moved(
        live, "canary", now, reason="champion-changed", share=live.share, step=live.step, deadline_us=live.deadline_us
    )
    return back, again, anew


def release_of(ordinal: int, situation: Situation) -> Release:
    """The release of that version. RunError `no-release`."""
    for release in situation.releases:
        if release.ordinal == ordinal:
            return release
    raise RunError("no-release", version=f"{situation.model.name}@{ordinal}")
