"""Records to canonical JSON and back, and the digest of any record."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import fields, is_dataclass
from functools import cache
from typing import Any

import msgspec

Plain = dict[str, "Plain"] | list["Plain"] | str | int | float | bool | None

TAG = "is"


def plain(value: object) -> Any:
    """The value as JSON-able data: a record becomes {"is": class name, field: ...}, a tuple a list, a callable null.

    A callable is nothing that JSON can hold; whoever needs it in an identity adds its fingerprint beside the record.
    """
    if is_dataclass(value) and not isinstance(value, type):
        return {TAG: type(value).__name__} | {name: plain(getattr(value, name)) for name in field_names(type(value))}
    if isinstance(value, Mapping):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, tuple | list | frozenset | set):
        items = sorted(value) if isinstance(value, frozenset | set) else value
        return [plain(item) for item in items]
    if value is None or isinstance(value, str | int | float | bool):
        return value
    if callable(value):
        return None
    return value.item() if hasattr(value, "item") else str(value)


@cache
def field_names(kind: type) -> tuple[str, ...]:
    """Names of a record's fields, in order, without private ones."""
    return tuple(item.name for item in fields(kind) if not item.name.startswith("_"))


def canonical(value: object) -> bytes:
    """The one JSON text of a value: sorted keys, no spaces, UTF-8."""
    return msgspec.json.encode(plain(value), order="sorted")


def digest(value: object) -> str:
    """SHA-256 of the canonical JSON, 64 hex digits."""
    return hashlib.sha256(canonical(value)).hexdigest()


def digest_bytes(data: bytes) -> str:
    """SHA-256 of the bytes, 64 hex digits."""
    return hashlib.sha256(data).hexdigest()


class Reader:
    """Reads records back from canonical JSON; knows the classes it was given, by name."""

    def __init__(self, kinds: Iterable[type]) -> None:
        self.kinds = {kind.__name__: kind for kind in kinds}

    def read(self, data: bytes) -> Any:
        """The record (or plain value) of a canonical JSON text; lists come back as tuples."""
        return self.build(msgspec.json.decode(data))

    def build(self, value: Any) -> Any:
        """The record of plain data. Unknown fields are dropped, so that an older house reads a newer record."""
        if isinstance(value, dict):
            kind = self.kinds.get(str(value.get(TAG)))
            if kind is None:
                return {key: self.build(item) for key, item in value.items()}
            known = field_names(kind)
            return kind(**{name: self.build(value[name]) for name in known if name in value})
        if isinstance(value, list):
            return tuple(self.build(item) for item in value)
        return value
