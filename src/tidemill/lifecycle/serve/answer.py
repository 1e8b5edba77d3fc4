"""The hot path: from a request to scores."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from tidemill.errors import ServeError
from tidemill.facts.data import Value
from tidemill.features import offers
from tidemill.features.online import demand_readable, entity_key, entity_keys, space
from tidemill.features.reader import Reader
from tidemill.features.request import ASKED_AT, Closure, Computed, closure, compiled, compute, types_of
from tidemill.lifecycle.serve.ask import Ask, Field, fields_of
from tidemill.ports.online import Online
from tidemill.predict.predictor import Predictor
from tidemill.predict.signature import Signature
from tidemill.spec.expression import Type
from tidemill.spec.needs import asked_keys
from tidemill.spec.source import Source
from tidemill.spec.view import Lookup

Scores = Callable[[Sequence[Mapping[str, Any]]], Sequence[float]]
"""Rows of features by full name to scores."""

SCORE = "score"


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """One view to be looked up: where, by which columns of the ask, and the full names of what its reader reads.

    `entity`: the columns as flags name them.
    """

    reader: Reader
    space: str
    columns: tuple[str, ...]
    entity: str
    names: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Served:
    """A version ready to answer: its contract, compiled.

    `promises`: text of each expectation that a request can be held to, with its function. `close` frees the model.
    """

    version: str
    bundle: str
    signature: Signature
    scores: Scores
    fields: tuple[Field, ...]
    computed: Computed
    looks: tuple[Look, ...]
    promises: tuple[tuple[str, Closure], ...]
    scope: Closure | None
    decisions: tuple[tuple[str, Closure], ...]
    close: Callable[[], None]

    @property
    def model(self) -> str:
        """The model's name."""
        return self.signature.model


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What a version says to one ask, and what it looked at. `marks`: how far the store was for each space read."""

    ask: Ask
    score: float
    decision: str | None
    flags: tuple[str, ...]
    looked_up: Mapping[str, Value]
    computed: Mapping[str, Value]
    marks: Mapping[str, str]


@dataclass(slots=True, kw_only=True)
class Seen:
    """What was looked up for one ask so far."""

    row: dict[str, Any]
    looked_up: dict[str, Value]
    flags: dict[str, None]
    unknown: dict[str, bool]


def served(version: str, predictor: Predictor) -> Served:
    """The version with its expressions compiled. ExpressionError, ModelError when the contract cannot be kept."""
    signature = predictor.signature
    zone = signature.zone
    raw = types_of((*signature.request, *signature.keys))
    types: dict[str, Type] = {**raw, **types_of(signature.looked_up)}
    asked = signature.asked
    promises = asked.expect if isinstance(asked, Source) else ()
    condition = asked.condition if isinstance(asked, Source) else None
    return Served(
        version=version,
        bundle=predictor.digest,
        signature=signature,
        scores=predictor.predict,
        fields=fields_of(signature),
        computed=compiled(signature.views, types, zone),
        looks=tuple(map(look_of, signature.lookups)),
        promises=tuple((one.text, closure(one, raw, zone)) for one in promises if raw.keys() >= set(one.names)),
        scope=closure(condition, raw, zone) if condition is not None and raw.keys() >= set(condition.names) else None,
        decisions=tuple((name, closure(when, {**types, SCORE: "float"}, zone)) for name, when in signature.decide),
        close=predictor.close,
    )


def look_of(view: Lookup) -> Look:
    """How the view is looked up."""
    reader = Reader(view)
    names = tuple(f"{view.name}.{name}" for name in reader.names)
    columns = asked_keys(view)
    return Look(reader=reader, space=space(view), columns=columns, entity=",".join(columns), names=names)


def answer(version: Served, asks: Sequence[Ask], online: Online) -> list[Answer]:
    """One answer per ask, in order; all are scored together.

    Unknown entities are answered with what nobody has, sums that do not fit with null, and flagged. ServeError
    `score-not-finite`; StoreError of the look-ups; whatever the model or a function of the team raises.
    """
    seen = [
        Seen(row={**ask.request, **ask.keys, ASKED_AT: ask.asked_at_us}, looked_up={}, flags={}, unknown={})
        for ask in asks
    ]
    marks = {look.space: fill(look, asks, seen, online) for look in version.looks}
    computed = [compute(version.computed, one.row | one.looked_up) for one in seen]
    scores = version.scores([one.looked_up | made for one, made in zip(seen, computed, strict=True)])
    return [
        Answer(
            ask=ask,
            score=finite(score, version),
            decision=decision(version, one.row | one.looked_up, score),
            flags=flags(version, one),
            looked_up=one.looked_up,
            computed=made,
            marks=marks,
        )
        for ask, one, made, score in zip(asks, seen, computed, map(float, scores), strict=True)
    ]


def fill(look: Look, asks: Sequence[Ask], seen: Sequence[Seen], online: Online) -> str:
    """Adds the view's features to what is seen of each ask; gives the mark at which they were read.

    Asks for the same entity at the same moment (the items of one ranking) share one look-up.
    """
    moments = [ask.asked_at_us for ask in asks]
    keys = entity_keys([one.row for one in seen], look.columns)
    if len(set(keys)) == len(keys):
        records, mark = read(look.space, keys, online)
        found = look.reader.read_all(records, moments)
    else:
        wanted = list(zip(keys, moments, strict=True))
        places = {one: place for place, one in enumerate(dict.fromkeys(wanted))}
        records, mark = read(look.space, [key for key, _ in places], online)
        found = look.reader.read_all(records, [moment for _, moment in places])
        records, found = [records[places[one]] for one in wanted], [found[places[one]] for one in wanted]
    names, entity = look.names, look.entity
    for one, record, (values, said) in zip(seen, records, found, strict=True):
        named = dict(zip(names, values, strict=True))
        one.looked_up = one.looked_up | named if one.looked_up else named
        one.unknown[entity] = record is None and one.unknown.get(entity, True)
        if said:
            one.flags |= dict.fromkeys(said)
    return mark


def read(where: str, keys: Sequence[bytes | None], online: Online) -> tuple[list[bytes | None], str]:
    """The records of these keys (None for a null key) and the mark they belong to.

    A space without a mark is still being filled, or is not there: it is answered with as one that has nothing.
    StoreError `online-other-version` for a store whose spaces are all another version's.
    """
    records, mark = online.read(where, [key for key in keys if key is not None])
    if mark and len(records) == len(keys):
        return records, mark
    if not mark:
        demand_readable(online.marked())
    found = iter(records)
    return [None if key is None or not mark else next(found) for key in keys], mark


def flags(version: Served, seen: Seen) -> tuple[str, ...]:
    """What the caller should know: unknown entities, broken expectations, out of scope. A null breaks no promise."""
    said = [f"unknown:{entity}" for entity, unknown in seen.unknown.items() if unknown]
    said += [f"broken:{text}" for text, holds in version.promises if holds(seen.row) is False]
    if version.scope is not None and version.scope(seen.row) is not True:
        said.append("out_of_scope")
    return (*said, *seen.flags)


def decision(version: Served, row: Mapping[str, Any], score: float) -> str | None:
    """The first decision whose condition is true; None where none is declared or true."""
    told = {**row, SCORE: score}
    return next((name for name, holds in version.decisions if holds(told) is True), None)


def finite(score: float, version: Served) -> float:
    """The score. ServeError `score-not-finite`."""
    if not math.isfinite(score):
        raise ServeError("score-not-finite", version=version.version, score=str(score))
    return score


def offered(candidates: str, entity: Sequence[Value], online: Online) -> offers.Offer:
    """The items that this entity is offered now: its own list, else everybody's."""
    where, key = offers.space(candidates), entity_key(entity)
    own, everybody = online.get(where, [key or offers.EVERYBODY, offers.EVERYBODY])
    return offers.offer(None if key is None else own, everybody)
