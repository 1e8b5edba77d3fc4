"""Of a column that came as text: how many of its values keep it from being what it should, the first, and its row."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime

import pyarrow as pa

from tidemill.facts.data import Value

LONGEST = 60
"""Signs of a value that are shown."""


def integer(text: str) -> int:
    """An int64."""
    if not -(2**63) <= (number := int(text)) < 2**63:
        raise ValueError
    return number


READ: Mapping[str, Callable[[str], object]] = {
    "int": integer, "float": float, "boolean": lambda text: {"true": True, "false": False}[text.lower()],
    "date": date.fromisoformat, "timestamp": datetime.fromisoformat,
}  # fmt: skip
"""Of each type of the dialect, what reads a text as one of its values; it raises ValueError or KeyError for others."""


def odd_values(values: pa.ChunkedArray, kind: str, rows: pa.Table, names: Sequence[str]) -> dict[str, Value]:
    """How many (`odd`) `of` the values are not of that type, the first (`value`) and its `row`; nothing if none is.

    Nothing of a column that is no text. `names`: the columns that a person finds a row by.
    """
    read = READ.get(kind)
    if read is None or not pa.types.is_string(values.type):
        return {}
    texts = values.to_pylist()
    odd = [place for place, text in enumerate(texts) if text is not None and not is_read(text, read)]
    if not odd:
        return {}
    told = [f"{name} {shown(rows[name][odd[0]].as_py())}" for name in names]
    found: dict[str, Value] = {"odd": len(odd), "of": len(values) - values.null_count}
    return found | {"value": shown(texts[odd[0]]), "row": ", ".join(told) or None}


def is_read(text: str, read: Callable[[str], object]) -> bool:
    """Whether the text is a value of the type."""
    try:
        read(text)
    except (ValueError, KeyError):
        return False
    return True


def shown(value: object) -> str:
    """A value as it can be searched for."""
    text = str(value)
    return text if len(text) <= LONGEST else f"{text[: LONGEST - 1]}…"
