"""How far behind what has landed, and how old, the views are that a server looks up."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from tests.shelf import LENDER, START, Shelf
from tests.unit.app.test_answer import put
from tidemill.app.answer import Desk, Seat, open_stores
from tidemill.app.fresh import Fresh, freshness
from tidemill.facts.data import DatasetVersion
from tidemill.features.online import space
from tidemill.interfaces.http.counts import Counts
from tidemill.interfaces.http.door import tell_freshness
from tidemill.stores.online.lmdb import LmdbOnline
from tidemill.testing.fakes import VirtualClock

MINUTE = 60_000_000


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    """A server of `risk`, which looks lenders up; ten loans landed, two more and one put aside a minute later."""
    shelf = Shelf(tmp_path)
    shelf.stock()
    shelf.policy("risk", (1, shelf.risk()))
    shelf.landed("loans", [])
    first = shelf.ledger.get(DatasetVersion, "shelf", "loans", 1)
    assert first is not None
    second = replace(first, number=2, rows=10, watermark_us=START + MINUTE)
    shelf.ledger.commit(second, replace(second, number=3, rows=12, put_aside=1, watermark_us=START + 2 * MINUTE))
    seat = Seat(home=tmp_path, system="shelf", worker="w")
    made = Desk(seat, replace(open_stores(seat), clock=VirtualClock(START + 5 * MINUTE)))
    put(made)
    yield made
    made.close()


def held(desk: Desk, mark: str) -> None:
    with closing(LmdbOnline(desk.seat.home / "online")) as online:
        online.write({}, {space(LENDER): mark})


def test_says_how_far_behind_and_how_old_a_view_is(desk: Desk) -> None:
    held(desk, json.dumps({"version": "loans@v2", "row": 10}))
    assert list(freshness(desk)) == [Fresh(model="risk", view="lender", rows_behind=3, age_s=240)]
    held(desk, json.dumps({"version": "loans@v3", "row": 13}))
    assert list(freshness(desk)) == [Fresh(model="risk", view="lender", rows_behind=0, age_s=180)]


@pytest.mark.parametrize("mark", ["", "loans@v1", '{"version": "loans@v9", "row": 3}', "{}"])
def test_says_nothing_of_what_is_not_known(desk: Desk, mark: str) -> None:
    held(desk, mark)
    assert list(freshness(desk)) == []


def test_is_told_to_who_scrapes(desk: Desk) -> None:
    held(desk, json.dumps({"version": "loans@v2", "row": 10}))
    counts = Counts()
    asyncio.run(tell_freshness(desk, counts))
    labels = (("model", "risk"), ("view", "lender"), ("worker", "w"))
    assert counts.gauges["tidemill_view_rows_behind", labels] == 3
    assert counts.gauges["tidemill_view_age_seconds", labels] == 240
