"""Events that are pushed to a running server: looked up a moment later, and in the dataset exactly once."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import pytest

from tests.looked import look_up
from tests.story.works import Works
from tidemill.app.features import open_online
from tidemill.app.settings import Settings
from tidemill.features.online import entity_key, space
from tidemill.interfaces.client import Client
from tidemill.ports.online import Online
from tidemill.spec.view import Lookup

SYSTEM = """
import tidemill as tm

shop = tm.System("shop", owner="o@shop.example", zone="UTC")
clicks = shop.source("clicks", tm.files("clicks.csv"), key="id", time="at", expect=["amount >= 0"])
activity = shop.features(
    "activity", clicks, entity="customer", windows={"n": tm.count("30d"), "spent": tm.sum("amount", "30d")}
)
"""
PATIENCE_S = 60.0
DAY_US = 86_400_000_000


class Shop:
    """A home with a loop and a server at work, each a process of its own."""

    def __init__(self, folder: Path, online: str) -> None:
        self.folder = folder
        (folder / "system.py").write_text(SYSTEM)
        (folder / "clicks.csv").write_text("id,at,customer,amount\n1,2026-01-01T00:00:00Z,a,2\n")
        (folder / "tidemill.toml").write_text(
            f"[environment.default]\npace = {{ lease_s = 5, beat_s = 1 }}\nonline = {online!r}\n"
        )
        self.settings = Settings(folder=folder, home=folder / ".tidemill", environment="default", online=online)
        self.works = Works(folder / "system.py", folder / ".tidemill", time.time_ns() // 1000)
        (view,) = (one for one in self.works.system.views if isinstance(one, Lookup))
        self.view = view

    @contextmanager
    def loop(self, every_s: float) -> Iterator[subprocess.Popen[bytes]]:
        """The loop, a turn every so often."""
        file = str(self.folder / "system.py")
        argv = [sys.executable, "-m", "tidemill", "loop", "--every", str(every_s), "--file", file]
        with subprocess.Popen(argv, cwd=self.folder, stdout=subprocess.DEVNULL) as process:
            try:
                yield process
            finally:
                process.terminate()
                assert process.wait(PATIENCE_S) in {0, -signal.SIGKILL}

    def seen(self, online: Online, customer: str) -> dict[str, Any]:
        """What a server would look up now."""
        records, _ = online.read(space(self.view), [entity_key([customer]) or b""])
        return look_up(self.view, records, [self.works.now_us() + DAY_US])[0].values


@pytest.fixture(params=["embedded", "redis"])
def shop(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Shop]:
    made = Shop(tmp_path, "" if request.param == "embedded" else request.getfixturevalue("redis_url"))
    yield made
    made.works.close()


def until(is_so: Callable[[], bool]) -> None:
    end = time.monotonic() + PATIENCE_S
    while not is_so():
        assert time.monotonic() < end
        time.sleep(0.02)


def event(id: int, customer: str, amount: float) -> dict[str, object]:
    return {"id": id, "at": "2026-11-01T00:00:00Z", "customer": customer, "amount": amount}


@pytest.mark.slow
def test_a_pushed_event_is_looked_up_between_two_turns_and_lands_once(shop: Shop) -> None:
    with shop.loop(86_400) as loop, shop.works.worker() as client:
        until(lambda: open_online(shop.settings) is not None)
        online = open_online(shop.settings)
        assert online is not None
        with closing(online):
            until(lambda: online.mark(space(shop.view)) != "")
            batch = [event(2, "b", 5), event(3, "b", 7)]
            assert client.push("clicks", batch) == {"accepted": 2, "rejected": []}
            until(lambda: shop.seen(online, "b") == {"n": 2, "spent": 12.0})
            again(client, batch)
            assert client.push("clicks", [event(4, "b", -1), event(5, "c", 1)])["accepted"] == 2
            until(lambda: shop.seen(online, "c") == {"n": 1, "spent": 1.0})
            assert shop.seen(online, "b") == {"n": 2, "spent": 12.0}
            loop.kill()
            loop.wait(PATIENCE_S)
            again(client, [event(6, "b", 1), *batch])
            with shop.loop(0.5):
                until(lambda: shop.seen(online, "b") == {"n": 3, "spent": 13.0})
    version = shop.works.ctx.tables.newest("clicks")
    assert version is not None
    landed = shop.works.ctx.tables.read(version.files)
    assert sorted(landed["id"].to_pylist()) == [1, 2, 3, 5, 6]
    assert set(landed["_op"].to_pylist()) == {"I"}
    assert version.put_aside == 1


def again(client: Client, rows: list[dict[str, object]]) -> None:
    """A client that got no answer sends the same once more, and then again."""
    for _ in range(2):
        assert client.push("clicks", rows)["accepted"] == len(rows)
