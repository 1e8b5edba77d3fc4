"""What a worker does again and again goes on whatever fails, and the same trouble is said once."""

from __future__ import annotations

import asyncio
import logging
from types import SimpleNamespace
from typing import Any, cast

import pytest

from tidemill.errors import StoreError
from tidemill.interfaces.http.door import every

FULL = OSError(28, "No space left on device")


def test_the_same_trouble_is_said_once_and_again_when_it_comes_back(caplog: pytest.LogCaptureFixture) -> None:
    lost = StoreError("ledger-corrupt", path="ledger.db", reason="malformed")
    outcomes: list[Exception | None] = [FULL, FULL, FULL, None, FULL, lost, lost, KeyError("x")]
    server = SimpleNamespace(should_exit=False)

    async def work() -> None:
        one = outcomes.pop(0)
        server.should_exit = not outcomes
        if one is not None:
            raise one

    with caplog.at_level(logging.WARNING):
        asyncio.run(every(0, cast("Any", server), work))
    assert outcomes == []
    said = [(record.getMessage().partition(": ")[2], bool(record.exc_info)) for record in caplog.records]
    assert said == [(str(FULL), False), (str(FULL), False), (str(lost), False), ("'x'", True)]
