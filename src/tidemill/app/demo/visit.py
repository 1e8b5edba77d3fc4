"""What a customer does on one visit: looks at products, clicks some, buys a few."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from random import Random
from typing import Literal

from tidemill.app.demo.calendar import HOUR_US, HOURS, SECOND_US, busy, day_start_us
from tidemill.app.demo.world import Customer, World

Kind = Literal["view", "click", "purchase"]

ATTENTION = 0.5
"""Chance that the first of the shown products is looked at; each further one has nine tenths of the one before it."""
FADING = 0.9


@dataclass(frozen=True, slots=True, kw_only=True)
class Visit:
    """A customer comes. `number` seeds what happens then."""

    customer: Customer
    at_us: int
    number: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """Products that a customer was shown first, best first, and when."""

    at_us: int
    products: tuple[int, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Act:
    """One thing that a customer did."""

    customer: int
    product: int
    kind: Kind
    price: int
    at_us: int


def visits_of(world: World, day: int) -> tuple[Visit, ...]:
    """All visits of a local day, in order of time."""
    found = []
    begins, rush = day_start_us(day), busy(day)
    for customer in world.customers:
        number = (world.design.seed * 1_000_003 + customer.id) * 1_000_003 + day
        draw = Random(number)
        if draw.random() < min(customer.visits * rush, 0.95):
            hour = draw.choices(range(24), HOURS)[0]
            at = begins + hour * HOUR_US + round(draw.random() * HOUR_US)
            if customer.joined_us <= at and (customer.left_us is None or at < customer.left_us):
                found.append(Visit(customer=customer, at_us=at, number=number))
    return tuple(sorted(found, key=lambda visit: visit.at_us))


def acts_of(world: World, visit: Visit, shown: Shown | None = None) -> list[Act]:
    """What happens on a visit: products looked at one after the other, until one is bought or it is enough.

    Of a list that was shown some catch the eye first, after it was shown.
    """
    draw = Random(visit.number + 1)
    customer, at = visit.customer, visit.at_us if shown is None else shown.at_us
    likings = world.likings(customer, visit.at_us)
    enough = 3 + draw.randrange(5)
    places = draw.choices(range(len(world.products)), cum_weights=likings.looked, k=enough)
    noticed = [] if shown is None else seen_of(shown.products, draw)
    acts: list[Act] = []
    for place in list(dict.fromkeys([*noticed, *places]))[:enough]:
        at += round((2 + 4 * draw.random()) * SECOND_US)
        kinds: list[Kind] = ["view"]
        if draw.random() < likings.click[place]:
            kinds.append("click")
            if draw.random() < likings.buy[place]:
                kinds.append("purchase")
        product = world.products[place]
        for kind in kinds:
            at += SECOND_US
            acts.append(Act(customer=customer.id, product=product.id, kind=kind, price=product.price, at_us=at))
        if kinds[-1] == "purchase":
            break
    return acts


def seen_of(products: Sequence[int], draw: Random) -> list[int]:
    """Places of the shown products that the customer looks at."""
    return [number - 1 for place, number in enumerate(products) if draw.random() < ATTENTION * FADING**place]
