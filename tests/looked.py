"""Looks features up as a serving worker does, told by short name."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from tidemill.facts.data import Value
from tidemill.features.online import FORGOTTEN
from tidemill.features.reader import Reader
from tidemill.spec.view import Lookup


@dataclass(frozen=True, slots=True, kw_only=True)
class Looked:
    """What one look-up found. `known`: the entity has a record; `exact`: it reaches back as far as the ask needs."""

    values: dict[str, Value]
    known: bool
    exact: bool


def look_up(view: Lookup, records: Sequence[bytes | None], asked_at_us: Sequence[int]) -> list[Looked]:
    """The view's features of several entities, each at its own moment, by short name. Errors as Reader.read."""
    reader = Reader(view)
    found = []
    for record, moment in zip(records, asked_at_us, strict=True):
        cells, flags = reader.read(record, moment)
        named, exact = dict(zip(reader.names, cells, strict=True)), f"{FORGOTTEN}{view.name}" not in flags
        found.append(Looked(values=named, known=record is not None, exact=exact))
    return found


def values(view: Lookup, record: bytes | None, asked_at_us: int) -> dict[str, Value]:
    """The view's features at that moment by short name; without a record those of an entity with no rows."""
    return look_up(view, [record], [asked_at_us])[0].values
