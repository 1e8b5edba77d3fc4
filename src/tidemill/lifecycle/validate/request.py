"""The golden rows as a caller would send them."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

from tidemill.facts.codec import canonical
from tidemill.predict.signature import Golden, Signature

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def bodies(signature: Signature) -> tuple[bytes, ...]:
    """One JSON body of `POST /predict/{model}` per golden row, with one instance each."""
    return tuple(canonical({"instances": [instance(golden, signature)]}) for golden in signature.golden)


def instance(golden: Golden, signature: Signature) -> dict[str, object]:
    """The row's raw columns and keys; times as ISO text."""
    types = {column.name: column.type for column in (*signature.request, *signature.keys)}
    return {name: on_the_wire(value, types.get(name, "unknown")) for name, value in golden.request.items()}


def on_the_wire(value: object, kind: str) -> object:
    """The value in JSON."""
    if kind == "timestamp" and isinstance(value, int):
        return (EPOCH + timedelta(microseconds=value)).isoformat()
    if kind == "date" and isinstance(value, int):
        return (date(1970, 1, 1) + timedelta(days=value)).isoformat()
    return value
