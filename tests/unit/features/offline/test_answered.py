"""What checks read of answered asks: names, decisions, conditions, and what hangs together."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

import tidemill as tm
from tests.street import COMPUTE
from tidemill.errors import DataError
from tidemill.features.offline.answered import Named, entity_of, named, with_score
from tidemill.spec.check import Check
from tidemill.spec.model import Model


def model(**words: Any) -> Model:
    system = tm.System("s", owner="o@s.example", zone="Asia/Seoul")
    loans = system.source("loans", tm.files("loans"), key="loan", time="asked")
    form = system.request("form", loans, columns=["age", "town"])
    label = system.label("bad", asked=loans, outcome="bad")
    usual: dict[str, Any] = {"label": label, "features": [form], "split": tm.by_time(valid=0.1, test=0.1)}

    def fit(train: tm.Data, valid: tm.Data) -> object:
        return 0.5

    return system.model(**usual | words)(fit)


ROWS = pa.table(
    {
        "_asked_us": [0, 3_600_000_000, 7_200_000_000],
        "loan": [1, 2, 3],
        "town": ["Ulm", None, "Bonn"],
        "form.age": [20, None, 60],
        "decision": ["mine", "mine", "mine"],
    }
)
SCORED = with_score(ROWS, np.array([0.1, 0.5, 0.9]))


def about(of: Model, *checks: Check, rows: pa.Table = SCORED) -> Named:
    return named(rows, of, checks, "Asia/Seoul", COMPUTE)


def test_the_first_condition_that_is_true_decides() -> None:
    found = about(model(decide={"approve": "score < 0.4", "review": "score < 0.8", "decline": "true"}))
    assert found.columns["decision"].tolist() == ["approve", "review", "decline"]
    none = about(model(decide={"approve": "score < 0"}))
    assert none.columns["decision"].tolist() == [None, None, None]
    assert "decision" not in about(model()).columns


def test_a_decision_that_was_logged_is_kept() -> None:
    logged = SCORED.append_column("decision", pa.array(["a", "b", None]))
    found = about(model(decide={"approve": "true"}), rows=logged)
    assert found.columns["decision"].tolist() == ["a", "b", None]


def test_a_column_goes_by_its_own_name_or_by_the_short_name_of_the_one_feature() -> None:
    found = about(model(), tm.at_least("roc_auc", 0.5, by="town"), tm.at_most("brier", 1, by="age"))
    assert found.columns["town"].tolist() == ["Ulm", None, "Bonn"]
    assert found.columns["age"].tolist() == [20, None, 60]
    two = SCORED.append_column("more.age", pa.array([1, 2, 3]))
    with pytest.raises(DataError) as caught:
        about(model(), tm.at_most("brier", 1, by="age"), rows=two)
    assert caught.value.code == "data.column-missing"


def test_conditions_and_groups_are_expressions_over_the_ask() -> None:
    found = about(
        model(decide={"yes": "score > 0.3"}),
        tm.at_most("brier", 1, where="decision = 'yes' and age > 30"),
        tm.fair("hour(asked_at) < 10", decision="yes"),
        tm.fair("town", decision="yes"),
    )
    assert found.masks["decision = 'yes' and age > 30"].tolist() == [False, False, True]
    assert found.columns["hour(asked_at) < 10"].tolist() == [True, False, False]  # 9, 10 and 11 o'clock in Seoul
    assert found.columns["town"].tolist() == ["Ulm", None, "Bonn"]


def test_asks_hang_together_by_the_labels_keys_or_the_splits_group() -> None:
    plain = model()
    assert (entity_of(plain), about(plain).entity) == ((), None)
    trips = model(split=tm.by_time(valid=0.1, test=0.1, together="town"))
    assert about(trips).entity is not None
    assert about(trips).entity.tolist() == ["Ulm", "None", "Bonn"]  # type: ignore[union-attr]  # it was seen above
    keyed = replace(plain, label=replace(plain.label, by=("loan", "town")))
    found = about(keyed)
    assert found.entity is not None
    assert found.entity.tolist() == ["1|Ulm", "2|None", "3|Bonn"]
    assert found.asks is not None
    assert found.asks.tolist() == ["1|Ulm|0", "2|None|3600000000", "3|Bonn|7200000000"]


def test_metrics_per_column_bring_their_column() -> None:
    found = about(model(metrics=[tm.per("loan", "ndcg@10")]))
    assert found.columns["loan"].tolist() == [1, 2, 3]


def test_raw_columns_called_score_or_decision_make_room() -> None:
    trap = ROWS.append_column("score", pa.array([7, 8, 9]))
    scored = with_score(trap, np.array([0.1, 0.5, 0.9]))
    assert scored.column_names.count("score") == 1
    assert scored["score"].to_pylist() == [0.1, 0.5, 0.9]
    assert "decision" not in scored.column_names
