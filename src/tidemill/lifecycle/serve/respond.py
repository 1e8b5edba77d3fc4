"""One request answered by one version: scored, written down, and only then said."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from tidemill.features.online import FORGOTTEN, OVERFLOW
from tidemill.lifecycle.serve.answer import Answer, Served, answer, offered
from tidemill.lifecycle.serve.ask import Ask, Wish, candidate_asks
from tidemill.lifecycle.serve.rank import order
from tidemill.lifecycle.serve.record import UNLOGGED, Logged, Role, Shown, item_id, write
from tidemill.ports.journal import Writer
from tidemill.ports.online import Online
from tidemill.spec.label import Candidates


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """A request as one version is asked it.

    `id`: the request's, the same for every arm; `places`: which of its instances these are (none: all in order).
    `began_ns`: the monotonic clock at receipt. `policy`: number of the routing policy. `flags`: of the way it came.
    """

    id: str
    received_us: int
    began_ns: int
    role: Role = "champion"
    policy: int = 0
    places: tuple[int, ...] = ()
    flags: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Endpoint:
    """A rank endpoint: its name, its candidates, how many items it shows, the share of requests in random order."""

    name: str
    candidates: str
    top: int
    explore: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """What goes back to the caller, and what is counted: answers given, their flags, and whether the log had room."""

    document: Mapping[str, Any]
    flags: tuple[str, ...]
    logged: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Ranked:
    """A ranking before it is written down."""

    endpoint: Endpoint
    wish: Wish
    offered: int
    offered_at_us: int | None
    cold: bool
    explored: bool
    shown: tuple[Shown, ...] = ()
    flags: tuple[str, ...] = ()
    marks: Mapping[str, str] = field(default_factory=dict)


def predicted(version: Served, asks: Sequence[Ask], call: Call, online: Online, log: Writer) -> list[Said]:
    """Each ask answered and logged. Raises what `answer` raises, and nothing is logged then."""
    answers = answer(version, asks, online)
    places = call.places or range(len(asks))
    return [one_said(version, found, place, call, log) for found, place in zip(answers, places, strict=True)]


def one_said(version: Served, found: Answer, place: int, call: Call, log: Writer) -> Said:
    """One answer, logged."""
    flags = (*found.flags, *call.flags)
    logged = Logged(
        **named(version, call, place),
        asked_at_us=found.ask.asked_at_us,
        keys=found.ask.keys,
        request=found.ask.request,
        looked_up=found.looked_up,
        computed=found.computed,
        marks=found.marks,
        score=found.score,
        decision=found.decision,
        flags=flags,
    )
    id = write(log, logged)
    if id is None:
        flags = (*flags, UNLOGGED)
    document: dict[str, Any] = {"id": id, score_name(version): found.score}
    if version.decisions:
        document["decision"] = found.decision
    return Said(document=document | {"flags": flags}, flags=flags, logged=id is not None)


def ranked(version: Served, endpoint: Endpoint, wish: Wish, call: Call, *, online: Online, log: Writer) -> Said:
    """The entity's candidates in order, as one frame of the log. Raises what `answer` raises."""
    entity = list(wish.entity.values())
    offer = offered(endpoint.candidates, entity, online)
    asks = candidate_asks(version.signature, wish, offer.items)
    answers = answer(version, asks, online) if asks else []
    chosen = order([one.score for one in answers], top=wish.top, explore=endpoint.explore, request=call.id)
    shown = tuple(
        shown_at(version, answers[place], position, chance)
        for position, (place, chance) in enumerate(zip(chosen.places, chosen.propensities, strict=True), start=1)
    )
    ranking = Ranked(
        endpoint=endpoint,
        wish=wish,
        offered=len(asks),
        offered_at_us=offer.at_us,
        cold=offer.cold,
        explored=chosen.explored,
        shown=shown,
        flags=(*flags_of(answers), *call.flags),
        marks=answers[0].marks if answers else {},
    )
    return ranking_said(version, ranking, call, log)


def flags_of(answers: Sequence[Answer]) -> list[str]:
    """What holds of all candidates, and what of any must be known: that a look-up was not exact, or a sum not there."""
    said = dict.fromkeys(flag for one in answers for flag in one.flags)
    return [
        flag for flag in said if flag.startswith((FORGOTTEN, OVERFLOW)) or all(flag in one.flags for one in answers)
    ]


def shown_at(version: Served, found: Answer, position: int, propensity: float) -> Shown:
    """One item at its position."""
    asked = version.signature.asked
    return Shown(
        item=found.ask.keys[asked.item] if isinstance(asked, Candidates) else None,
        position=position,
        score=found.score,
        propensity=propensity,
        looked_up=found.looked_up,
        computed=found.computed,
    )


def ranking_said(version: Served, ranking: Ranked, call: Call, log: Writer) -> Said:
    """The ranking, logged."""
    logged = Logged(
        **named(version, call, 0),
        asked_at_us=ranking.wish.asked_at_us,
        keys=ranking.wish.entity,
        request=ranking.wish.request,
        marks=ranking.marks,
        flags=ranking.flags,
        endpoint=ranking.endpoint.name,
        offered=ranking.offered,
        offered_at_us=ranking.offered_at_us,
        cold=ranking.cold,
        explored=ranking.explored,
        shown=ranking.shown,
    )
    id = write(log, logged)
    flags = ranking.flags if id is not None else (*ranking.flags, UNLOGGED)
    asked = version.signature.asked
    item = asked.item if isinstance(asked, Candidates) else "item"
    items = [
        {item: one.item, score_name(version): one.score, "id": None if id is None else item_id(id, one.position)}
        for one in ranking.shown
    ]
    document = {"items": items, "cold": ranking.cold, "candidates_at": ranking.offered_at_us, "flags": flags}
    return Said(document=document, flags=flags, logged=id is not None)


def failed(named_arm: Mapping[str, Any], asks: Sequence[Ask | Wish], call: Call, error: str, log: Writer) -> None:
    """Writes down that a version gave no answer to these asks, and why; a full disk loses it, as it must.

    `named_arm`: system, model, version and bundle, for that version may not even be loaded here.
    """
    for place, ask in zip(call.places or range(len(asks)), asks, strict=True):
        logged = Logged(
            **named_arm,
            **moments(call, place),
            asked_at_us=ask.asked_at_us,
            keys=ask.keys if isinstance(ask, Ask) else ask.entity,
            request=ask.request,
            error=error,
        )
        write(log, logged)


def named(version: Served, call: Call, place: int) -> dict[str, Any]:
    """Who answers what, for the log."""
    return {
        "system": version.signature.system,
        "model": version.model,
        "version": version.version,
        "bundle": version.bundle,
        **moments(call, place),
    }


def moments(call: Call, place: int) -> dict[str, Any]:
    """Which ask of which request this is, and how long it took until now."""
    return {
        "ask": f"{call.id}/{place}",
        "received_at_us": call.received_us,
        "arm": call.role,
        "policy": call.policy,
        "latency_us": (time.monotonic_ns() - call.began_ns) // 1000,
    }


def score_name(version: Served) -> str:
    """`score` for a probability, `value` for a number."""
    return "score" if version.signature.kind == "binary" else "value"
