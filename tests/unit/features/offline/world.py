"""A small lender with every word that joins, and what the words mean, row by row in plain Python."""

from __future__ import annotations

import hashlib
import math
import random
from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Any

import pyarrow as pa

import tidemill as tm
from tests.street import DAY, HOUR, Street, table, us
from tidemill.spec.label import Label
from tidemill.spec.model import Model
from tidemill.spec.view import View

Row = dict[str, Any]

START, SECOND_LOOK, END = us("2026-03-20"), us("2026-04-02"), us("2026-04-12")
SHARE = 0.5
KINDS = {
    "events": {
        "id": pa.int64(), "at": pa.timestamp("us", tz="UTC"), "customer": pa.string(), "kind": pa.string(),
        "price": pa.float64(),
    },
    "customers": {
        "customer": pa.string(), "updated": pa.timestamp("us", tz="UTC"), "joined": pa.timestamp("us", tz="UTC"),
        "color": pa.string(),
    },
    "loans": {
        "loan": pa.int64(), "asked": pa.timestamp("us", tz="UTC"), "customer": pa.string(), "amount": pa.float64(),
        "closed": pa.timestamp("us", tz="UTC"), "state": pa.string(),
    },
}  # fmt: skip


def fit(train: tm.Data, valid: tm.Data) -> object:
    return 0.5


class World:
    """The declared system; `rows` of each source as they landed, oldest first, with `_known` and `_row`."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)
        self.system = system = tm.System("lender", owner="o@lender.example", zone="Europe/Berlin")
        events = system.source("events", tm.files("events"), key="id", time="at", known="at + interval '1 hour'")
        customers = system.source("customers", tm.files("customers"), key="customer", time="updated", since="joined")
        self.loans = system.source("loans", tm.files("loans"), key="loan", time="asked")
        clicks = events.where("kind = 'click'", name="clicks")
        past = system.features("past", events, entity="customer", columns=["price", "kind"], windows={
            "n_2d": tm.count("2d"),
            "clicks_2d": tm.count("2d", where="kind = 'click'"),
            "spend_20d": tm.sum("price", "20d", scale=2),
            "mean_2d": tm.mean("price", "2d", scale=2),
            "lowest_3d": tm.min("price", "3d"),
            "kinds_2d": tm.distinct("kind", "2d"),
            "second": tm.lag("price", 2, within="12h"),
            "last_click": tm.last("price", where="kind = 'click'"),
            "days": tm.days_since_last(),
            "newest_at": tm.last("at"),
        })  # fmt: skip
        clicked = system.features("clicked", clicks, entity="customer", windows={"n_2d": tm.count("2d")})
        some = system.features("some", events.sample(SHARE), entity="customer", windows={"n_20d": tm.count("20d")})
        who = system.features("who", customers, entity="customer", columns=["color", "joined"], max_age="20d")
        form = system.request("form", self.loans, columns=[
            "amount", "amount / nullif(past.n_2d, 0) as per_row", "amount - past.price as above",
            "date_trunc('day', asked_at) as day", "past.newest_at < asked_at - interval '1 day' as quiet"])  # fmt: skip

        @system.on_request
        def late(asked_at: datetime, amount: float) -> float | None:
            return None if amount is None else asked_at.hour + amount

        self.features: list[View] = [past, clicked, some, who, form, late]
        self.labels: dict[str, Label] = {
            "ahead": system.label(
                "ahead", asked=self.loans, by="customer", outcome="case when n > 0 then lowest < 5 end",
                ahead={"n": tm.count("2d", of=clicks), "lowest": tm.min("price", "1d", of=events)}),
            "own": system.label("own", asked=self.loans, by="customer", ahead={"n": tm.count("3d")}, outcome="n"),
            "later": system.label(
                "later", asked=self.loans, known="asked_at + interval '10 days'",
                outcome="coalesce(closed <= asked_at + interval '10 days', false)"),
            "number": system.label("number", asked=self.loans.where("amount > 2"), outcome="amount * 2"),
            "immediate": system.label("immediate", asked=self.loans, outcome="state = 'bad'", known="closed"),
        }  # fmt: skip
        self.models: dict[str, Model] = {
            name: system.model(label=label, features=self.features, split=tm.by_hash(valid=0.1, test=0.1), name=name)(
                fit
            )
            for name, label in self.labels.items()
        }
        self.rows: dict[str, list[Row]] = {name: [] for name in KINDS}
        self.mill = Street(system, {name: table([], **kinds) for name, kinds in KINDS.items()})
        self.first = {"events": self.events(40), "customers": self.customers(6), "loans": self.asks(14)}
        self.land(self.first, START)
        second = {"events": self.events(20), "customers": self.customers(5), "loans": self.asks(6)}
        self.land({name: [*rows, *self.corrected(name)] for name, rows in second.items()}, SECOND_LOOK)

    def land(self, more: dict[str, list[Row]], now: int) -> None:
        """The rows come to the sources and are extracted at that moment."""
        for name, rows in more.items():
            self.mill.readers[name].add(table(rows, **KINDS[name]))
            is_first = not self.rows[name]
            self.mill.extract(name, now)
            for row in rows:
                time = row[{"events": "at", "customers": "updated", "loans": "asked"}[name]]
                came = time if is_first else max(time, now)
                known = row["at"] + HOUR if name == "events" else came
                self.rows[name].append(row | {"_known": known, "_row": len(self.rows[name]), "_time": time})

    def moment(self) -> int:
        """On the hour or not, so that ties and edges come."""
        return self.random.randrange(START, END, self.random.choice([HOUR, HOUR, 17 * 60_000_001]))

    def events(self, n: int) -> list[Row]:
        last = max((row["id"] for row in self.rows["events"]), default=0)
        pick = self.random.choice
        return [
            {"id": last + i + 1, "at": self.moment(), "customer": pick(["a", "b", "c", None]),
             "kind": pick(["click", "view", None]), "price": pick([None, 1.25, 4.5, 9.0, 11.1])}
            for i in range(n)
        ]  # fmt: skip

    def customers(self, n: int) -> list[Row]:
        pick: Any = self.random.choice
        at = [self.moment() for _ in range(n)]
        return [
            {"customer": pick(["a", "b"]), "updated": one, "joined": pick([None, one - 30 * DAY, one - HOUR]),
             "color": pick(["red", "blue", None])}
            for one in at
        ]  # fmt: skip

    def asks(self, n: int) -> list[Row]:
        last = max((row["loan"] for row in self.rows["loans"]), default=0)
        pick: Any = self.random.choice
        rows: list[Row] = [
            {"loan": last + i + 1, "asked": self.moment(), "customer": pick(["a", "b", "d", None]),
             "amount": pick([None, 1.0, 3.0, 8.5]), "state": pick(["good", "bad", None])}
            for i in range(n)
        ]  # fmt: skip
        return [row | {"closed": pick([None, row["asked"] + 10 * DAY, row["asked"] + 11 * DAY])} for row in rows]

    def corrected(self, name: str) -> list[Row]:
        """Some rows of the first look again, with other values under the same key and time."""
        changes: dict[str, Row] = {
            "events": {"price": 2.0, "kind": "click", "customer": "b"},
            "customers": {"color": "green"},
            "loans": {"amount": 100.0, "state": "bad", "closed": None},
        }
        return [row | changes[name] for row in self.random.sample(self.first[name], 4)]


def newest(rows: Iterable[Row], key: str) -> list[Row]:
    """Of each key and time the row that landed last, in landing order."""
    found: dict[object, Row] = {}
    for row in rows:
        found[row[key], row["_time"]] = row
    return sorted(found.values(), key=lambda row: row["_row"])


def versions(rows: Iterable[Row], key: str) -> list[Row]:
    """Every version that some moment sees, with `_until`: the first moment at which a later one could be known."""
    landed = list(rows)
    found = []
    for row in landed:
        later = [
            max(other["_time"], other["_known"])
            for other in landed
            if other["_row"] > row["_row"] and (other[key], other["_time"]) == (row[key], row["_time"])
        ]
        until = min(later, default=math.inf)
        if until > max(row["_time"], row["_known"]):
            found.append(row | {"_until": until})
    return found


def sampled(key: object) -> bool:
    return int(hashlib.md5(str(key).encode()).hexdigest()[:16], 16) < SHARE * 2**64


def seen(rows: Iterable[Row], customer: str | None, t: int) -> list[Row]:
    """The customer's rows that are visible at t, oldest first."""
    mine = [row for row in rows if row["customer"] == customer is not None]
    there = [row for row in mine if max(row["_time"], row["_known"]) < t <= row["_until"]]
    return sorted(there, key=lambda row: (row["_time"], row["_row"]))


def assumed(rows: Iterable[Row]) -> list[Row]:
    """The oldest row of each customer holds from `joined` on, and was known then if it was known as it happened."""
    found, met = [], set()
    for row in sorted(rows, key=lambda row: (row["_time"], row["_row"])):
        if row["customer"] not in met and row["joined"] is not None:
            time = min(row["_time"], row["joined"])
            found.append(row | {"_time": time, "_known": time if row["_known"] <= row["_time"] else row["_known"]})
        else:
            found.append(row)
        met.add(row["customer"])
    return found


def back(rows: list[Row], t: int, days: int, step: int) -> list[Row]:
    return [row for row in rows if row["_time"] >= (t - days * DAY) // step * step]


def values(rows: list[Row], column: str) -> list[Any]:
    return [row[column] for row in rows if row[column] is not None]


def looked_up(world: World, ask: Row) -> Row:
    """The features of the looked-up views for an ask, by full name."""
    t, customer = ask["asked"], ask["customer"]
    events = seen(versions(world.rows["events"], "id"), customer, t)
    clicks = [row for row in events if row["kind"] == "click"]
    two, three, twenty = (back(events, t, *span) for span in ((2, HOUR), (3, HOUR), (20, DAY)))
    recent = [row for row in events if row["_time"] >= t - 12 * HOUR]
    prices = values(two, "price")
    states = seen(assumed(versions(world.rows["customers"], "customer")), customer, t)
    found = max(states, key=lambda row: (row["_time"], row["_row"]), default=None)
    state = found if found and found["updated"] >= t - 20 * DAY else None
    some = [row for row in events if sampled(row["id"])]
    return {
        "past.price": events[-1]["price"] if events else None,
        "past.kind": events[-1]["kind"] if events else None,
        "past.n_2d": len(two),
        "past.clicks_2d": len([row for row in two if row["kind"] == "click"]),
        "past.spend_20d": math.fsum(values(twenty, "price")),
        "past.mean_2d": math.fsum(prices) / len(prices) if prices else None,
        "past.lowest_3d": min(values(three, "price"), default=None),
        "past.kinds_2d": len(set(values(two, "kind"))),
        "past.second": recent[-2]["price"] if len(recent) > 1 else None,
        "past.last_click": clicks[-1]["price"] if clicks else None,
        "past.days": (t - events[-1]["_time"]) / DAY if events else None,
        "past.newest_at": events[-1]["at"] if events else None,
        "clicked.n_2d": len(back(clicks, t, 2, HOUR)),
        "some.n_20d": len(back(some, t, 20, DAY)),
        "who.color": state["color"] if state else None,
        "who.joined": state["joined"] if state else None,
    }


def outcomes(world: World) -> dict[str, Callable[[Row, Row], tuple[float | None, int]]]:
    """Each label as a function of the ask as it was and as it turned out: (outcome, when it is known)."""
    events = newest(world.rows["events"], "id")
    loans = newest(world.rows["loans"], "loan")

    def ahead(ask: Row, last: Row) -> tuple[float | None, int]:
        mine = [
            row for row in events if row["customer"] == ask["customer"] is not None and row["_time"] >= ask["asked"]
        ]
        n = sum(row["kind"] == "click" and row["_time"] < ask["asked"] + 2 * DAY for row in mine)
        lowest = min(values([row for row in mine if row["_time"] < ask["asked"] + DAY], "price"), default=None)
        return (None if n == 0 or lowest is None else float(lowest < 5)), ask["asked"] + 2 * DAY

    def own(ask: Row, last: Row) -> tuple[float | None, int]:
        mine = [row for row in loans if row["customer"] == last["customer"] is not None and row["_row"] != last["_row"]]
        return float(sum(0 <= row["asked"] - ask["asked"] < 3 * DAY for row in mine)), ask["asked"] + 3 * DAY

    def later(ask: Row, last: Row) -> tuple[float | None, int]:
        known = ask["asked"] + 10 * DAY
        return float(last["closed"] is not None and last["closed"] <= known), known

    def number(ask: Row, last: Row) -> tuple[float | None, int]:
        if ask["amount"] is None or ask["amount"] <= 2:  # not of the asked part as it was when asked
            return None, ask["asked"]
        return (None if last["amount"] is None else last["amount"] * 2), ask["asked"]

    def immediate(ask: Row, last: Row) -> tuple[float | None, int]:
        return (None if last["state"] is None else float(last["state"] == "bad")), last["closed"] or 2**62

    return {"ahead": ahead, "own": own, "later": later, "number": number, "immediate": immediate}
