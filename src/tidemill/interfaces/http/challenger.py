"""Asks the challenger's own process over its Unix socket: bounded in time, and let be for a while when it fails."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Mapping
from pathlib import Path

REST_AFTER = 5
"""So many failures in a row and the challenger is not asked for a while."""
REST_S = 1.0
IDLE = 16
"""Connections kept for the next requests."""
LARGEST_HEAD = 65_536
START_S = 60.0
"""So long one that was never reached is thought to be still starting."""
STARTING = "serve.challenger-starting"
"""Nobody listens there yet: the version has not been asked, and is no worse for it."""
REFUSED = "serve.challenger-refused"
"""It takes other fields than the champion: the caller's request is good, and the version no worse for it."""
RESTING = "serve.challenger-resting"
"""It failed some times in a row and is let be: a request of its share falls to the champion, a copy is not made."""


class Unanswered(Exception):  # noqa: N818 - not an error of ours: the champion answers instead
    """The challenger gave no answer in time; `code` says why."""

    def __init__(self, code: str) -> None:
        self.code = code
        super().__init__(code)


class Challenger:
    """One challenger's socket. A connection carries one request at a time and is kept for the next."""

    def __init__(self, socket: Path, timeout_s: float, start_s: float = START_S) -> None:
        self.socket = socket
        self._timeout_s = timeout_s
        self._starts_until: float | None = time.monotonic() + start_s
        self._idle: list[tuple[asyncio.StreamReader, asyncio.StreamWriter]] = []
        self._failures = 0
        self._rests_until = 0.0

    async def ask(self, path: str, headers: Mapping[str, str], body: bytes) -> bytes:
        """The body of its answer. Unanswered for anything but a 200 within the time."""
        if time.monotonic() < self._rests_until:
            raise Unanswered(RESTING)
        if self._starts_until is not None:
            await self._reach(self._starts_until)
        try:
            async with asyncio.timeout(self._timeout_s):
                status, answer = await self._exchange(path, headers, body)
        except TimeoutError as error:
            raise self._failed("serve.challenger-timeout") from error
        except (OSError, EOFError, ValueError, asyncio.LimitOverrunError) as error:
            raise self._failed("serve.challenger-unreachable") from error
        if status >= 500:
            raise self._failed("serve.challenger-failed")
        self._failures = 0
        if status != 200:
            raise Unanswered(REFUSED)
        return answer

    def close(self) -> None:
        """Lets go of the kept connections."""
        for _, writer in self._idle:
            writer.close()
        self._idle.clear()

    async def _reach(self, until: float) -> None:
        """Connects for the first time; Unanswered `challenger-starting` while nobody listens and there is time left."""
        try:
            link = await asyncio.open_unix_connection(self.socket, limit=LARGEST_HEAD)
        except OSError as error:
            if time.monotonic() < until:
                raise Unanswered(STARTING) from error
        else:
            self._idle.append(link)
        self._starts_until = None

    def _failed(self, code: str) -> Unanswered:
        """Counts the failure; after some in a row the challenger rests."""
        self._failures += 1
        if self._failures >= REST_AFTER:
            self._rests_until = time.monotonic() + REST_S
            self._failures = REST_AFTER - 1
        return Unanswered(code)

    async def _exchange(self, path: str, headers: Mapping[str, str], body: bytes) -> tuple[int, bytes]:
        """Status and body. A kept connection may have been closed meanwhile: then once more over a new one."""
        lines = [f"POST /{path} HTTP/1.1", "host: challenger", f"content-length: {len(body)}"]
        lines += [f"{name}: {value}" for name, value in headers.items()]
        message = "\r\n".join([*lines, "", ""]).encode() + body
        while self._idle:
            kept = self._idle.pop()
            try:
                return await self._over(kept, message)
            except (ConnectionError, asyncio.IncompleteReadError):
                continue
        return await self._over(await asyncio.open_unix_connection(self.socket, limit=LARGEST_HEAD), message)

    async def _over(self, link: tuple[asyncio.StreamReader, asyncio.StreamWriter], message: bytes) -> tuple[int, bytes]:
        """One request and its answer over this connection, which is closed unless all went well."""
        reader, writer = link
        whole = False
        try:
            writer.write(message)
            await writer.drain()
            head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").lower()
            status_line, *lines = head.split("\r\n")
            status = int(status_line[len("http/1.1 ") :][:3])
            fields = dict(line.split(": ", 1) for line in lines if line)
            answer = await reader.readexactly(int(fields.get("content-length", "0")))
            whole = fields.get("connection") != "close"
        finally:
            if whole and len(self._idle) < IDLE:
                self._idle.append(link)
            else:
                writer.close()
        return status, answer
