"""A stream of asks whose meaning turns over half-way: what a model learnt before is wrong afterwards."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa

import tidemill as tm
from tests.street import HOUR, Street, us
from tidemill.loop.replay.drive import replay
from tidemill.loop.replay.record import Replayed, Wanted

START = us("2026-01-01")
ROWS, CHANGE, BEGIN = 3_200, 1_600, 600
"""Asks, one an hour; from which one on everything is the other way round; from where on it is replayed."""


def moment(row: int) -> int:
    return START + row * HOUR


def turning(seed: int = 3) -> pa.Table:
    """`x` tells the outcome in nine of ten rows, straight before the change and turned over after it."""
    random = np.random.default_rng(seed)
    x = random.normal(size=ROWS)
    sign = np.where(np.arange(ROWS) < CHANGE, 1.0, -1.0)
    y = (sign * x > 0) ^ (random.random(ROWS) < 0.1)
    at = pa.array([moment(row) for row in range(ROWS)], pa.timestamp("us", tz="UTC"))
    return pa.table({"id": pa.array(range(ROWS), pa.int64()), "at": at, "x": x, "y": y})


def fit(train: tm.Data, valid: tm.Data) -> object:
    return stump().fit(train.X, train.y)


def stump() -> Any:
    """A few rounds on one column."""
    import lightgbm as lgb

    return lgb.LGBMClassifier(n_estimators=5, num_leaves=7, min_child_samples=10, random_state=1, n_jobs=1, verbose=-1)


def street(*triggers: Any, known: str | None = None, rows: pa.Table | None = None, **words: Any) -> Street:
    """The stream with one model `flip`, retrained by these triggers."""
    system = tm.System("stream", owner="o@stream.example", zone="UTC")
    stream = system.source("stream", tm.files("stream"), key="id", time="at")
    form = system.request("form", stream, columns=["x"])
    label = system.label("turned", asked=stream, outcome="y", known=known)
    usual: dict[str, Any] = {
        "split": tm.by_time(valid=0, test=0.3, history=400),
        "gates": [tm.at_least("roc_auc", 0.7), tm.at_most("p99_ms", 50)],
    }
    model = system.model(label=label, features=[form], name="flip", **usual | words)(fit)
    kinds: dict[str, Any] = {"label": label, "source": stream}
    system.retrain(model, *(tm.new_rows(kinds[one[0]], one[1]) if isinstance(one, tuple) else one for one in triggers))
    mill = Street(system, {"stream": turning() if rows is None else rows})
    mill.extract_all()
    return mill


def replayed(mill: Street, **changes: Any) -> Replayed:
    """The replay from BEGIN to the end."""
    usual: dict[str, Any] = {"since_us": moment(BEGIN), "until_us": moment(ROWS - 1)}
    wanted = Wanted(system=mill.system, model="flip", versions=mill.versions, **usual | changes)
    return replay(wanted, mill.ctx, lambda what, done, total: None)
