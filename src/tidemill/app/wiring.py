"""Plugs a backend in by the scheme of its URL: built-in table first, then entry points."""

from __future__ import annotations

from importlib import import_module
from typing import Any

BACKENDS: dict[str, str] = {
    "blobs.local": "tidemill.stores.blobs.local:LocalBlobs",
    "clock.scaled": "tidemill.engines.clocks.scaled:ScaledClock",
    "clock.system": "tidemill.engines.clocks.system:SystemClock",
    "flavor.constant": "tidemill.engines.flavors.constant:ConstantFlavor",
    "flavor.lightgbm": "tidemill.engines.flavors.lightgbm:LightgbmFlavor",
    "flavor.sklearn": "tidemill.engines.flavors.sklearn:SklearnFlavor",
    "journal.segments": "tidemill.stores.journal.segments:SegmentJournal",
    "ledger.sqlite": "tidemill.stores.ledger.sqlite:SqliteLedger",
    "online.lmdb": "tidemill.stores.online.lmdb:LmdbOnline",
}
"""`port.backend` -> "module:Class" of what ships with the house; a module is imported when its backend is made."""


def kind(name: str) -> Any:
    """The class of that name. KeyError for a name that nothing ships under."""
    module, _, attribute = BACKENDS[name].partition(":")
    return getattr(import_module(module), attribute)


def make(name: str, /, *args: object, **named: object) -> Any:
    """A backend of that name, made with these arguments."""
    return kind(name)(*args, **named)


def clock(text: str) -> Any:
    """The clock of a text: `system`, or `scaled:...` (see tidemill.engines.clocks.scaled)."""
    return make("clock.system") if text == "system" else kind(f"clock.{text.partition(':')[0]}").parse(text)
