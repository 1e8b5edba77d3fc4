"""The ASGI application: finds the handler of a path, reads the body within its limits, words what went wrong."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

from tidemill.app.answer import Desk
from tidemill.errors import RequestError, ServeError, TidemillError
from tidemill.interfaces.http import counts as counting
from tidemill.interfaces.http import wire
from tidemill.interfaces.http.questions import Questions
from tidemill.interfaces.http.wire import Request, Response

BODY_BYTES = 8 << 20
BODY_SECONDS = 10.0
IN_FLIGHT = 512

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
Handler = Callable[[Request], Awaitable[Response]]

log = logging.getLogger(__name__)


class Application:
    """Answers over HTTP. Nothing that a request holds or does ends the process."""

    def __init__(self, desk: Desk, questions: Questions, *, body_bytes: int = BODY_BYTES) -> None:
        self._desk, self._questions, self._counts = desk, questions, questions.counts
        self._body_bytes = body_bytes
        self._in_flight = 0

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        """One ASGI connection; only `http` is spoken."""
        if scope["type"] != "http":
            return
        began_ns = time.monotonic_ns()
        response = await self.respond(scope, receive)
        await send({"type": "http.response.start", "status": response.status, "headers": response.asgi_headers()})
        await send({"type": "http.response.body", "body": response.body})
        route = "/" + str(scope["path"]).strip("/").partition("/")[0]
        shown = route if response.status not in {404, 405} else "unknown"
        self._counts.add("tidemill_requests_total", route=shown, status=str(response.status))
        self._counts.took((time.monotonic_ns() - began_ns) // 1000, route=shown)

    async def respond(self, scope: Message, receive: Receive) -> Response:
        """The response, whatever happens."""
        headers = dict(scope["headers"])
        request = Request(method=scope["method"], path=str(scope["path"]).strip("/"), headers=headers)
        self._in_flight += 1
        try:
            if self._in_flight > IN_FLIGHT:
                raise ServeError("overloaded", in_flight=IN_FLIGHT)
            handler = self.handler(request)
            body = await self.body(request, receive) if request.method == "POST" else b""
            return await handler(Request(method=request.method, path=request.path, headers=headers, body=body))
        except TidemillError as error:
            return wire.refused(error)
        except Exception:
            log.exception("%s /%s failed (request %s)", request.method, request.path, request.header(b"x-request-id"))
            return wire.refused(ServeError("answer-failed"))
        finally:
            self._in_flight -= 1

    def handler(self, request: Request) -> Handler:
        """The handler of the path. RequestError `path-unknown`, `method-not-allowed`."""
        gets: dict[str, Handler] = {
            "": self.about, "health/live": self.live, "health/ready": self.is_ready, "metrics": self.metrics
        }  # fmt: skip
        if request.path in gets:
            return allowed(request, "GET", gets[request.path])
        first, _, rest = request.path.partition("/")
        if first == "predict" and rest and "/" not in rest:
            return allowed(request, "POST", self._questions.predict)
        if request.path == "outcomes":
            return allowed(request, "POST", self.outcomes)
        if first == "events" and rest and "/" not in rest:
            return allowed(request, "POST", self.events)
        if self._desk.lines.endpoint(request.path) is not None:
            return allowed(request, "POST", self._questions.rank)
        raise RequestError("path-unknown", path=f"/{request.path}"[:200])

    async def body(self, request: Request, receive: Receive) -> bytes:
        """The whole body. RequestError `body-too-large`, `body-too-slow`, `body-cut`."""
        declared = request.header(b"content-length")
        if declared.isdigit() and int(declared) > self._body_bytes:
            raise RequestError("body-too-large", most=self._body_bytes)
        parts: list[bytes] = []
        size = 0
        try:
            async with asyncio.timeout(BODY_SECONDS):
                while True:
                    message = await receive()
                    if message["type"] == "http.disconnect":
                        raise RequestError("body-cut")
                    parts.append(message.get("body", b""))
                    size += len(parts[-1])
                    if size > self._body_bytes:
                        raise RequestError("body-too-large", most=self._body_bytes)
                    if not message.get("more_body", False):
                        return b"".join(parts)
        except TimeoutError as error:
            raise RequestError("body-too-slow", seconds=BODY_SECONDS) from error

    async def about(self, request: Request) -> Response:
        """What is served."""
        seat = self._desk.seat
        models, sources = self._desk.lines.about(), self._desk.sources()
        return wire.written({"system": seat.system, "worker": seat.worker, "models": models, "sources": sources})

    async def live(self, request: Request) -> Response:
        """The process runs."""
        return wire.written({"live": True})

    async def is_ready(self, request: Request) -> Response:
        """Every model that has a champion can be answered here."""
        ready = bool(self._desk.lines.by_model) and not self._desk.lines.empty
        return wire.written({"ready": ready}, 200 if ready else 503)

    async def metrics(self, request: Request) -> Response:
        """The numbers of all workers."""
        folder, worker = self._desk.seat.metrics, self._desk.seat.worker
        text = counting.text([*counting.others(folder, worker), self._counts.snapshot()])
        return Response(body=text, type=counting.TEXT)

    async def outcomes(self, request: Request) -> Response:
        """Outcomes of predictions."""
        found = self._desk.outcomes(wire.rows(wire.read(request.body), "outcomes"))
        return self.taken("outcomes", len(found.taken), [(one.place, one.error) for one in found.refused])

    async def events(self, request: Request) -> Response:
        """Rows of a source."""
        source = request.path.partition("/")[2]
        found = self._desk.events(source, wire.rows(wire.read_exactly(request.body), "rows"))
        return self.taken(source, len(found.taken), [(one.place, one.error) for one in found.refused])

    def taken(self, what: str, accepted: int, refused: list[tuple[int, RequestError]]) -> Response:
        """How many rows were taken, and why the others were not."""
        self._counts.add("tidemill_rows_total", accepted, what=what, taken="yes")
        self._counts.add("tidemill_rows_total", len(refused), what=what, taken="no")
        rejected = [{"row": place, **wire.said(error)} for place, error in refused]
        return wire.written({"accepted": accepted, "rejected": rejected})


def allowed(request: Request, method: str, handler: Handler) -> Handler:
    """The handler if it takes this method. RequestError `method-not-allowed`."""
    if request.method != method:
        raise RequestError("method-not-allowed", method=request.method, allowed=method)
    return handler
