"""Asks challengers: for their share of the requests, and for shadow copies after the answer is out."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import msgspec

from tidemill.app.answer import Ask, Call, Desk, Line, Wish
from tidemill.facts.ids import version_name
from tidemill.interfaces.http.challenger import REFUSED, RESTING, STARTING, Challenger, Unanswered
from tidemill.interfaces.http.counts import Counts
from tidemill.interfaces.sockets import challenger_socket

MOST_SHADOWS = 64
"""Shadow copies under way at once in one worker; more are dropped."""


class Arms:
    """The challengers that the policies name, each reached over its own socket."""

    def __init__(self, desk: Desk, counts: Counts, timeout_s: float) -> None:
        self._desk, self._counts, self._timeout_s = desk, counts, timeout_s
        self._known: dict[str, Challenger] = {}
        self._shadows: set[asyncio.Task[None]] = set()

    async def ask(self, line: Line, path: str, document: Any, asks: Sequence[Ask | Wish], call: Call) -> Any:
        """The challenger's own response. None when it gives none: that is written down, and the champion's turn."""
        arm = line.policy.challenger
        if arm is None:
            return None
        version = version_name(line.policy.model, arm.ordinal)
        headers = {
            "x-request-id": call.id,
            "x-tidemill-arm": call.role,
            "x-tidemill-received": str(call.received_us),
            "x-tidemill-policy": str(call.policy),
            "x-tidemill-places": ",".join(map(str, call.places)),
        }
        try:
            answer = await self._challenger(version).ask(path, headers, msgspec.json.encode(document))
            return msgspec.json.decode(answer)
        except (Unanswered, msgspec.DecodeError) as error:
            code = error.code if isinstance(error, Unanswered) else "serve.challenger-unreadable"
            self._counts.add("tidemill_failures_total", version=version, arm=call.role, reason=code)
            never_asked = code in {REFUSED, STARTING} or (code == RESTING and call.role == "shadow")
            if not never_asked:
                self._desk.failed(line.policy, arm, asks, call, code)
            return None

    def copy(self, line: Line, path: str, document: Any, asks: Sequence[Ask | Wish], call: Call) -> None:
        """Sends the shadow a copy, on its own time; dropped when too many are under way."""
        if len(self._shadows) >= MOST_SHADOWS:
            self._counts.add("tidemill_shadows_dropped_total", model=line.policy.model)
            return
        task = asyncio.create_task(self._copied(line, path, document, asks, call))
        self._shadows.add(task)
        task.add_done_callback(self._shadows.discard)

    def keep(self, versions: set[str]) -> None:
        """Forgets the challengers that no policy names any more."""
        for version in self._known.keys() - versions:
            self._known.pop(version).close()

    async def close(self) -> None:
        """Waits for the copies under way and lets go of all connections."""
        await asyncio.gather(*self._shadows)
        self.keep(set())

    async def _copied(self, line: Line, path: str, document: Any, asks: Sequence[Ask | Wish], call: Call) -> None:
        """A copy whose answer nobody reads: the shadow writes it down itself."""
        await self.ask(line, path, document, asks, call)

    def _challenger(self, version: str) -> Challenger:
        if version not in self._known:
            self._known[version] = Challenger(self._socket(version), self._timeout_s)
        return self._known[version]

    def _socket(self, version: str) -> Path:
        return challenger_socket(self._desk.seat.home, version)
