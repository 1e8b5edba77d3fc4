"""The HTTP door: uvicorn in this process, the application on it, and what must be done a few times a second."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import signal
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import uvicorn
import uvloop

from tidemill.app.answer import Desk, Seat, open_stores
from tidemill.app.fresh import freshness
from tidemill.errors import TidemillError
from tidemill.facts.ids import version_name
from tidemill.interfaces.http import counts as counting
from tidemill.interfaces.http.application import Application
from tidemill.interfaces.http.arms import Arms
from tidemill.interfaces.http.counts import Counts
from tidemill.interfaces.http.follow import EVERY_S, Follower, prover
from tidemill.interfaces.http.questions import Questions
from tidemill.interfaces.sockets import bind_path, bind_shared

SYNC_S = 0.05
"""How long what was answered may stand in the operating system's memory alone."""
CHALLENGER_S = 0.5
FRESH_S = 5.0
DRAIN_S = 10
KEEP_ALIVE_S = 75
BACKLOG = 2048

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Door:
    """Where to listen: a TCP port that other workers share, or a Unix socket.

    `parent`: the process to end with (0: none). `announce`: whether to say on standard output where it listens.
    `challenger_s`: how long a challenger may take before the champion answers.
    """

    host: str = "127.0.0.1"
    port: int = 0
    path: Path | None = None
    parent: int = 0
    announce: bool = False
    challenger_s: float = CHALLENGER_S


class Server(uvicorn.Server):
    """uvicorn's server, which leaves ending the process to us: journals have to be sealed first."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """SIGTERM and SIGINT drain."""
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self.handle_exit)
        yield


def serve(seat: Seat, door: Door) -> None:
    """Serves until SIGTERM, SIGINT or the parent's end; then drains and seals the journals."""
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(serving(seat, door))


async def serving(seat: Seat, door: Door) -> None:
    """Opens the stores, loads what the policy wants, and only then listens."""
    desk, counts = Desk(seat, open_stores(seat)), Counts()
    arms = Arms(desk, counts, door.challenger_s)
    follower = Follower(desk, prover(seat.home))
    questions = Questions(desk, counts, arms, inner=bool(seat.challenger))
    server = Server(settings(Application(desk, questions)))
    try:
        await follower.turn()
        listener = bind_path(door.path) if door.path else bind_shared(door.host, door.port)
        listener.listen(BACKLOG)
        if door.announce:
            print(":".join(map(str, listener.getsockname()[:2])), flush=True)
        often = asyncio.create_task(every(SYNC_S, server, lambda: asyncio.to_thread(desk.sync)))
        seldom = asyncio.create_task(every(EVERY_S, server, lambda: tick(desk, follower, arms, counts)))
        freshly = asyncio.create_task(every(FRESH_S, server, lambda: tell_freshness(desk, counts)))
        watch = asyncio.create_task(every(EVERY_S, server, lambda: end_with(door.parent, server)))
        await server.serve(sockets=[listener])
        await asyncio.gather(often, seldom, freshly, watch)
        await arms.close()
    finally:
        follower.close()
        desk.close()


def settings(application: Application) -> uvicorn.Config:
    """Nothing of uvicorn that we do not need."""
    return uvicorn.Config(
        application,
        http="httptools",
        ws="none",
        lifespan="off",
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=False,
        backlog=BACKLOG,
        timeout_keep_alive=KEEP_ALIVE_S,
        timeout_graceful_shutdown=DRAIN_S,
    )


async def every(seconds: float, server: Server, work: Callable[[], Awaitable[None]]) -> None:
    """Does the work again and again until the server is to end; what fails is logged once and tried again."""
    said = ""
    while not server.should_exit:
        await asyncio.sleep(seconds)
        try:
            await work()
            said = ""
        except Exception as error:
            if said != repr(error):
                foreseen = isinstance(error, TidemillError | OSError)
                log.warning("not done for now, tried every %g seconds: %s", seconds, error, exc_info=not foreseen)
            said = repr(error)


async def tick(desk: Desk, follower: Follower, arms: Arms, counts: Counts) -> None:
    """Follows the policy and shares the counts."""
    await follower.turn()
    policies = [line.policy for line in desk.lines.by_model.values()]
    arms.keep({version_name(one.model, one.challenger.ordinal) for one in policies if one.challenger})
    for policy in policies:
        counts.gauge("tidemill_policy", policy.seq, model=policy.model, worker=desk.seat.worker)
    counting.share(desk.seat.metrics, desk.seat.worker, counts)


async def tell_freshness(desk: Desk, counts: Counts) -> None:
    """Notes how fresh the views are."""
    for one in freshness(desk):
        labels = {"model": one.model, "view": one.view, "worker": desk.seat.worker}
        counts.gauge("tidemill_view_rows_behind", one.rows_behind, **labels)
        if one.age_s is not None:
            counts.gauge("tidemill_view_age_seconds", one.age_s, **labels)


async def end_with(parent: int, server: Server) -> None:
    """Drains when the process that started this one is gone."""
    if parent and os.getppid() != parent:
        server.should_exit = True
