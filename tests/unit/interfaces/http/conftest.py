"""A server without a socket: the application is asked as uvicorn asks it."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest

from tests.shelf import START, Shelf
from tidemill.app.answer import Desk, Seat, open_stores
from tidemill.interfaces.http.application import Application
from tidemill.interfaces.http.arms import Arms
from tidemill.interfaces.http.counts import Counts
from tidemill.interfaces.http.follow import Follower
from tidemill.interfaces.http.questions import Questions
from tidemill.testing.fakes import VirtualClock


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """A response."""

    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def document(self) -> Any:
        return json.loads(self.body)


class Bench:
    """One worker's application in this process."""

    def __init__(self, shelf: Shelf, *, challenger: str = "", body_bytes: int = 1 << 20) -> None:
        seat = Seat(home=shelf.home, system="shelf", worker="w", challenger=challenger)
        self.desk = Desk(seat, replace(open_stores(seat), clock=VirtualClock(START)))
        self.counts = Counts()
        self.arms = Arms(self.desk, self.counts, 1.0)
        self.follower = Follower(self.desk, self.prove)
        questions = Questions(self.desk, self.counts, self.arms, inner=bool(challenger))
        self.application = Application(self.desk, questions, body_bytes=body_bytes)
        asyncio.run(self.follower.turn())

    async def prove(self, digest: str) -> None:
        """Trusts every bundle: loading it finds what is wrong here."""

    def ask(self, method: str, path: str, body: Any = None, **headers: str) -> Answer:
        return asyncio.run(self.asked(method, path, body, **headers))

    async def asked(self, method: str, path: str, body: Any = None, **headers: str) -> Answer:
        data = body if isinstance(body, bytes) else b"" if body is None else json.dumps(body).encode()
        given = {"content-length": str(len(data))} | {name.replace("_", "-"): value for name, value in headers.items()}
        scope = {
            "type": "http", "method": method, "path": path,
            "headers": [(name.encode(), value.encode()) for name, value in given.items()],
        }  # fmt: skip
        parts = [data[: len(data) // 2], data[len(data) // 2 :]]
        sent: list[Any] = []

        async def receive() -> dict[str, Any]:
            return {"type": "http.request", "body": parts.pop(0), "more_body": bool(parts)}

        async def send(message: Any) -> None:
            sent.append(message)

        await self.application(scope, receive, send)
        found = {name.decode(): value.decode() for name, value in sent[0]["headers"]}
        return Answer(status=sent[0]["status"], headers=found, body=sent[1]["body"])

    def close(self) -> None:
        self.follower.close()
        self.desk.close()


@pytest.fixture
def shelf(tmp_path: Path) -> Shelf:
    made = Shelf(tmp_path)
    made.stock()
    return made


@pytest.fixture
def bench(shelf: Shelf) -> Iterator[Bench]:
    """Both models with a champion."""
    shelf.policy("risk", (1, shelf.risk()))
    shelf.policy("ranker", (4, shelf.ranker()))
    made = Bench(shelf)
    yield made
    made.close()
