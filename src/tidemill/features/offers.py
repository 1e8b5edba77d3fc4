"""Which items an entity is offered: candidate lists of the online store, written after each extraction."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass

from tidemill.errors import StoreError
from tidemill.facts.data import Value

EVERYBODY = b""
"""The key of the list for entities that have none of their own."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    """Items in the list's own order and when it was made; `cold`: the list of everybody."""

    items: tuple[Value, ...]
    at_us: int | None
    cold: bool


def space(candidates: str) -> str:
    """The space that holds the lists of these candidates; keys are tidemill.features.online.entity_key's."""
    return f"candidates/{candidates}"


def packed(items: Sequence[Value], at_us: int) -> bytes:
    """A list as a record."""
    return json.dumps({"at": at_us, "items": list(items)}, ensure_ascii=False, separators=(",", ":")).encode()


def offer(own: bytes | None, everybody: bytes | None) -> Offer:
    """The entity's own list, else everybody's, else nothing. StoreError `record-corrupt`."""
    record = own if own is not None else everybody
    if record is None:
        return Offer(items=(), at_us=None, cold=True)
    try:
        found = json.loads(record)
        return Offer(items=tuple(found["items"]), at_us=found["at"], cold=own is None)
    except (ValueError, KeyError, TypeError) as error:
        raise StoreError("record-corrupt", reason=str(error)) from error
