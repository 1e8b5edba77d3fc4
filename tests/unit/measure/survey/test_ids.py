"""Whole numbers that name something are told from amounts, by what is declared, by their name and by their spread."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from tests.unit.measure.survey.test_survey import N, found, honest
from tidemill.measure.spread import of_values
from tidemill.measure.survey.ids import is_called_so, is_given_out

RANDOM = np.random.default_rng(11)
OF_AMOUNTS = {"outliers", "pile", "sentinel", "unit-jump", "unit-mixed", "level-jump"}


def accused(columns: dict[str, Any], **more: Any) -> set[tuple[str, str]]:
    """What is said that only an amount can have done."""
    return {key for key in found(columns, **more) if key[0] in OF_AMOUNTS}


def later(ids: Any) -> Any:
    """A few of them given out far later."""
    return np.append(ids[:-5], ids[-5:] + 900_000)


def test_a_key_has_no_outliers_however_late_some_are() -> None:
    columns = honest(order=later(np.arange(N) + 5_000))
    assert accused(columns) == set()
    assert accused(honest(order=RANDOM.lognormal(5, 2, N).round(3)), key=("order", "at")) == set()


def test_of_a_key_of_several_columns_any_may_be_an_amount() -> None:
    quantity = RANDOM.poisson(20, N)
    quantity[5] = 74_215
    assert ("outliers", "quantity") in accused(honest(quantity=quantity), key=("order", "quantity"))


@pytest.mark.parametrize(
    "more", [{"entities": (("car",),)}, {"entities": (("car", "at"),)}, {"ids": frozenset({"car"})}]
)
def test_entities_and_declared_ids_have_none_either(more: dict[str, Any]) -> None:
    car = RANDOM.poisson(20, N)
    car[5] = 74_215
    assert accused(honest(car=car)) == {("outliers", "car")}
    assert accused(honest(car=car), **more) == set()


@pytest.mark.parametrize(
    "name", ["product_id", "productId", "ProductID", "id_produit", "zip code", "invoice_no", "SKU"]
)
def test_a_column_that_is_called_an_id_has_none(name: str) -> None:
    ids = 820_000 + RANDOM.poisson(300, N) * 7
    ids[:4] = 28_200
    assert accused(honest(product=ids)) == {("outliers", "product")}
    assert accused(honest(**{name: ids})) == set()
    assert ("outliers", name) in accused(honest(**{name: np.append(ids[:-1] + 0.5, 9e12)}))


def test_words_in_names() -> None:
    ids = (
        "id",
        "ID",
        "userId",
        "user_ids",
        "HTTPCode",
        "zipcode",
        "LoanKey",
        "account number",
        "invoice-no",
        "ID_client",
    )
    assert [name for name in ids if not is_called_so(name)] == []
    others = (
        "amount",
        "paid",
        "humid",
        "no",
        "number",
        "NoEmp",
        "key_rate",
        "idle",
        "나이",
        "",
        "_",
        "x1",
        "codes_seen",
    )
    assert [name for name in others if is_called_so(name)] == []


@pytest.mark.parametrize(
    "ids",
    [
        np.arange(5_000),
        later(np.arange(5_000) + 10_000),
        np.sort(RANDOM.choice(1_000_000, 5_000, replace=False)),  # a sample of customers
        RANDOM.choice(RANDOM.choice(6_000, 1_500, replace=False) + 12_346, 20_000),  # few of all, again and again
        later(RANDOM.choice(RANDOM.choice(6_000, 1_500, replace=False) + 12_346, 20_000)),
    ],
)
def test_numbers_that_are_given_out_are_spread_evenly(ids: Any) -> None:
    assert is_given_out(of_values(ids.astype(np.float64)))


@pytest.mark.parametrize(
    "amounts",
    [
        RANDOM.integers(18, 80, 20_000),
        RANDOM.integers(0, 1_000, 20_000),
        RANDOM.lognormal(10, 0.4, 5_000).round(),  # each row its own, as salaries of a few thousand are
        RANDOM.normal(50_000, 8_000, 500).round(),
        RANDOM.choice(RANDOM.lognormal(10, 0.5, 1_000).round(), 20_000),  # a customer's income, in every order again
        RANDOM.choice(np.arange(100, 100_000, 100) - 1, 20_000),  # 99, 199, 299
        np.floor(2.54 * RANDOM.integers(0, 2_000, 20_000)),  # inches as whole centimetres
        RANDOM.integers(10, 900, 20_000) * 25,
        RANDOM.poisson(20, 20_000),
        np.full(100, 7),
        np.zeros(0),
    ],
)
def test_amounts_are_not(amounts: Any) -> None:
    assert not is_given_out(of_values(amounts.astype(np.float64)))


def test_an_absurd_amount_is_named_although_each_row_has_its_own() -> None:
    won = RANDOM.lognormal(17, 0.5, N).round().astype(np.int64)
    won[4] = 10**13
    assert len(np.unique(won)) == N
    assert ("outliers", "paid") in accused(honest(paid=won))
