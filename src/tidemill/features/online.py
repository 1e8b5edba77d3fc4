"""Looked-up features while answering: where an entity's record is, and what it says at a moment."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from tidemill.facts.codec import digest
from tidemill.facts.data import Value
from tidemill.features.reader import Reader
from tidemill.spec.view import Lookup

FORGOTTEN = "forgotten:"
"""How the flag of an answer begins whose look-up in the view that it names was not exact."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Looked:
    """What one look-up found. `known`: the entity has a record; `exact`: it reaches back as far as the ask needs."""

    values: dict[str, Value]
    known: bool
    exact: bool


def space(view: Lookup) -> str:
    """The space that holds the view's records; views that only name or show the same rows otherwise share it."""
    return f"view/{digest(replace(view, name='', chosen=(), bound=()))}"


def entity_key(values: Iterable[Value]) -> bytes | None:
    """The record's key: canonical JSON of the entity's values as text; None when one is null, for null is nobody."""
    texts = []
    for value in values:
        if value is None:
            return None
        text = key_text(value)
        texts.append(f'"{text}"' if text.isalnum() else json.dumps(text, ensure_ascii=False))
    return f"[{','.join(texts)}]".encode()


def key_text(value: Value) -> str:
    """A key value as text: 17850, 17850.0 and "17850" are one entity."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value)


def look_up(view: Lookup, records: Sequence[bytes | None], asked_at_us: Sequence[int]) -> list[Looked]:
    """The view's features of several entities, each at its own moment, by short name. Errors as Reader.read."""
    reader = Reader(view)
    found = []
    for record, moment in zip(records, asked_at_us, strict=True):
        cells, exact = reader.read(record, moment)
        found.append(Looked(values=dict(zip(reader.names, cells, strict=True)), known=record is not None, exact=exact))
    return found


def values(view: Lookup, record: bytes | None, asked_at_us: int) -> dict[str, Value]:
    """The view's features at that moment by short name; without a record those of an entity with no rows."""
    return look_up(view, [record], [asked_at_us])[0].values
