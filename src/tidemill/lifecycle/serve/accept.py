"""What is brought to the server besides questions: outcomes of predictions, and rows of sources."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from tidemill.errors import RequestError
from tidemill.facts.codec import canonical
from tidemill.facts.data import Value
from tidemill.features.request import read
from tidemill.lifecycle.serve.ask import EXPECTED, type_name
from tidemill.ports.clock import SKEW_US

OUTCOMES = "outcomes"
ID = re.compile(r"[\w-]+\.\d+-\d+(?::\d+)?")


@dataclass(frozen=True, slots=True, kw_only=True)
class Rows:
    """How rows of a source are read: its time column ("": not known), its key, its columns' types as landed so far."""

    source: str
    time: str
    key: tuple[str, ...]
    types: Mapping[str, str]
    zone: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Refused:
    """One row that was not taken: its place in the request, and why."""

    place: int
    error: RequestError


@dataclass(frozen=True, slots=True, kw_only=True)
class Sorted:
    """Rows in the house's types, ready for the journal, and those that were not taken."""

    taken: tuple[Mapping[str, Value], ...]
    refused: tuple[Refused, ...]


def events_stream(source: str) -> str:
    """The journal's stream of pushed rows."""
    return f"events/{source}"


def events_frame(taken: Sequence[Mapping[str, Value]], received_us: int) -> bytes:
    """One frame for the rows of one request."""
    return canonical({"v": 1, "received_at_us": received_us, "rows": list(taken)})


def sort_rows(rows: Sequence[object], known: Rows, received_us: int) -> Sorted:
    """Each row read by its types, or why not: `field-missing` (time, key), `field-type`, `in-the-future`."""
    taken: list[Mapping[str, Value]] = []
    refused: list[Refused] = []
    for place, row in enumerate(rows):
        try:
            taken.append(row_of(row, known, place, received_us))
        except RequestError as error:
            refused.append(Refused(place=place, error=error))
    return Sorted(taken=tuple(taken), refused=tuple(refused))


def row_of(row: object, known: Rows, place: int, received_us: int) -> dict[str, Value]:
    """The row in the house's types; timestamps become int microseconds."""
    at = f"rows[{place}]"
    if not isinstance(row, dict):
        raise RequestError("field-type", at=at, expected="an object", got=type_name(row))
    needed = [name for name in (known.time, *known.key) if name]
    if missing := [name for name in needed if row.get(name) is None]:
        raise RequestError("field-missing", at=at, missing=missing)
    types = {known.time: "timestamp"} | dict(known.types)
    found = {name: field(value, types.get(name, "unknown"), known.zone, f"{at}.{name}") for name, value in row.items()}
    moment = found.get(known.time)
    if isinstance(moment, int) and moment > received_us + SKEW_US:
        raise RequestError("in-the-future", at=f"{at}.{known.time}", given_us=moment, now_us=received_us)
    return found


def sort_outcomes(outcomes: Sequence[object], zone: str, received_us: int) -> Sorted:
    """Each outcome as {id, value, happened_at_us}, or why not; without a time it happened when it was received."""
    taken: list[Mapping[str, Value]] = []
    refused: list[Refused] = []
    for place, outcome in enumerate(outcomes):
        try:
            taken.append(outcome_of(outcome, zone, place, received_us))
        except RequestError as error:
            refused.append(Refused(place=place, error=error))
    return Sorted(taken=tuple(taken), refused=tuple(refused))


def outcome_of(outcome: object, zone: str, place: int, received_us: int) -> dict[str, Value]:
    """One outcome, read."""
    at = f"outcomes[{place}]"
    if not isinstance(outcome, dict):
        raise RequestError("field-type", at=at, expected="an object", got=type_name(outcome))
    if missing := [name for name in ("id", "value") if outcome.get(name) is None]:
        raise RequestError("field-missing", at=at, missing=missing)
    if not isinstance(outcome["id"], str) or not ID.fullmatch(outcome["id"]):
        raise RequestError("field-type", at=f"{at}.id", expected="the id of a prediction", got=repr(outcome["id"])[:80])
    if not isinstance(outcome["value"], bool | int | float):
        raise RequestError(
            "field-type", at=f"{at}.value", expected="true, false or a number", got=type_name(outcome["value"])
        )
    happened = field(outcome.get("happened_at"), "timestamp", zone, f"{at}.happened_at")
    happened_us = received_us if happened is None else int(happened)
    if happened_us > received_us + SKEW_US:
        raise RequestError("in-the-future", at=f"{at}.happened_at", given_us=happened_us, now_us=received_us)
    return {"id": outcome["id"], "value": outcome["value"], "happened_at_us": happened_us}


def outcome_frame(outcome: Mapping[str, Value], received_us: int) -> bytes:
    """One frame per outcome."""
    return canonical({"v": 1, "received_at_us": received_us} | dict(outcome))


def field(value: object, kind: str, zone: str, at: str) -> Value:
    """One JSON value by its type. RequestError `field-type` with the path."""
    try:
        return read(value, kind, zone)
    except ValueError as error:
        raise RequestError("field-type", at=at, expected=EXPECTED[kind], got=type_name(value)) from error
