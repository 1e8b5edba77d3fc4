"""Tidemill: declare an ML system once in one Python file and run its whole closed loop.

`import tidemill as tm` brings the words below and nothing else: each is fetched when it is first used.
"""

from typing import TYPE_CHECKING

__all__ = [
    "Client",
    "Data",
    "System",
    "at_least",
    "at_most",
    "by_group",
    "by_hash",
    "by_time",
    "canary",
    "count",
    "cron",
    "days_since_last",
    "distinct",
    "fair",
    "files",
    "lag",
    "last",
    "max",
    "mean",
    "min",
    "new_rows",
    "no_drift",
    "not_worse",
    "per",
    "query",
    "sql",
    "std",
    "sum",
    "tune",
]

if TYPE_CHECKING:
    from tidemill.interfaces.client import Client
    from tidemill.spec.data import Data
    from tidemill.spec.system import System
    from tidemill.spec.words.check import at_least, at_most, fair, no_drift, not_worse, per
    from tidemill.spec.words.release import canary, cron, new_rows, tune
    from tidemill.spec.words.split import by_group, by_hash, by_time
    from tidemill.spec.words.table import files, query, sql
    from tidemill.spec.words.window import count, days_since_last, distinct, lag, last, max, mean, min, std, sum
else:
    HOMES = {
        "tidemill.interfaces.client": ("Client",),
        "tidemill.spec.data": ("Data",),
        "tidemill.spec.system": ("System",),
        "tidemill.spec.words.check": ("at_least", "at_most", "fair", "no_drift", "not_worse", "per"),
        "tidemill.spec.words.release": ("canary", "cron", "new_rows", "tune"),
        "tidemill.spec.words.split": ("by_group", "by_hash", "by_time"),
        "tidemill.spec.words.table": ("files", "query", "sql"),
        "tidemill.spec.words.window": (
            "count", "days_since_last", "distinct", "lag", "last", "max", "mean", "min", "std", "sum",
        ),
    }  # fmt: skip

    def __getattr__(name: str) -> object:
        """The word of that name, fetched from its home at first use and kept (PEP 562)."""
        from importlib import import_module

        for home, words in HOMES.items():
            if name in words:
                word = globals()[name] = getattr(import_module(home), name)
                return word
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}", name=name, obj=None)

    def __dir__() -> list[str]:
        """The public words."""
        return [*__all__, *(name for name in globals() if name.startswith("__"))]
