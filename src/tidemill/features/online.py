"""Where an entity's record of a view is: its space and its key."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from tidemill.errors import StoreError
from tidemill.facts.codec import digest
from tidemill.facts.data import Value
from tidemill.features.record import MAGIC
from tidemill.spec.view import Lookup

FORM = MAGIC.decode().strip()
VIEWS = "view/"
SPACES = f"{VIEWS}{FORM}/"
"""How the names of spaces begin: what is in others was made by another version of Tidemill."""
FORGOTTEN = "forgotten:"
"""How the flag of an answer begins whose look-up in the view that it names was not exact."""
OVERFLOW = "overflow:"
"""How the flag of an answer begins in which the feature that it names is null: what it sees has no sum that fits."""


def space(view: Lookup) -> str:
    """The space that holds the view's records; views that only name or show the same rows otherwise share it.

    Records of another format are in another space, which is filled anew beside the old one.
    """
    return f"{SPACES}{digest(replace(view, name='', chosen=(), bound=()))}"


def demand_readable(marked: Iterable[str]) -> None:
    """There are spaces with records as they are made here, or none at all. StoreError `online-other-version`."""
    spaces = [name for name in marked if name.startswith(VIEWS)]
    if spaces and not any(name.startswith(SPACES) for name in spaces):
        found = sorted({name.removeprefix(VIEWS).rpartition("/")[0] for name in spaces})
        raise StoreError("online-other-version", found=", ".join(found), known=FORM)


def entity_key(values: Sequence[Value]) -> bytes | None:
    """The record's key: canonical JSON of the entity's values as text; None when one is null, for null is nobody."""
    if len(values) == 1 and type(values[0]) is int:
        return f'["{values[0]}"]'.encode()
    texts = []
    for value in values:
        if value is None:
            return None
        text = key_text(value)
        texts.append(f'"{text}"' if text.isalnum() else json.dumps(text, ensure_ascii=False))
    return f"[{','.join(texts)}]".encode()


def entity_keys(rows: Iterable[Mapping[str, Value]], columns: Sequence[str]) -> list[bytes | None]:
    """The keys of many rows, by these columns of them; a column that a row lacks is null."""
    if len(columns) != 1:
        return [entity_key([row.get(column) for column in columns]) for row in rows]
    values = [row.get(columns[0]) for row in rows]
    return [f'["{one}"]'.encode() if type(one) is int else entity_key((one,)) for one in values]


def key_text(value: Value) -> str:
    """A key value as text: 17850, 17850.0 and "17850" are one entity."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value)
