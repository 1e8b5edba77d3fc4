"""How fresh what a serving process looks up is: rows behind what has landed, and the age of what it holds."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass

from tidemill.app.answer import Desk
from tidemill.facts.data import DatasetVersion


@dataclass(frozen=True, slots=True, kw_only=True)
class Fresh:
    """One view of a model. `rows_behind`: landed and not looked up yet. `age_s`: since the newest row that is.

    None where no row tells.
    """

    model: str
    view: str
    rows_behind: int
    age_s: int | None


def freshness(desk: Desk) -> Iterator[Fresh]:
    """Of every view that the process looks up and whose dataset has landed. StoreError of the stores."""
    stores, system = desk.stores, desk.seat.system
    for model, line in desk.lines.by_model.items():
        for look in line.served.looks:
            view = look.reader.view
            found = stores.ledger.find(DatasetVersion, system=system, dataset=view.source.dataset, newest=1)
            held = version_and_row(stores.online.mark(look.space))
            if not found or held is None:
                continue
            (newest,), (number, row) = found, held
            version = stores.ledger.get(DatasetVersion, system, view.source.dataset, number)
            if version is not None:
                known_us = version.known_until_us
                yield Fresh(
                    model=model,
                    view=view.name,
                    rows_behind=max(newest.rows + newest.put_aside - row, 0),
                    age_s=None if known_us is None else max(stores.clock.now_us() - known_us, 0) // 1_000_000,
                )


def version_and_row(mark: str) -> tuple[int, int] | None:
    """The number of the version that a space is at, and the first landing number that it lacks; None for neither."""
    try:
        said = json.loads(mark)
        return int(said["version"].rpartition("@v")[2]), int(said["row"])
    except (ValueError, KeyError, TypeError, AttributeError):
        return None
