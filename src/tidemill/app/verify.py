"""Online against offline: logged predictions computed anew beside a loop that may be at work."""

from __future__ import annotations

from contextlib import ExitStack

from tidemill.app.context import open_context
from tidemill.app.find import Found
from tidemill.app.settings import Settings
from tidemill.loop.verify import Difference, Freshness, Proof, Verified, verified

__all__ = ["Difference", "Freshness", "Proof", "Verified", "verify"]


def verify(settings: Settings, found: Found, *, sample: int, since_us: int | None) -> Verified:
    """At most `sample` predictions since then, as `loop.verify` has it. StoreError of the log; nothing is written."""
    with ExitStack() as closing:
        ctx = open_context(settings)
        closing.callback(ctx.ledger.close)
        closing.callback(ctx.online.close)
        return verified(found.declaration, ctx, sample=sample, since_us=since_us)
