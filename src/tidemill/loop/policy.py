"""Decides the routing policy that follows from the releases."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from tidemill.facts.release import LIVE, Arm, Policy, Release
from tidemill.spec.model import RankEndpoint


def after(
    policy: Policy | None,
    releases: Iterable[Release],
    endpoints: Sequence[RankEndpoint],
    *,
    system: str,
    model: str,
    salt: str,
    now_us: int,
) -> Policy:
    """Who answers now: the same policy if that is as it was, else the next one, numbered one higher.

    `salt` (hex) is taken for a challenger that was not there before, so that its customers are no more likely than
    others to be those of the last one; while it lives it keeps its own, and a growing share keeps whom it had.
    """
    arms = {release.state: release for release in releases if release.state in {*LIVE, "champion"}}
    champion, challenger = arms.get("champion"), arms.get("canary") or arms.get("shadow")
    before = None if champion is None else next((one for one in releases if one.ordinal == champion.previous), None)
    new = Policy(
        system=system,
        model=model,
        seq=1 if policy is None else policy.seq + 1,
        champion=None if champion is None else arm(champion),
        challenger=None if challenger is None else arm(challenger),
        previous=None if before is None or before is challenger else arm(before),
        salt=salt if policy is None or is_new(challenger, policy) else policy.salt,
        endpoints=tuple((each.name, each.candidates.name, each.top, each.explore) for each in endpoints),
        at_us=now_us,
    )
    return policy if policy is not None and answers_alike(policy, new) else new


def arm(release: Release) -> Arm:
    """The release as it takes part in traffic; the version before the champion has no share and stays loaded."""
    share = release.share if release.state in {"champion", "canary"} else 0.0
    return Arm(ordinal=release.ordinal, bundle=release.bundle, share=share, shadow=release.state == "shadow")


def is_new(challenger: Release | None, policy: Policy) -> bool:
    """Whether there is a challenger that the policy does not know."""
    known = policy.challenger
    return challenger is not None and (known is None or known.ordinal != challenger.ordinal)


def answers_alike(one: Policy, other: Policy) -> bool:
    """Whether two policies route alike, whatever their numbers."""
    return (one.champion, one.challenger, one.previous, one.salt, one.endpoints) == (
        other.champion, other.challenger, other.previous, other.salt, other.endpoints,
    )  # fmt: skip
