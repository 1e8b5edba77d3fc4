"""A small good system to plant mistakes into, and the schemas of its sources."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import tidemill as tm
from tidemill.spec.examine import Examination, examine
from tidemill.spec.label import Candidates, Label
from tidemill.spec.model import Model
from tidemill.spec.schema import Schemas
from tidemill.spec.view import Lookup, Request

SCHEMAS: Schemas = {
    "loans": {
        "loan_id": "int", "customer_id": "int", "amount": "int", "state": "text", "status": "text", "lost": "float",
        "applied_at": "timestamp", "closed_at": "timestamp",
    },
    "events": {
        "event_id": "int", "customer_id": "int", "item_id": "int", "kind": "text", "price": "float",
        "happened_at": "timestamp",
    },
}  # fmt: skip


def fit(train: tm.Data, valid: tm.Data) -> object:
    return train, valid


def is_weekend(asked_at: datetime) -> bool:
    return asked_at.weekday() >= 5


class Kit:
    """Loans with a form and a past, a label, and candidates over events; `model` completes it."""

    def __init__(self) -> None:
        self.system = tm.System("kit", owner="risk@bank.example", zone="Europe/Berlin")
        self.loans = self.system.source("loans", tm.files("loans.csv"), key="loan_id", time="applied_at")
        self.events = self.system.source("events", tm.files("events.csv"), key="event_id", time="happened_at")
        self.form = self.request()
        self.past = self.features("past", windows={"n": tm.count("30d")})
        self.bad = self.label()

    def request(self, name: str = "form", **changes: Any) -> Request:
        given: dict[str, Any] = {"source": self.loans, "columns": ["amount", "state"]}
        return self.system.request(name, **given | changes)

    def features(self, name: str = "more", **changes: Any) -> Lookup:
        given: dict[str, Any] = {"source": self.events, "entity": "customer_id"}
        return self.system.features(name, **given | changes)

    def label(self, name: str = "bad", **changes: Any) -> Label:
        given: dict[str, Any] = {"asked": self.loans, "outcome": "status = 'bad'"}
        return self.system.label(name, **given | changes)

    def candidates(self, name: str = "choices", **changes: Any) -> Candidates:
        given: dict[str, Any] = {
            "entity": "customer_id",
            "item": "item_id",
            "every": "0 4 * * *",
            "who": "select distinct customer_id from events where happened_at < $asked_at",
            "what": ["select distinct item_id from events where happened_at < $asked_at"],
        }
        return self.system.candidates(name, **given | changes)

    def model(self, function: Any = fit, **changes: Any) -> Model:
        given: dict[str, Any] = {
            "label": self.bad,
            "features": [self.form, self.past],
            "split": tm.by_time(valid=0.1, test=0.1),
            "gates": [tm.at_least("roc_auc", 0.6)],
        }
        return self.system.model(**given | changes)(function)

    def ranker(self, **changes: Any) -> Model:
        """A model of who buys which item."""
        choices = self.candidates()
        bought = self.label("bought", asked=choices, ahead={"sold": tm.count("7d", of=self.events)}, outcome="sold > 0")
        item = self.features("item", entity="item_id", windows={"sold_7d": tm.count("7d")})
        return self.model(**{"label": bought, "features": [self.past, item]} | changes)

    def examined(self, **given: Any) -> Examination:
        return examine(self.system.declared(), **{"schemas": SCHEMAS, "places": self.system.places} | given)
