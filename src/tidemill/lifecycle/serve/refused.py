"""Whether a version that is to answer does: the diary's last word of those that load it."""

from __future__ import annotations

from tidemill.facts.event import Event
from tidemill.ports.ledger import Ledger

REFUSED, LOADED = "event.bundle-refused", "event.bundle-loaded"
"""What a serving process says of a version: it cannot load it; it does after all."""
LINES = 1_000
"""So many of a version's last lines are looked through."""


def refusal(ledger: Ledger, system: str, version: str) -> Event | None:
    """The line in which the version was refused; None where it was loaded since, or never refused.

    Its fields: `model`, `version`, `error` and `answers`, the version that answers in its place (None: none does).
    """
    lines = ledger.events(newest=LINES, subject=version)
    last = next((one for one in lines if one.system == system and one.code in {REFUSED, LOADED}), None)
    return last if last is not None and last.code == REFUSED else None
