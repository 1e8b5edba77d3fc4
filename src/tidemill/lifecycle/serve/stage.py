"""Stage 7, serve: the routing policy that workers follow, once every version that it names is shown to answer."""

from __future__ import annotations

from dataclasses import dataclass

from tidemill.facts.release import Policy
from tidemill.ports.context import Context
from tidemill.predict.bundle import open_bundle
from tidemill.predict.golden import verify
from tidemill.predict.predictor import Predictor


@dataclass(frozen=True, slots=True, kw_only=True)
class Given:
    """The policy that is to come, as tidemill.loop.policy decided it, and the one before it (None: the first)."""

    policy: Policy
    before: Policy | None


def run(given: Given, ctx: Context) -> tuple[Policy, ...]:
    """The policy, to be committed: from then on workers follow it.

    Versions that were not in traffic before are opened and answer their golden rows first, so that none is let in that
    the workers would have to refuse: StoreError `blob-missing`, `blob-corrupt`; ModelError `bundle-broken`, `damaged`,
    `golden-mismatch`, `library-missing`.
    """
    known = bundles(given.before)
    for bundle in sorted(bundles(given.policy) - known):
        opened = open_bundle(bundle, ctx.blobs)
        predictor = Predictor(opened, ctx.flavors[opened.signature.flavor])
        try:
            verify(predictor)
        finally:
            predictor.close()
    return (given.policy,)


def bundles(policy: Policy | None) -> set[str]:
    """The bundles that a policy has in traffic."""
    if policy is None:
        return set()
    return {arm.bundle for arm in (policy.champion, policy.challenger) if arm is not None}
