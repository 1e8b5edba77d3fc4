"""Plugs a backend in by the scheme of its URL: built-in table first, then entry points."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path
from typing import Any

from tidemill.errors import SettingsError

BACKENDS: dict[str, str] = {
    "blobs.local": "tidemill.stores.blobs.local:LocalBlobs",
    "clock.scaled": "tidemill.engines.clocks.scaled:ScaledClock",
    "clock.system": "tidemill.engines.clocks.system:SystemClock",
    "compute.duckdb": "tidemill.engines.compute.duckdb:DuckdbCompute",
    "flavor.constant": "tidemill.engines.flavors.constant:ConstantFlavor",
    "flavor.lightgbm": "tidemill.engines.flavors.lightgbm:LightgbmFlavor",
    "flavor.sklearn": "tidemill.engines.flavors.sklearn:SklearnFlavor",
    "journal.segments": "tidemill.stores.journal.segments:SegmentJournal",
    "ledger.sqlite": "tidemill.stores.ledger.sqlite:SqliteLedger",
    "notifier.http": "tidemill.engines.notifiers.webhook:WebhookNotifier",
    "notifier.https": "tidemill.engines.notifiers.webhook:WebhookNotifier",
    "notifier.smtp": "tidemill.engines.notifiers.mail:MailNotifier",
    "notifier.smtps": "tidemill.engines.notifiers.mail:MailNotifier",
    "online.lmdb": "tidemill.stores.online.lmdb:LmdbOnline",
    "online.redis": "tidemill.stores.online.redis:RedisOnline",
    "online.rediss": "tidemill.stores.online.redis:RedisOnline",
    "search.midpoint": "tidemill.engines.search.midpoint:Midpoint",
    "source.database": "tidemill.stores.sources.database:DatabaseReader",
    "source.files": "tidemill.stores.sources.files:FilesReader",
    "source.postgres": "tidemill.stores.sources.postgres:PostgresReader",
    "source.query": "tidemill.stores.sources.files:FilesQueryReader",
    "tables.parquet": "tidemill.stores.tables.parquet:ParquetTables",
    "target.process": "tidemill.engines.targets.process:ProcessTarget",
    "trainer.child": "tidemill.engines.trainers.child:ChildTrainer",
    "trainer.inline": "tidemill.engines.trainers.inline:InlineTrainer",
}
"""`port.backend` -> "module:Class" of what ships with the house; a module is imported when its backend is made."""


ONLINE = ("redis", "rediss")
"""Schemes of online stores that are elsewhere."""


def kind(name: str) -> Any:
    """The class of that name. KeyError for a name that nothing ships under."""
    module, _, attribute = BACKENDS[name].partition(":")
    return getattr(import_module(module), attribute)


def make(name: str, /, *args: object, **named: object) -> Any:
    """A backend of that name, made with these arguments."""
    return kind(name)(*args, **named)


def online(home: Path, url: str, *, readonly: bool = False) -> Any:
    """The online store of that URL, its references resolved; "": the embedded one of the home.

    `readonly`: for who only looks. SettingsError `online-unknown` for a scheme that there is not.
    """
    if not url:
        return make("online.lmdb", home / "online", readonly=readonly)
    scheme = url.partition("://")[0]
    if scheme not in ONLINE:
        raise SettingsError("online-unknown", scheme=scheme, known=ONLINE)
    return make(f"online.{scheme}", url, readonly=readonly)


def clock(text: str) -> Any:
    """The clock of a text: `system`, or `scaled:...` (see tidemill.engines.clocks.scaled).

    SettingsError `clock-unreadable`.
    """
    if text == "system":
        return make("clock.system")
    if not text.startswith("scaled:"):
        raise SettingsError("clock-unreadable", text=text)
    return kind("clock.scaled").parse(text)
