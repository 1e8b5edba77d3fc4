"""Online against offline, when a person asks and every day: the monitor's proof with the records that it comes in."""

from __future__ import annotations

from tidemill.facts.data import Value
from tidemill.facts.event import Event
from tidemill.lifecycle.monitor import verify as verifying
from tidemill.lifecycle.monitor.parity import Difference, Freshness, Parity
from tidemill.lifecycle.monitor.verify import Proof, Trouble, Verified
from tidemill.ports.context import Context
from tidemill.spec.declaration import Declaration

__all__ = ["Difference", "Freshness", "Parity", "Proof", "Trouble", "Verified", "said", "verified"]


def verified(system: Declaration, ctx: Context, *, sample: int, since_us: int | None = None) -> Verified:
    """At most so many logged predictions of the system, received since then, computed anew; nothing is written."""
    given = verifying.Given(system=system, sample=sample, since_us=since_us, now_us=ctx.clock.now_us())
    return verifying.run(given, ctx)


def said(found: Verified) -> Event:
    """The line of the diary about what was computed anew."""
    fields: dict[str, Value] = {
        "predictions": found.predictions,
        "features": found.features,
        "differences": found.differences,
        "forgotten": sum(one.forgotten for one in found.parities) or None,
        "overflown": sum(one.overflown for one in found.parities) or None,
    }
    subject = f"features/{found.system}"
    return Event(at_us=found.at_us, system=found.system, code="event.features-verified", subject=subject, fields=fields)
