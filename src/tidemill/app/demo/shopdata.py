"""The simulated shop's SQLite database: made with a history, and brought on in time, visit by visit."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import msgspec

from tidemill.app.demo.calendar import DAY_US, day_of, local_text, us_of
from tidemill.app.demo.visit import Act, Shown, Visit, acts_of, visits_of
from tidemill.app.demo.world import Customer, Design, world

Show = Callable[[Visit], Shown | None]
"""Asked at each visit what the customer is shown; None: nothing."""

NOTE = "Simulated by `tidemill demo`: no person, product or order in this database is real."
ABSURD = 10_000_000_000
"""The order that a person should see at once: ten billion won."""
ABSURD_AFTER = 0.8
"""How far into the history somebody mistypes it."""

TABLES = """
create table simulation (note text not null, design text not null, until_us integer not null);
create table customers (customer_id integer primary key, age integer, region text not null,
                        joined_at timestamp not null, updated_at timestamp not null);
create table products (product_id integer primary key, category text not null, price real not null,
                       listed_at timestamp not null, updated_at timestamp not null);
create table events (event_id integer primary key, customer_id integer not null, product_id integer not null,
                     kind text not null, price real, happened_at timestamp not null);
"""


def make(
    path: Path,
    *,
    seed: int,
    start: datetime,
    days: int,
    customers: int = 300,
    products: int = 40,
    wave_after: int | None = None,
    wave_days: int = 60,
    wave: int = 0,
) -> Design:
    """A new database with `days` of history from `start` (aware) on; one absurd order is in it.

    `wave_after`: so many days after `start` the tastes of the young and the mix of ages begin to shift, for good, as
    over `wave_days` in all `wave` new customers join. FileExistsError when there is a file.
    """
    begins = us_of(start)
    design = Design(
        seed=seed,
        start_us=begins,
        days=days,
        customers=customers,
        products=products,
        wave_us=None if wave_after is None else begins + wave_after * DAY_US,
        wave_days=wave_days,
        wave=wave,
    )
    if path.exists():
        raise FileExistsError(path)
    with linked(path) as link:
        link.executescript(TABLES)
        text = msgspec.json.encode(design).decode()
        link.execute("insert into simulation values (?, ?, ?)", (NOTE, text, begins))
        rows = [
            (one.id, one.category, float(one.price), local_text(one.listed_us), local_text(one.listed_us))
            for one in world(design).products
        ]
        link.executemany("insert into products values (?, ?, ?, ?, ?)", rows)
    advance(path, begins + days * DAY_US)
    return design


def advance(path: Path, until_us: int, show: Show | None = None) -> int:
    """Plays all visits up to a moment that have not been played; how many rows of `events` came.

    `show` is asked at each visit. What a customer does after a list that it gave happens after the list's own moment.
    """
    with linked(path) as link:
        design, since_us = state(link)
        if until_us <= since_us:
            return 0
        truth = world(design)
        acts: list[Act] = []
        for visit in between(design, since_us, until_us):
            shown = show(visit) if show is not None else None
            acts += acts_of(truth, visit, shown)
        enter(link, (one for one in truth.customers if since_us <= entered_us(one, design) < until_us))
        count = record(link, mistyped(acts, design, since_us, until_us))
        link.execute("update simulation set until_us = ?", (until_us,))
        return count


def until(path: Path) -> int:
    """Up to when the database has been played, in microseconds."""
    with linked(path) as link:
        return state(link)[1]


def counts(path: Path) -> tuple[int, int, int]:
    """How many customers, products and events there are."""
    with linked(path) as link:
        customers, products, events = (
            int(link.execute(f"select count(*) from {table}").fetchone()[0])
            for table in ("customers", "products", "events")
        )
        return customers, products, events


def design_of(path: Path) -> Design:
    """What the database was made from."""
    with linked(path) as link:
        return state(link)[0]


def state(link: sqlite3.Connection) -> tuple[Design, int]:
    """The design and the moment up to which it has been played."""
    text, until_us = link.execute("select design, until_us from simulation").fetchone()
    return msgspec.json.decode(text, type=Design), int(until_us)


def between(design: Design, since_us: int, until_us: int) -> Iterator[Visit]:
    """Visits from a moment on and before another, in order of time."""
    truth = world(design)
    for day in range(day_of(since_us), day_of(until_us) + 1):
        yield from (visit for visit in visits_of(truth, day) if since_us <= visit.at_us < until_us)


def entered_us(customer: Customer, design: Design) -> int:
    """When the customer's row is written: those from long ago are there from the beginning."""
    return max(customer.joined_us, design.start_us)


def enter(link: sqlite3.Connection, customers: Iterable[Customer]) -> None:
    """Rows of new customers."""
    rows = [
        (one.id, one.known_age, one.region, local_text(one.joined_us), local_text(one.updated_us)) for one in customers
    ]
    link.executemany("insert into customers values (?, ?, ?, ?, ?)", rows)


def record(link: sqlite3.Connection, acts: Iterable[Act]) -> int:
    """Rows of what happened, numbered in order of time; how many."""
    last = link.execute("select coalesce(max(event_id), 0) from events").fetchone()[0]
    rows = [
        (number, act.customer, act.product, act.kind, float(act.price), local_text(act.at_us))
        for number, act in enumerate(sorted(acts, key=lambda act: act.at_us), last + 1)
    ]
    link.executemany("insert into events values (?, ?, ?, ?, ?, ?)", rows)
    return len(rows)


def mistyped(acts: list[Act], design: Design, since_us: int, until_us: int) -> list[Act]:
    """The acts, the first purchase after the absurd moment with the absurd price."""
    moment = design.start_us + round(design.days * ABSURD_AFTER * DAY_US)
    if not since_us <= moment < until_us:
        return acts
    found = next((n for n, act in enumerate(acts) if act.kind == "purchase" and act.at_us >= moment), None)
    return acts if found is None else [*acts[:found], replace(acts[found], price=ABSURD), *acts[found + 1 :]]


@contextmanager
def linked(path: Path) -> Iterator[sqlite3.Connection]:
    """The database in one transaction."""
    with closing(sqlite3.connect(path)) as link, link:
        yield link
