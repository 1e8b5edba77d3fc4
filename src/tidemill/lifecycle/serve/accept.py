"""What is brought to the server besides questions: outcomes of predictions, and rows of sources."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from tidemill.errors import RequestError
from tidemill.facts.codec import canonical
from tidemill.facts.data import ColumnType, Value
from tidemill.features.decimals import held, room, type_text
from tidemill.features.request import LARGEST_FLOAT, read
from tidemill.lifecycle.serve.ask import EXPECTED, Field, type_name
from tidemill.lifecycle.serve.moments import demand_past
from tidemill.ports.tables import reserved

OUTCOMES, UNKNOWN = "outcomes", "unknown"
ID = re.compile(r"[\w-]+\.\d+-\d+(?::\d+)?")


@dataclass(frozen=True, slots=True, kw_only=True)
class Rows:
    """How rows of a source are read: its time column ("": not known), its key, its columns as landed so far."""

    source: str
    time: str
    key: tuple[str, ...]
    columns: tuple[ColumnType, ...]
    zone: str

    def fields(self) -> tuple[Field, ...]:
        """What a row may hold; it must say when it happened and what its key is. Columns that are not here are new."""
        named = {column.name: column for column in self.columns}
        needed = [name for name in (self.time, *self.key) if name]
        return tuple(
            Field(name=name, type=type_text(self.column(name, named)), needed=name in needed)
            for name in dict.fromkeys([*needed, *named])
        )

    def column(self, name: str, named: Mapping[str, ColumnType]) -> ColumnType:
        """The column of that name; one that has not landed is of any type, but for the time."""
        kind = "timestamp" if name == self.time else UNKNOWN
        return named.get(name) or ColumnType(name=name, type=kind)


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
    """Each row read by its types, or why not.

    `field-missing` and `field-null` (time, key), `field-reserved`, `field-type`, `in-the-future`, `before-records`.
    """
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
    demand_said(row, [name for name in (known.time, *known.key) if name], at)
    if ours := reserved(row):
        raise RequestError("field-reserved", at=at, fields=ours)
    named = {column.name: column for column in known.columns}
    found = {name: cell(value, known.column(name, named), known.zone, f"{at}.{name}") for name, value in row.items()}
    moment = found.get(known.time)
    if isinstance(moment, int):
        demand_past(moment, received_us, f"{at}.{known.time}")
    return found


def demand_said(row: Mapping[str, object], needed: Sequence[str], at: str) -> None:
    """RequestError `field-missing`, `field-null` for what is not sent, or sent as not known."""
    if missing := [name for name in needed if name not in row]:
        raise RequestError("field-missing", at=at, missing=missing)
    if empty := [name for name in needed if row[name] is None]:
        raise RequestError("field-null", at=at, fields=empty)


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
    demand_said(outcome, ["id", "value"], at)
    if not isinstance(outcome["id"], str) or not ID.fullmatch(outcome["id"]):
        raise RequestError("field-type", at=f"{at}.id", expected="the id of a prediction", got=repr(outcome["id"])[:80])
    if not isinstance(outcome["value"], bool | int | float) or abs(outcome["value"]) > LARGEST_FLOAT:
        raise RequestError(
            "field-type", at=f"{at}.value", expected="true, false or a number", got=type_name(outcome["value"])
        )
    happened = field(outcome.get("happened_at"), "timestamp", zone, f"{at}.happened_at")
    happened_us = received_us if happened is None else int(happened)
    demand_past(happened_us, received_us, f"{at}.happened_at")
    return {"id": outcome["id"], "value": outcome["value"], "happened_at_us": happened_us}


def outcome_frame(outcome: Mapping[str, Value], received_us: int) -> bytes:
    """One frame per outcome."""
    return canonical({"v": 1, "received_at_us": received_us} | dict(outcome))


def cell(value: object, column: ColumnType, zone: str, at: str) -> Value:
    """One JSON value of a row; of exact decimals all digits as text. RequestError `field-type` with the path."""
    if column.decimal and value is not None:
        exact = held(value, column)
        if exact is None:
            whole, places = room(column)
            expected = f"a number of at most {whole} digits before the point and {places} behind it"
            raise RequestError("field-type", at=at, expected=expected, got=type_name(value))
        return f"{exact:f}"
    return field(value, column.type, zone, at)


def field(value: object, kind: str, zone: str, at: str) -> Value:
    """One JSON value by its type. RequestError `field-type` with the path."""
    try:
        return read(float(value) if isinstance(value, Decimal) else value, kind, zone)
    except ValueError as error:
        raise RequestError("field-type", at=at, expected=EXPECTED[kind], got=type_name(value)) from error
