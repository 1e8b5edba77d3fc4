"""The challenger's socket: whatever stands behind it, the answer or the reason comes in bounded time."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from tidemill.interfaces.http.challenger import REST_AFTER, Challenger, Unanswered

Behaviour = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


async def request(reader: asyncio.StreamReader) -> bytes:
    head = await reader.readuntil(b"\r\n\r\n")
    length = int(head.lower().partition(b"content-length: ")[2].partition(b"\r\n")[0])
    return head + await reader.readexactly(length)


def reply(status: int, body: bytes = b"{}", *, keep: bool = True) -> bytes:
    closing = b"" if keep else b"connection: close\r\n"
    return b"HTTP/1.1 %d OK\r\n%scontent-length: %d\r\n\r\n%s" % (status, closing, len(body), body)


@asynccontextmanager
async def listening(behaviour: Behaviour) -> AsyncIterator[Path]:
    """A socket whose connections behave like that."""
    with TemporaryDirectory() as folder:
        path = Path(folder) / "s"

        async def served(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            try:
                await behaviour(reader, writer)
            except asyncio.IncompleteReadError:
                pass
            finally:
                writer.close()

        server = await asyncio.start_unix_server(served, path)
        try:
            yield path
        finally:
            server.close()
            for _ in range(10):  # turns of the event loop in which both ends let go
                await asyncio.sleep(0)


async def reason(challenger: Challenger) -> str:
    with pytest.raises(Unanswered) as raised:
        await challenger.ask("predict/x", {}, b"{}")
    return raised.value.code


def test_asks_with_headers_and_body_over_one_kept_connection() -> None:
    connections: list[int] = []
    seen: list[bytes] = []

    async def good(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        connections.append(1)
        while True:
            seen.append(await request(reader))
            writer.write(reply(200, b'{"n":1}'))

    async def run() -> None:
        async with listening(good) as path:
            challenger = Challenger(path, 5.0)
            for _ in range(3):
                assert await challenger.ask("predict/x", {"x-request-id": "r-1"}, b'{"a":2}') == b'{"n":1}'
            challenger.close()

    asyncio.run(run())
    assert len(connections) == 1
    assert seen[0].startswith(b"POST /predict/x HTTP/1.1\r\n")
    assert b"x-request-id: r-1\r\n" in seen[0]
    assert seen[0].endswith(b'{"a":2}')


def test_a_connection_that_was_closed_meanwhile_is_replaced() -> None:
    async def once(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await request(reader)
        writer.write(reply(200))

    async def run() -> None:
        async with listening(once) as path:
            challenger = Challenger(path, 5.0)
            for _ in range(3):
                assert await challenger.ask("predict/x", {}, b"{}") == b"{}"
            challenger.close()

    asyncio.run(run())


@pytest.mark.parametrize(
    ("answer", "code"),
    [
        (reply(500), "serve.challenger-failed"),
        (reply(503), "serve.challenger-failed"),
        (reply(400), "serve.challenger-refused"),
        (b"", "serve.challenger-unreachable"),
        (b"HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\nhalf", "serve.challenger-unreachable"),
        (b"nonsense\r\n\r\n", "serve.challenger-unreachable"),
        (b"HTTP/1.1 200 OK\r\ncontent-length: many\r\n\r\n", "serve.challenger-unreachable"),
        (b"x" * 200_000, "serve.challenger-unreachable"),
    ],
)
def test_says_why_there_is_no_answer(answer: bytes, code: str) -> None:
    async def bad(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await request(reader)
        writer.write(answer)

    async def run() -> None:
        async with listening(bad) as path:
            challenger = Challenger(path, 5.0)
            assert await reason(challenger) == code
            challenger.close()

    asyncio.run(run())


def test_a_slow_one_is_not_waited_for_and_soon_not_asked() -> None:
    asked: list[bytes] = []

    async def slow(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        asked.append(await request(reader))
        await reader.read()  # until the other side gives up

    async def run() -> list[str]:
        async with listening(slow) as path:
            challenger = Challenger(path, 0.01)
            found = [await reason(challenger) for _ in range(REST_AFTER + 3)]
            challenger.close()
            return found

    found = asyncio.run(run())
    assert found == ["serve.challenger-timeout"] * REST_AFTER + ["serve.challenger-resting"] * 3
    assert len(asked) == REST_AFTER


def test_nobody_there() -> None:
    async def run() -> str:
        return await reason(Challenger(Path("nowhere"), 1.0, start_s=0.0))

    assert asyncio.run(run()) == "serve.challenger-unreachable"


def test_one_that_is_still_starting_is_not_blamed_and_answers_once_it_is_there(tmp_path: Path) -> None:
    async def run() -> tuple[list[str], bytes]:
        challenger = Challenger(tmp_path / "late.sock", 1.0)
        early = [await reason(challenger) for _ in range(2 * REST_AFTER)]
        server = await asyncio.start_unix_server(answering, path=challenger.socket)
        found = await challenger.ask("predict/risk", {}, b"{}")
        challenger.close()
        server.close()
        await server.wait_closed()
        challenger.socket.unlink(missing_ok=True)
        return [*early, await reason(challenger)], found

    reasons, found = asyncio.run(run())
    assert reasons == ["serve.challenger-starting"] * 2 * REST_AFTER + ["serve.challenger-unreachable"]
    assert found == b"late"


async def answering(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await request(reader)
    writer.write(b"HTTP/1.1 200 OK\r\ncontent-length: 4\r\n\r\nlate")
    await writer.drain()
    writer.close()
