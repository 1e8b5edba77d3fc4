"""The bundle of ports that a stage gets, and how it tells its progress."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Protocol

from tidemill.ports.blobs import Blobs
from tidemill.ports.clock import Clock
from tidemill.ports.compute import Compute
from tidemill.ports.flavor import Flavor
from tidemill.ports.journal import Journal
from tidemill.ports.ledger import Ledger
from tidemill.ports.online import Online
from tidemill.ports.search import Search
from tidemill.ports.source import Reader
from tidemill.ports.tables import Tables
from tidemill.ports.target import Target
from tidemill.ports.trainer import Trainer
from tidemill.spec.source import Table


class Progress(Protocol):
    """Hears how far a stage is."""

    def __call__(self, what: str, done: int, total: int | None) -> None:
        """`what` is a code word (`rows`, `windows`); `total` None when unknown."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Context:
    """Ports by name. `open_source` resolves references like ${NAME} and gives a reader for a declared table."""

    ledger: Ledger
    blobs: Blobs
    tables: Tables
    online: Online
    journal: Journal
    compute: Compute
    trainer: Trainer
    flavors: Mapping[str, Flavor]
    search: Search
    target: Target
    clock: Clock
    open_source: Callable[[Table], Reader]
    progress: Progress
