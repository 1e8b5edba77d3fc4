"""From the instances of a request to asks: every field read by its declared type, every mistake with its path."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

from tidemill.errors import RequestError
from tidemill.facts.data import ColumnType, Value
from tidemill.features.request import LARGEST_FLOAT, read
from tidemill.lifecycle.serve.moments import demand_past
from tidemill.predict.signature import Signature
from tidemill.spec.label import Candidates
from tidemill.spec.source import Source

MOST_INSTANCES = 10_000
MOST_SHOWN = 1_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """One field of an instance. An entity's column may come as text or number, whichever it is in the data."""

    name: str
    type: str
    needed: bool = True
    is_key: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """A request for a ranking, read: the entity's columns, raw columns of the request, how many items, when."""

    entity: Mapping[str, Value]
    request: Mapping[str, Value]
    top: int
    asked_at_us: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Ask:
    """One instance, read. `keys`: what tells this ask from others (entities, and the asked row's own key if sent)."""

    request: Mapping[str, Value]
    keys: Mapping[str, Value]
    asked_at_us: int


def fields_of(signature: Signature) -> tuple[Field, ...]:
    """Raw columns of the request views, keys of the looked-up views; then, not needed, the asked row's key and time."""
    found = {column.name: field_of(column, is_key=False) for column in signature.request}
    found |= {column.name: field_of(column, is_key=True) for column in signature.keys}
    asked = signature.asked
    if isinstance(asked, Candidates):
        keys = (*asked.entity, asked.item)
        more = [Field(name=name, type="unknown", needed=False, is_key=True) for name in keys if name not in found]
        return (*found.values(), *more)
    own = [Field(name=name, type="unknown", needed=False, is_key=True) for name in asked.key if name not in found]
    if asked.time in found:
        return (*found.values(), *own)
    time = Field(name=asked.time, type="timestamp", needed=False, is_key=asked.time in asked.key)
    return (*found.values(), *(field for field in own if field.name != asked.time), time)


def field_of(column: ColumnType, *, is_key: bool) -> Field:
    """A needed field."""
    return Field(name=column.name, type=column.type, is_key=is_key)


def parse(signature: Signature, fields: Sequence[Field], instances: object, received_us: int) -> tuple[Ask, ...]:
    """One ask per instance, `asked_at` its own time where it has one, else the moment of receipt.

    RequestError `instances-missing`, `too-many-instances`, `field-missing` (all that an instance lacks), `field-type`,
    `in-the-future`, `before-records`.
    """
    if not isinstance(instances, list) or not instances:
        raise RequestError("instances-missing")
    if len(instances) > MOST_INSTANCES:
        raise RequestError("too-many-instances", given=len(instances), most=MOST_INSTANCES)
    return tuple(
        parse_one(signature, fields, instance, f"instances[{place}]", received_us)
        for place, instance in enumerate(instances)
    )


def parse_one(signature: Signature, fields: Sequence[Field], instance: object, at: str, received_us: int) -> Ask:
    """The ask of one instance; `at` is its path for what is wrong with it. Fields that nothing needs are left out."""
    if not isinstance(instance, dict):
        raise RequestError("field-type", at=at, expected="an object", got=type_name(instance))
    values = values_of(fields, instance, signature.zone, at)
    asked = signature.asked
    time = values.get(asked.time) if isinstance(asked, Source) else None
    if isinstance(asked, Source) and isinstance(time, int):
        demand_past(time, received_us, f"{at}.{asked.time}")
    keys = {field.name: values[field.name] for field in fields if field.is_key and field.name in values}
    raw = {column.name: values[column.name] for column in signature.request}
    return Ask(request=raw, keys=keys, asked_at_us=time if isinstance(time, int) else received_us)


def parse_wish(signature: Signature, fields: Sequence[Field], body: object, top: int, received_us: int) -> Wish:
    """The request for a ranking; `top` of the endpoint unless it names its own. RequestError as `parse`."""
    asked = signature.asked
    if not isinstance(asked, Candidates):
        raise RequestError("not-ranked", model=signature.model)
    if not isinstance(body, dict):
        raise RequestError("field-type", at="the body", expected="an object", got=type_name(body))
    fields = [
        replace(field, needed=field.needed or field.name in asked.entity)
        for field in fields
        if field.name != asked.item
    ]
    wanted = body.get("top", top)
    if isinstance(wanted, bool) or not isinstance(wanted, int) or not 1 <= wanted <= MOST_SHOWN:
        raise RequestError(
            "field-type", at="top", expected=f"a whole number from 1 to {MOST_SHOWN}", got=type_name(wanted)
        )
    values = values_of(fields, body, signature.zone, "")
    return Wish(
        entity={name: values[name] for name in asked.entity},
        request={column.name: values[column.name] for column in signature.request if column.name != asked.item},
        top=wanted,
        asked_at_us=received_us,
    )


def candidate_asks(signature: Signature, wish: Wish, items: Iterable[Value]) -> tuple[Ask, ...]:
    """One ask per item that the entity is offered."""
    asked = signature.asked
    item = asked.item if isinstance(asked, Candidates) else ""
    return tuple(
        Ask(request=wish.request, keys={**wish.entity, item: value}, asked_at_us=wish.asked_at_us) for value in items
    )


def values_of(fields: Sequence[Field], given: Mapping[str, object], zone: str, at: str) -> dict[str, Value]:
    """The fields that were given, read. RequestError `field-missing` with all that are not, `field-type`."""
    if missing := [field.name for field in fields if field.needed and field.name not in given]:
        raise RequestError("field-missing", at=at or "the body", missing=missing)
    inside = f"{at}." if at else ""
    return {
        field.name: parsed(given[field.name], field, zone, inside + field.name)
        for field in fields
        if field.name in given
    }


def parsed(value: object, field: Field, zone: str, at: str) -> Value:
    """One field's value; none of a column that had no value in all of training: the model cannot know what it means.

    RequestError `field-type` with its path.
    """
    try:
        if field.is_key and field.type == "text" and isinstance(value, int) and not isinstance(value, bool):
            return str(value)
        if field.is_key and field.type == "float" and isinstance(value, str):  # whole numbers, with nulls among them
            return read(read(value, "int", zone), "float", zone)
        found = read(value, field.type, zone)
        return found if field.is_key or field.type != "unknown" else None
    except ValueError as error:
        raise RequestError("field-type", at=at, expected=EXPECTED[field.type], got=type_name(value)) from error


EXPECTED: Mapping[str, str] = {
    "text": "a text",
    "int": "a whole number",
    "float": "a number",
    "boolean": "true or false",
    "date": "a date like 2026-01-31",
    "timestamp": "a time like 2026-01-31T09:30:00",
    "unknown": "a text, a number, true or false",
}


def type_name(value: Any) -> str:
    """What JSON calls it, a short value beside."""
    match value:
        case None:
            return "null"
        case bool():
            return "true" if value else "false"
        case int() | float():
            return f"the number {value:.20g}" if abs(value) <= LARGEST_FLOAT else "a number that no float holds"
        case Decimal():
            return f"the number {str(value)[:40]}"
        case str():
            return f"the text {value[:40]!r}"
        case list():
            return "an array"
    return "an object"


def wanted(fields: Iterable[Field]) -> list[dict[str, object]]:
    """The fields as a caller reads them."""
    return [{"name": field.name, "type": field.type, "needed": field.needed} for field in fields]
