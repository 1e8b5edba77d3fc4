"""Which versions that are to answer do not, as the diary has it."""

from __future__ import annotations

from collections.abc import Iterable

from tidemill.facts.event import Event
from tidemill.lifecycle.serve.refused import refusal
from tidemill.ports.ledger import Ledger


def refused(ledger: Ledger, system: str, versions: Iterable[str]) -> dict[str, Event]:
    """Those of the versions that a server could not load so far, each with the line that says so (see `refusal`)."""
    found = {version: refusal(ledger, system, version) for version in versions}
    return {version: line for version, line in found.items() if line is not None}
