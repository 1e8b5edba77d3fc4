"""What is pushed between two turns: taken in at once, by one process, and again when it failed."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pyarrow as pa
import pytest

import tidemill as tm
from tests.street import Street, table, us
from tests.unit.loop.kit import BRISK, CODE
from tidemill.errors import BusyError
from tidemill.facts.codec import canonical
from tidemill.features import offers
from tidemill.features.online import entity_key, space
from tidemill.loop.deliver import Post
from tidemill.loop.hold import acquire
from tidemill.loop.mill import Mill
from tidemill.loop.street import STREET
from tidemill.loop.tick import Wheel
from tidemill.spec.view import Lookup

KINDS = {"at": pa.timestamp("us", tz="UTC"), "customer": pa.string()}


class Shop:
    """Clicks that are counted, and candidates that an endpoint ranks."""

    def __init__(self) -> None:
        system = tm.System("shop", owner="o@shop.example", zone="UTC")
        clicks = system.source("clicks", tm.files("clicks"), key="id", time="at")
        self.view: Lookup = system.features("seen", clicks, entity="customer", windows={"n": tm.count("30d")})
        first = {"id": 1, "at": us("2026-01-01"), "customer": "a"}
        self.street = Street(system, {"clicks": table([first], **KINDS)})
        self.wheel = Wheel(
            mill=Mill(system=self.street.system, code=CODE, pace=BRISK),
            ctx=self.street.ctx,
            post=Post(notifiers={}),
        )

    def push(self, id: int, customer: str) -> None:
        at = us("2026-01-02")
        row = {"id": id, "at": at, "customer": customer}
        document = {"v": 1, "received_at_us": at, "rows": [row]}
        self.street.ctx.journal.writer("events/clicks", "w0").append(canonical(document))

    def known(self, *customers: str) -> list[bool]:
        keys = [entity_key([one]) or b"" for one in customers]
        return [record is not None for record in self.street.ctx.online.get(space(self.view), keys)]


@pytest.fixture
def shop() -> Shop:
    return Shop()


def test_what_is_pushed_is_there_before_the_next_turn_and_the_source_is_not_asked(shop: Shop) -> None:
    shop.push(2, "b")
    assert shop.wheel.take_in() == ()
    shop.wheel.turn()
    assert shop.known("a", "b", "c") == [True, True, False]
    shop.street.readers.clear()
    shop.push(3, "c")
    (version,) = shop.wheel.take_in()
    assert (version.rows, shop.known("c")) == (3, [True])
    assert shop.street.ctx.ledger.get(type(version), "shop", "clicks", version.number) == version
    assert shop.wheel.take_in() == ()
    shop.push(3, "c")
    shop.wheel.take_in()
    newest = shop.street.ctx.tables.newest("clicks")
    assert newest is not None
    assert (newest.rows, shop.wheel.take_in()) == (3, ())


def test_a_turn_takes_in_what_was_pushed_though_the_source_is_not_due(shop: Shop) -> None:
    shop.wheel.turn()
    shop.street.readers.clear()
    shop.push(2, "b")
    turn = shop.wheel.turn()
    assert ([version.rows for version in turn.versions], turn.troubles) == ([2], {})
    assert shop.known("b") == [True]


def test_while_another_process_turns_it_is_left_to_that(shop: Shop) -> None:
    shop.wheel.turn()
    shop.push(2, "b")
    hold = acquire(shop.street.ctx.ledger, "loop/shop", BRISK)
    assert hold is not None
    with hold:
        assert shop.wheel.take_in() == ()
    assert shop.known("b") == [False]
    shop.wheel.take_in()
    assert shop.known("b") == [True]


def test_a_store_that_another_writes_is_brought_up_as_soon_as_it_does_not(shop: Shop) -> None:
    busy = True

    def push(given: Any, ctx: Any) -> tuple[str, ...]:
        if busy:
            raise BusyError("online-written-elsewhere", path="online")
        return STREET.push(given, ctx)

    shop.wheel.street = replace(STREET, push=push)
    turn = shop.wheel.turn()
    assert turn.troubles == {"look-up": "busy.online-written-elsewhere"}
    shop.wheel.take_in()
    assert shop.known("a") == [False]
    busy = False
    shop.wheel.take_in()
    assert shop.known("a") == [True]
    shop.push(2, "b")
    busy = True
    shop.wheel.take_in()
    busy = False
    shop.wheel.take_in()
    assert shop.known("b") == [True]


def test_lists_of_candidates_wait_for_the_turn() -> None:
    shop = Shop()
    system = tm.System("shop", owner="o@shop.example", zone="UTC")
    clicks = system.source("clicks", tm.files("clicks"), key="id", time="at")
    seen = system.features("seen", clicks, entity="customer", windows={"n": tm.count("30d")})
    choices = system.candidates(
        "choices", entity="customer", item="id", every="0 0 1 1 *", who="select distinct customer from clicks",
        what="select distinct id from clicks",
    )  # fmt: skip
    label = system.label("bought", asked=choices, ahead={"n": tm.count("1d", of=clicks)}, outcome="n > 0")
    model = system.model(label=label, features=[seen], split=tm.by_time(valid=0.1, test=0.1), name="ranker")(fit)
    system.rank("recommend", model, choices, top=3)
    shop.wheel.mill = replace(shop.wheel.mill, system=system.declared())
    shop.wheel.mill = replace(shop.wheel.mill, automation="advise")
    shop.wheel.turn()
    space_of = offers.space("choices")
    before = shop.street.ctx.online.mark(space_of)
    assert before
    shop.street.clock.advance(hours=0.1)
    shop.push(2, "b")
    assert shop.wheel.take_in()
    assert (shop.known("b"), shop.street.ctx.online.mark(space_of)) == ([True], before)
    shop.wheel.turn()
    assert shop.street.ctx.online.mark(space_of) > before


def fit(train: tm.Data, valid: tm.Data) -> object:
    return train, valid
