"""A lender's hourly loans with something to learn, as a system that the stages are tried on."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

import numpy as np
import pyarrow as pa

import tidemill as tm
from tests.street import DAY, HOUR, Street, us
from tidemill.spec.model import Model

START = us("2026-01-01")
ROWS = 600
LAST_TOWN = 540
"""From this row on there are loans in Kiel, a town that nobody trained on."""


def loans(rows: int = ROWS, seed: int = 0) -> pa.Table:
    """One loan an hour: the young and the big ones go bad more often. The columns `score` and `decision` are traps."""
    random = np.random.default_rng(seed)
    age = random.integers(18, 80, rows)
    amount = np.round(random.lognormal(8, 1, rows), 2)
    town = np.array(["Bonn", "Gera", "Ulm"], object)[random.integers(0, 3, rows)]
    town[LAST_TOWN::3] = "Kiel"
    bad = random.random(rows) < 0.1 + 0.5 * (age < 35) + 0.3 * (amount > 4000)
    return pa.table(
        {
            "loan": pa.array(range(rows), pa.int64()),
            "asked": pa.array([START + n * HOUR for n in range(rows)], pa.timestamp("us", tz="UTC")),
            "town": pa.array(town, pa.string()),
            "age": pa.array(age, mask=np.arange(rows) % 10 == 3),
            "amount": pa.array(amount),
            "score": pa.array(random.random(rows)),
            "decision": pa.array(["never"] * rows),
            "bad": pa.array(bad),
            "lost": pa.array(np.where(bad, amount * 0.4, 0.0) + random.normal(0, 10, rows)),
        }
    )


def towns() -> pa.Table:
    """What is known of two towns, from the start and from the tenth day on."""
    at = [START - DAY, START - DAY, START + 10 * DAY]
    updated = pa.array(at, pa.timestamp("us", tz="UTC"))
    return pa.table({"town": ["Bonn", "Ulm", "Ulm"], "updated": updated, "size": [300, 120, 130]})


def boosted(train: tm.Data, valid: tm.Data) -> object:
    """LightGBM, small."""
    import lightgbm as lgb

    model = lgb.LGBMClassifier(
        n_estimators=20, num_leaves=7, min_child_samples=10, random_state=1, n_jobs=1, verbose=-1
    )
    return model.fit(train.X, train.y)


def boosted_number(train: tm.Data, valid: tm.Data) -> object:
    """The same for a number."""
    import lightgbm as lgb

    model = lgb.LGBMRegressor(n_estimators=20, num_leaves=7, min_child_samples=10, random_state=1, n_jobs=1, verbose=-1)
    return model.fit(train.X, train.y)


def rate(train: tm.Data, valid: tm.Data) -> object:
    """The rate of the rows trained on."""
    return float(train.y.mean())


def lender(
    function: Callable[..., object] = rate,
    *,
    outcome: str = "bad",
    known: str | None = None,
    columns: Sequence[str] = ("age", "amount", "town", "amount / size_of.size as per_head"),
    rows: pa.Table | None = None,
    views: Sequence[str] = ("form", "nearby", "hour"),
    **words: Any,
) -> tuple[Street, Model]:
    """The extracted system and its one model `risk`."""
    system = tm.System("lender", owner="o@lender.example", zone="Europe/Berlin")
    source = system.source("loans", tm.files("loans"), key="loan", time="asked")
    places = system.source("towns", tm.files("towns"), key="town", time="updated")
    system.features("size_of", places, entity="town", columns=["size"])
    nearby = system.features("nearby", source, entity="town", windows={
        "loans_2d": tm.count("2d"), "mean_2d": tm.mean("amount", "2d", scale=2)})  # fmt: skip
    form = system.request("form", source, columns=list(columns))

    @system.on_request
    def hour(asked_at: datetime) -> int:
        return asked_at.hour

    label = system.label("bad", asked=source, outcome=outcome, known=known)
    features = [view for view in (form, nearby, hour) if view.name in views]
    usual: dict[str, Any] = {"features": features, "split": tm.by_time(valid=0.1, test=0.2)}
    model = system.model(label=label, name="risk", **usual | words)(function)
    mill = Street(system, {"loans": loans() if rows is None else rows, "towns": towns()})
    mill.extract_all()
    return mill, model
