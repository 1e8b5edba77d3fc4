"""What a system's views hold, who sees it, and what is defined twice."""

from __future__ import annotations

from datetime import datetime
from functools import partial

import pytest

import tidemill as tm
from tidemill.errors import DeclarationError
from tidemill.facts.codec import digest
from tidemill.spec.catalog import Consumer, entries, twice
from tidemill.spec.view import Window


def fit(train: tm.Data, valid: tm.Data) -> object:
    return 0.5


class Shop:
    """A small system with a view of each kind, to which a test adds."""

    def __init__(self) -> None:
        self.system = tm.System("shop", owner="o@shop.example", zone="UTC")
        self.events = self.system.source("events", tm.files("events"), key="id", time="at")
        self.people = self.system.source("people", tm.files("people"), key="customer", time="at", since="joined")

    def clicks(self, window: Window, name: str = "n") -> None:
        """One more view of customers with one window."""
        view = f"view_{len(self.system.declared().views)}"
        self.system.features(view, self.events, entity="customer", windows={name: window})

    @property
    def twice(self) -> tuple[tuple[str, ...], ...]:
        return twice(self.system.declared())


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (tm.count("30d"), tm.count("30d", step="1d")),
        (tm.count("30d", where="kind = 'click'"), tm.count("30d", where="'click' = kind")),
        (tm.count("1d", where="a > 1 and (b < 2 and c)"), tm.count("1d", where="(c and 1 < a) and 2 > b")),
        (tm.sum("price * n", "2d", scale=2), tm.sum("n*price", "2d", scale=2)),
        (tm.count("1d", where="c"), tm.count("1d", where="c and c")),
    ],
)
def test_one_meaning_written_in_two_ways_is_found(one: Window, other: Window) -> None:
    shop = Shop()
    shop.clicks(one, "one")
    shop.clicks(other, "other")
    assert shop.twice == (("view_0.one", "view_1.other"),)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (tm.count("30d"), tm.count("31d")),
        (tm.count("30d"), tm.count("30d", step="1h")),
        (tm.count("30d"), tm.count("30d", where="true")),
        (tm.count("1d", where="a - b > 0"), tm.count("1d", where="b - a > 0")),
        (tm.sum("a + (b + c)", "1d"), tm.sum("(a + b) + c", "1d")),  # floats: not to the last bit
        (tm.sum("price", "1d", scale=2), tm.sum("price", "1d", scale=3)),
        (tm.lag("price", 1, within="1d"), tm.lag("price", 2, within="1d")),
        (tm.max("price", "1d"), tm.min("price", "1d")),
    ],
)
def test_two_meanings_are_two(one: Window, other: Window) -> None:
    shop = Shop()
    shop.clicks(one)
    shop.clicks(other)
    assert shop.twice == ()


def test_a_condition_of_the_rows_is_one_of_the_window() -> None:
    shop = Shop()
    clicked = shop.events.where("kind = 'click'").where("price > 2")
    shop.system.features("part", clicked, entity="customer", windows={"n": tm.count("1d")})
    shop.clicks(tm.count("1d", where="2 < price and kind = 'click'"))
    assert shop.twice == (("part.n", "view_1.n"),)


def test_the_newest_rows_column_is_the_last_value_unless_states_are_assumed() -> None:
    shop = Shop()
    shop.system.features("past", shop.events, entity="customer", columns=["kind"], windows={"last": tm.last("kind")})
    shop.system.features("who", shop.people, entity="customer", columns=["age"], windows={"last": tm.last("age")})
    shop.system.features("young", shop.events, entity="customer", columns=["kind as recent"], max_age="2d")
    assert shop.twice == (("past.kind", "past.last"),)


def test_another_entity_source_or_kind_is_another_meaning() -> None:
    shop = Shop()
    for name, source, entity in (
        ("a", shop.events, "customer"),
        ("b", shop.events, "item"),
        ("c", shop.people, "item"),
    ):
        shop.system.features(name, source, entity=entity, columns=["color"], windows={"n": tm.count("1d")})
    shop.system.request("form", shop.events, columns=["color", "color as colour"])
    assert shop.twice == (("form.color", "form.colour"),)


def test_functions_of_one_body_are_one() -> None:
    shop = Shop()

    @shop.system.on_request
    def weekend(asked_at: datetime) -> bool:
        """Saturday or Sunday."""
        return asked_at.weekday() >= 5

    @shop.system.on_request
    def free_day(asked_at: datetime) -> bool:
        return asked_at.weekday() >= 5

    @shop.system.on_request
    def monday(asked_at: datetime) -> bool:
        return asked_at.weekday() == 0

    assert shop.twice == (("weekend", "free_day"),)
    (said, *_) = entries(shop.system.declared(), {})
    assert (said.kind, said.description, said.features[0].says) == (
        "function", "Saturday or Sunday.", "function of asked_at",
    )  # fmt: skip


def test_each_feature_knows_what_it_is_and_which_models_see_it() -> None:
    shop = Shop()
    past = shop.system.features(
        "past", shop.events, entity="customer", max_age="20d", columns=["price"],
        windows={"n_30d": tm.count("30d", where="kind = 'click'"), "n_1m": tm.count("1m")},
    )  # fmt: skip
    form = shop.system.request("form", shop.events, columns=["kind", "price - past.price as above"])
    label = shop.system.label("own", asked=shop.events, outcome="kind = 'buy'", known="at")
    split = tm.by_hash(valid=0.1, test=0.1)
    seller = past.on("seller", customer="seller_id").only("n_30d")
    shop.system.model(label=label, features=[past.drop("price"), seller], split=split, name="first")(fit)
    shop.system.model(label=label, features=[form, past.only("price")], split=split, name="second")(fit)
    found = {one.name: one for one in entries(shop.system.declared(), {"events": {"price": "float", "kind": "text"}})}
    assert list(found) == ["past", "form", "seller"]
    view = found["past"]
    assert (view.kind, view.entity, view.keys, view.source, view.max_age, view.owner) == (
        "looked-up", ("customer",), ("customer",), "events", "20d", "o@shop.example",
    )  # fmt: skip
    assert [(one.name, one.type, one.says, one.step) for one in view.features] == [
        ("past.price", "float", "price", ""),
        ("past.n_30d", "int", "count, 30d, where kind = 'click', step 1d", "1d"),
        ("past.n_1m", "int", "count, 1m, exact", ""),
    ]
    assert [one.consumers for one in view.features] == [
        (Consumer(model="second", itself=True, into=("form.above",)),),
        (Consumer(model="first", itself=True),),
        (Consumer(model="first", itself=True),),
    ]
    assert found["form"].features[1].type == "float"
    assert (found["seller"].entity, found["seller"].keys) == (("customer",), ("seller_id",))
    assert [one.consumers for one in found["seller"].features] == [
        (), (Consumer(model="first", itself=True),), (),
    ]  # fmt: skip


def test_a_view_has_an_owner_and_a_description_that_change_nothing_else() -> None:
    plain, said = Shop(), Shop()
    for shop, words in ((plain, {}), (said, {"owner": "growth@shop.example", "description": "What a customer did"})):
        seen = shop.system.features("seen", shop.events, entity="customer", windows={"n": tm.count("1d")}, **words)
        shop.system.request("asked", shop.events, columns=["amount"], **words)
        shop.system.request("plain", shop.events, columns=["amount as twice"])
        assert seen.only("n").on("other", customer="buyer").description == words.get("description", "")
    one, other = plain.system.declared(), said.system.declared()
    assert (one.views, digest(one.views), digest(one)) == (other.views, digest(other.views), digest(other))
    told = {entry.name: (entry.owner, entry.description) for entry in entries(other, {})}
    assert told == {
        "seen": ("growth@shop.example", "What a customer did"),
        "asked": ("growth@shop.example", "What a customer did"),
        "plain": ("o@shop.example", ""),
    }
    assert {entry.owner for entry in entries(one, {})} == {"o@shop.example"}


@pytest.mark.parametrize("word", ["owner", "description"])
def test_an_owner_or_description_that_is_no_text_is_a_mistake(word: str) -> None:
    shop = Shop()
    for declare in (shop.system.request, partial(shop.system.features, entity="customer")):
        with pytest.raises(DeclarationError):
            declare("seen", shop.events, columns=["amount"], **{word: 3})  # type: ignore[arg-type]  # the mistake
