"""Who the simulated shop's customers are, what it sells, and what each of them likes: the truth behind the data."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from itertools import accumulate
from math import exp
from random import Random

from tidemill.app.demo.calendar import DAY_US, month

REGIONS = {"Seoul": 30, "Gyeonggi": 25, "Busan": 16, "Daegu": 12, "Gwangju": 9, "Jeju": 8}
"""Where customers live, and how many of a hundred."""
WAVE_REGION = "Jeju"
CATEGORIES: Mapping[str, float] = {
    "beauty": 18_000, "books": 15_000, "electronics": 240_000, "fashion": 45_000,
    "food": 12_000, "gaming": 60_000, "home": 70_000, "sports": 55_000,
}  # fmt: skip
"""What is sold, and the median price in won."""

AGES: tuple[tuple[range, int], ...] = (
    (range(14, 20), 10), (range(20, 30), 20), (range(30, 40), 28), (range(40, 50), 20), (range(50, 70), 22),
)  # fmt: skip
"""Years of age and how many of a hundred customers have them."""

TASTE: Sequence[Mapping[str, float]] = (
    {"fashion": 2.0, "beauty": 1.7, "food": 0.6, "gaming": -1.2, "home": -2.0, "electronics": -0.8},
    {"fashion": 1.4, "beauty": 1.3, "electronics": 0.9, "gaming": -0.8, "home": -1.2, "books": -0.9, "food": -0.5},
    {"electronics": 1.1, "home": 1.2, "food": 0.6, "gaming": -1.4, "beauty": -0.3, "fashion": -0.6, "books": -0.3},
    {"home": 1.2, "food": 1.0, "books": 0.8, "gaming": -1.6, "fashion": -0.5},
    {"food": 1.3, "books": 1.2, "sports": 0.9, "gaming": -2.2, "fashion": -1.0, "electronics": -0.5},
)
"""What each of the age groups likes; 0 where nothing is said."""

WAVE_TASTE: Mapping[str, float] = {
    "gaming": 2.2, "sports": 1.2, "electronics": -0.6, "food": -1.4, "books": -1.6, "home": -2.0, "fashion": -2.0,
    "beauty": -2.0,
}  # fmt: skip
"""What those like who come with the wave."""

SEASON: Mapping[int, Mapping[str, float]] = {
    1: {"sports": -0.2}, 5: {"home": 0.2}, 6: {"sports": 0.2}, 7: {"sports": 0.3}, 8: {"sports": 0.2},
    11: {"electronics": 0.3}, 12: {"gaming": 0.3, "beauty": 0.3},
}  # fmt: skip

MISSING_AGE = 0.5
"""Share of those over fifty who do not say how old they are."""
STRENGTH = 3.2
VISITS_A_DAY = 0.4
CLICK, BUY = 0.4, -1.3
"""Log-odds that what is looked at is clicked, and what is clicked is bought, where taste and quality are nothing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Design:
    """What makes the shop what it is: the same design and the same lists shown give the same rows.

    `wave_us`: from then on, over `wave_days`, `wave` customers join who are young, live in `WAVE_REGION` and like other
    things, and as many of the others stay away (None: never).
    """

    seed: int
    start_us: int
    days: int
    customers: int = 300
    products: int = 40
    wave_us: int | None = None
    wave_days: int = 60
    wave: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Customer:
    """One customer; `known_age` is what the table has of the age. `visits`: how many a usual day sees."""

    id: int
    age: int
    known_age: int | None
    region: str
    joined_us: int
    left_us: int | None
    updated_us: int
    visits: float
    likes: Mapping[str, float]
    thrift: float
    is_new: bool

    @property
    def group(self) -> int:
        """Place of the age group."""
        return next(place for place, (years, _) in enumerate(AGES) if self.age in years)


@dataclass(frozen=True, slots=True, kw_only=True)
class Product:
    """One product; `quality` is how much everybody likes it beside its kind."""

    id: int
    category: str
    price: int
    quality: float
    listed_us: int

    @property
    def dearness(self) -> float:
        """Price beside the median of its kind: 0 as usual, 1 twice as dear."""
        return self.price / CATEGORIES[self.category] - 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Likings:
    """One customer's view of all products: running sums of how often each is looked at, chances of click and buy."""

    looked: Sequence[float]
    click: Sequence[float]
    buy: Sequence[float]


@dataclass(slots=True)
class World:
    """Everybody and everything of a design; drawn from the seed, each on its own, so that order does not matter."""

    design: Design
    customers: tuple[Customer, ...] = ()
    products: tuple[Product, ...] = ()
    _known: dict[tuple[int, int], Likings] = field(default_factory=dict)

    def likings(self, customer: Customer, at_us: int) -> Likings:
        """What the customer likes then."""
        key = (customer.id, month(at_us))
        if key not in self._known:
            liked = self.utilities(customer, at_us)
            self._known[key] = Likings(
                looked=tuple(accumulate(exp(0.2 * one) for one in liked)),
                click=tuple(chance(CLICK + 0.1 * one) for one in liked),
                buy=tuple(chance(BUY + 1.5 * one) for one in liked),
            )
        return self._known[key]

    def utilities(self, customer: Customer, at_us: int) -> list[float]:
        """How much each product is to the customer's liking then."""
        season = SEASON.get(month(at_us), {})
        taste = WAVE_TASTE if customer.is_new else TASTE[customer.group]
        return [
            STRENGTH * taste.get(one.category, 0.0)
            + customer.likes[one.category]
            + one.quality
            - customer.thrift * one.dearness
            + season.get(one.category, 0.0)
            for one in self.products
        ]


@cache
def world(design: Design) -> World:
    """The world of a design."""
    return World(
        design,
        customers=tuple(customer(design, place) for place in range(1, design.customers + design.wave + 1)),
        products=tuple(product(design, place) for place in range(1, design.products + 1)),
    )


def customer(design: Design, id: int) -> Customer:
    """The customer of that number; those after `design.customers` come with the wave."""
    draw = Random(design.seed * 1_000_003 + id)
    is_new = id > design.customers
    years = draw.choices([years for years, _ in AGES], [share for _, share in AGES])[0] if not is_new else AGES[0][0]
    age = draw.choice(years)
    joined = joined_us(design, id, draw)
    later = draw.random() < 0.1
    return Customer(
        id=id,
        age=age,
        known_age=None if draw.random() < MISSING_AGE and age >= 50 else age,
        region=draw.choices(tuple(REGIONS), tuple(REGIONS.values()))[0] if not is_new else WAVE_REGION,
        joined_us=joined,
        left_us=left_us(design, id),
        updated_us=joined + (round(draw.random() * 20 * DAY_US) if later and not is_new else 0),
        visits=VISITS_A_DAY * draw.gammavariate(0.8, 1.25),
        likes={category: draw.gauss(0.0, 0.15) for category in CATEGORIES},
        thrift=abs(draw.gauss(0.2, 0.1)),
        is_new=is_new,
    )


def joined_us(design: Design, id: int, draw: Random) -> int:
    """When: nine of ten long ago, one in the history, those of the wave one after the other."""
    if id > design.customers and design.wave_us is not None:
        place = (id - design.customers - draw.random()) / max(design.wave, 1)
        return design.wave_us + round(place * design.wave_days * DAY_US)
    if draw.random() < 0.9:
        return design.start_us - round((1 + draw.random() * 700) * DAY_US)
    return design.start_us + round(draw.random() * design.days * 0.8 * DAY_US)


def left_us(design: Design, id: int) -> int | None:
    """When the customer comes no more: for each who comes with the wave one of the others goes, at a random moment."""
    draw = Random(design.seed * 1_000_003 + id + 500_009)
    goes = draw.random() < design.wave / max(design.customers, 1)
    if design.wave_us is None or id > design.customers or not goes:
        return None
    return design.wave_us + round(draw.random() * design.wave_days * DAY_US)


def product(design: Design, id: int) -> Product:
    """The product of that number."""
    draw = Random(design.seed * 1_000_003 - id)
    category = tuple(CATEGORIES)[id % len(CATEGORIES)]
    price = CATEGORIES[category] * draw.lognormvariate(0.0, 0.4)
    listed = design.start_us - round((1 + draw.random() * 900) * DAY_US)
    return Product(
        id=id,
        category=category,
        price=max(round(price / 100) * 100, 1_000),
        quality=draw.gauss(0.0, 0.5),
        listed_us=listed,
    )


def chance(odds: float) -> float:
    """The probability of log-odds."""
    return 1.0 / (1.0 + exp(-odds))
