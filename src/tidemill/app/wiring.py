"""Plugs a backend in by the scheme of its URL: built-in table first, then entry points."""

from __future__ import annotations

from importlib import import_module
from operator import attrgetter
from typing import Any

BACKENDS: dict[str, str] = {
    "blobs.local": "tidemill.stores.blobs.local:LocalBlobs",
    "clock.scaled": "tidemill.engines.clocks.scaled:ScaledClock.parse",
    "clock.system": "tidemill.engines.clocks.system:SystemClock",
    "flavor.constant": "tidemill.engines.flavors.constant:ConstantFlavor",
    "flavor.lightgbm": "tidemill.engines.flavors.lightgbm:LightgbmFlavor",
    "flavor.sklearn": "tidemill.engines.flavors.sklearn:SklearnFlavor",
    "journal.segments": "tidemill.stores.journal.segments:SegmentJournal",
    "ledger.sqlite": "tidemill.stores.ledger.sqlite:SqliteLedger",
    "online.lmdb": "tidemill.stores.online.lmdb:LmdbOnline",
}
"""`port.backend` -> "module:Class" of what ships with the house; a module is imported when its backend is made."""


def make(name: str, /, *args: object, **named: object) -> Any:
    """A backend of that name, made with these arguments. KeyError for a name that nothing ships under."""
    module, _, maker = BACKENDS[name].partition(":")
    return attrgetter(maker)(import_module(module))(*args, **named)


def clock(text: str) -> Any:
    """The clock of a text: `system`, or `scaled:...` (see tidemill.engines.clocks.scaled)."""
    return make("clock.system") if text == "system" else make(f"clock.{text.partition(':')[0]}", text)
