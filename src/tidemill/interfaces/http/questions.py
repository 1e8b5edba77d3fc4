"""Predictions and rankings over HTTP: routed to their arm, answered, copied to the shadow."""

from __future__ import annotations

import re
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from itertools import count
from typing import Any

from tidemill.app.answer import Ask, Call, Desk, Endpoint, Line, Said, Wish, arms
from tidemill.errors import TidemillError
from tidemill.facts.ids import version_name
from tidemill.interfaces.http import wire
from tidemill.interfaces.http.arms import Arms
from tidemill.interfaces.http.counts import Counts
from tidemill.interfaces.http.wire import Request, Response

ID = re.compile(r"[\w.:@-]{1,128}", re.ASCII)
"""What a caller's own request id may look like; any other is replaced by ours."""


class Questions:
    """Handlers of `/predict/{model}` and of rank endpoints.

    `inner`: this process is a challenger behind other workers: it is told who asks, and asks nobody itself.
    """

    def __init__(self, desk: Desk, counts: Counts, arms: Arms, *, inner: bool) -> None:
        self._desk, self.counts, self._arms, self._inner = desk, counts, arms, inner
        self._numbers = count(1)
        self._since = f"{desk.seat.worker}-{desk.stores.clock.now_us():x}"

    async def predict(self, request: Request) -> Response:
        """`{"instances": [...]}` to `{"model", "version", "predictions": [...]}`, in the same order."""
        model = request.path.partition("/")[2]
        line = self._desk.lines.line(model)
        document = wire.read(request.body)
        call = self._call(request, line)
        asks = self._desk.asks(line, document, call.received_us)
        theirs = self._theirs(line, asks, call, request)
        found = dict(await self._challenged(line, request.path, document, asks, call, theirs)) if theirs else {}
        left = [place for place in theirs if place not in found]
        own = sorted(set(range(len(asks))) - set(theirs))
        found |= self._own(line, asks, call, own)
        found |= self._own(line, asks, replace(call, flags=(fallback(line),)), left)
        if self._shadowed(line):
            self._arms.copy(line, request.path, document, asks, self._as(call, "shadow", range(len(asks))))
        predictions = [found[place] for place in range(len(asks))]
        return wire.written({"model": model, "version": line.served.version, "predictions": predictions})

    async def rank(self, request: Request) -> Response:
        """`{entity, "top"}` to `{"model", "version", "items": [...], "cold", "candidates_at", "flags"}`."""
        named = self._desk.lines.endpoint(request.path)
        if named is None:
            raise LookupError(request.path)
        line, endpoint = named
        document = wire.read(request.body)
        call = self._call(request, line)
        wish = self._desk.wish(line, endpoint, document, call.received_us)
        answer = None
        if self._theirs(line, [wish], call, request):
            call_out = self._as(call, "challenger", [0])
            answer = await self._arms.ask(line, request.path, document, [wish], call_out)
            if answer is None:
                call = replace(call, flags=(*call.flags, fallback(line)))
        if answer is None:
            answer = self._ranked(line, endpoint, wish, call)
        if self._shadowed(line):
            self._arms.copy(line, request.path, document, [wish], self._as(call, "shadow", [0]))
        return wire.written(answer)

    def _call(self, request: Request, line: Line) -> Call:
        """The request as it is asked here. Only a worker in front may say for whom and when a challenger is asked."""
        asked = request.header(b"x-request-id")
        id = asked if ID.fullmatch(asked) else f"{self._since}-{next(self._numbers)}"
        now_us, began_ns = self._desk.stores.clock.now_us(), time.monotonic_ns()
        if not self._inner:
            return Call(id=id, received_us=now_us, began_ns=began_ns, policy=line.policy.seq)
        places = request.header(b"x-tidemill-places")
        return Call(
            id=id,
            received_us=int(request.header(b"x-tidemill-received") or now_us),
            began_ns=began_ns,
            role="shadow" if request.header(b"x-tidemill-arm") == "shadow" else "challenger",
            policy=int(request.header(b"x-tidemill-policy") or line.policy.seq),
            places=tuple(map(int, places.split(","))) if places else (),
        )

    def _theirs(self, line: Line, asks: Sequence[Ask | Wish], call: Call, request: Request) -> list[int]:
        """Places of the asks that are the challenger's."""
        if self._inner or line.policy.challenger is None:
            return []
        wished = request.header(b"x-tidemill-arm")
        return [place for place, arm in enumerate(arms(line, asks, call, wished)) if arm == "challenger"]

    async def _challenged(
        self,
        line: Line,
        path: str,
        document: Mapping[str, Any],
        asks: Sequence[Ask],
        call: Call,
        places: Sequence[int],
    ) -> Iterable[tuple[int, dict[str, Any]]]:
        """What the challenger answers by place, each with its version's name; nothing if it does not answer."""
        some = {"instances": [document["instances"][place] for place in places]}
        chosen = [asks[place] for place in places]
        answer = await self._arms.ask(line, path, some, chosen, self._as(call, "challenger", places))
        if answer is None:
            return ()
        answers = [{**one, "version": answer["version"]} for one in answer["predictions"]]
        return zip(places, answers, strict=True)

    def _own(self, line: Line, asks: Sequence[Ask], call: Call, places: Sequence[int]) -> dict[int, dict[str, Any]]:
        """This process's own answers by place."""
        if not places:
            return {}
        mine = replace(call, places=tuple(call.places[place] for place in places) if call.places else tuple(places))
        chosen = [asks[place] for place in places]
        try:
            said = self._desk.predict(line, chosen, mine)
        except Exception as error:
            self._failed(line, chosen, mine, error)
            raise
        for one in said:
            self._count(line, mine, one)
        return {place: dict(one.document) for place, one in zip(places, said, strict=True)}

    def _ranked(self, line: Line, endpoint: Endpoint, wish: Wish, call: Call) -> dict[str, Any]:
        """This process's own ranking."""
        try:
            said = self._desk.rank(line, endpoint, wish, call)
        except Exception as error:
            self._failed(line, [wish], call, error)
            raise
        self._count(line, call, said)
        document = dict(said.document)
        document["candidates_at"] = wire.moment(document["candidates_at"])
        return {"model": line.served.model, "version": line.served.version, **document}

    def _failed(self, line: Line, asks: Sequence[Ask | Wish], call: Call, error: Exception) -> None:
        """Counts and writes down that this version gave no answer; a challenger's is written by who asked it."""
        code = error.code if isinstance(error, TidemillError) else "serve.answer-failed"
        version = line.served.version
        self.counts.add("tidemill_failures_total", version=version, arm=call.role, reason=code)
        if not self._inner and line.policy.champion is not None:
            self._desk.failed(line.policy, line.policy.champion, asks, call, code)

    def _count(self, line: Line, call: Call, said: Said) -> None:
        """One more answer."""
        version = line.served.version
        self.counts.add("tidemill_predictions_total", model=line.served.model, version=version, arm=call.role)
        for flag in said.flags:
            self.counts.add("tidemill_flags_total", model=line.served.model, flag=flag.partition(":")[0])
        if not said.logged:
            self.counts.add("tidemill_unlogged_total", model=line.served.model)

    def _shadowed(self, line: Line) -> bool:
        """Whether a shadow is to get a copy."""
        challenger = line.policy.challenger
        return not self._inner and challenger is not None and challenger.shadow

    def _as(self, call: Call, role: Any, places: Sequence[int]) -> Call:
        """The call as another arm is asked it."""
        return replace(call, role=role, places=tuple(places), flags=())


def fallback(line: Line) -> str:
    """The flag of an answer that the challenger should have given."""
    challenger = line.policy.challenger
    return "" if challenger is None else f"fallback:{version_name(line.policy.model, challenger.ordinal)}"
