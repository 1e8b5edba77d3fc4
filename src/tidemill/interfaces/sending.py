"""Python's values as the JSON that the server reads: null for what is no number, every digit of an exact one."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from math import isfinite, isnan

import msgspec

BEYOND = "1e999"
"""A number in JSON that no float holds: how infinity is sent, so that the server names the field that it stands in."""


def body(document: Mapping[str, object]) -> bytes:
    """The document as JSON. TypeError for a value that JSON has no word for."""
    return msgspec.json.encode(sent(document))


def sent(value: object) -> object:
    """The value as JSON has it: NaN, NaT and NA of pandas are null, times ISO text, NumPy's numbers Python's."""
    match value:
        case None | bool():
            return value
        case str():
            return str(value)
        case int():
            return int(value)
        case float() | Decimal():
            return number(value)
        case Mapping():
            return {str(name): sent(item) for name, item in value.items()}
        case list() | tuple():
            return [sent(item) for item in value]
    if type(value).__name__ in {"NaTType", "NAType"}:
        return None
    if hasattr(value, "isoformat"):
        return value.isoformat()
    if hasattr(value, "item"):
        return sent(value.item())
    raise TypeError(f"{type(value).__name__} cannot be sent as JSON")


def number(value: float | Decimal) -> object:
    """A fraction: a Decimal with all its digits."""
    if value.is_nan() if isinstance(value, Decimal) else isnan(value):
        return None
    if not isfinite(value):
        return msgspec.Raw(BEYOND if value > 0 else f"-{BEYOND}")
    return msgspec.Raw(str(value)) if isinstance(value, Decimal) else float(value)
