"""A version: the team's function on the rows of its part, packed whole, or nothing at all."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from sklearn import tree

import tidemill as tm
from tests.street import DAY
from tests.unit.lifecycle.lender import LAST_TOWN, ROWS, START, boosted, lender, loans, rate
from tidemill.errors import DataError, ModelError
from tidemill.facts.data import ColumnType
from tidemill.features.offline.columns import matrix, values_of
from tidemill.measure.column import read
from tidemill.measure.drift import reference
from tidemill.predict.bundle import open_bundle
from tidemill.predict.golden import verify
from tidemill.predict.predictor import Predictor
from tidemill.spec.scalar import on_request_view
from tidemill.tell.words import sentence, way_out

LATE: dict[str, Any] = {"watermark_us": START + 1_000 * DAY}


def test_the_function_sees_the_rows_of_its_parts_with_their_keys() -> None:
    seen: dict[str, Any] = {}

    def look(train: tm.Data, valid: tm.Data) -> object:
        seen.update(train=train, valid=valid)
        return 0.5

    mill, _ = lender(look)
    facts = mill.prepare("risk", **LATE)
    version = mill.train(facts, run="run_7", ordinal=3)
    assert (version.name, version.run, version.role, version.tested) == ("risk@3", "run_7", "tested", None)
    assert (version.train_rows, version.training_set) == (420, facts.digest)
    assert version.trained_until_us == facts.parts[0].last_us
    train, valid = seen["train"], seen["valid"]
    assert train.keys["loan"].tolist() == list(range(420))
    assert valid.keys["loan"].tolist() == list(range(420, 480))
    assert list(train.X) == [feature.name for feature in facts.features]
    rows = mill.readers["loans"]._rows
    assert train.y.tolist() == rows["bad"].to_pylist()[:420]
    assert train.X["form.amount"].tolist() == rows["amount"].to_pylist()[:420]
    assert train.X["form.age"].isna().tolist() == [n % 10 == 3 for n in range(420)]


def test_words_come_from_the_rows_trained_on_and_unseen_ones_are_missing() -> None:
    mill, _ = lender(boosted)
    facts = mill.prepare("risk", **LATE)
    bundle = open_bundle(mill.train(facts).bundle, mill.ctx.blobs)
    town = next(one for one in bundle.signature.features if one.name == "form.town")
    assert town.vocabulary == ("Bonn", "Gera", "Ulm")
    inputs = matrix(mill.chosen(facts), bundle.signature.features)[:, 2]
    kiel = np.arange(ROWS) >= LAST_TOWN
    assert np.isnan(inputs[kiel][::3]).all()
    assert np.isfinite(inputs[~kiel]).all()
    refit = open_bundle(mill.train(facts, rows="forward").bundle, mill.ctx.blobs)
    assert next(one for one in refit.signature.features if one.name == "form.town").vocabulary == (
        "Bonn", "Gera", "Kiel", "Ulm",
    )  # fmt: skip


def test_the_bundle_answers_its_golden_rows_and_carries_what_a_server_needs() -> None:
    mill, _ = lender(boosted)
    facts = mill.prepare("risk", **LATE)
    bundle = open_bundle(mill.train(facts).bundle, mill.ctx.blobs)
    signature = bundle.signature
    predictor = Predictor(bundle, mill.ctx.flavors[signature.flavor])
    verify(predictor)
    assert len(signature.golden) == 20
    assert (signature.kind, signature.label, signature.zone) == ("binary", "bad", "Europe/Berlin")
    assert signature.request == (
        ColumnType(name="age", type="int"),
        ColumnType(name="amount", type="float"),
        ColumnType(name="town", type="text"),
    )
    assert signature.keys == (ColumnType(name="town", type="text"),)
    assert {(one.name, one.type) for one in signature.looked_up} == {
        ("nearby.loans_2d", "int"), ("nearby.mean_2d", "float"), ("size_of.size", "int"),
    }  # fmt: skip
    assert [view.name for view in signature.views] == ["nearby", "size_of", "form", "hour"]
    table = mill.chosen(facts)
    first, columns = table.slice(0, 420), signature.features
    scores = predictor.score(matrix(first, columns))
    by_ask = dict(zip(values_of(first["_asked_us"]).data.tolist(), scores.tolist(), strict=True))
    assert all(by_ask[row.asked_at_us] == row.score for row in signature.golden)
    amounts = reference(read(values_of(first["form.amount"]).data))
    assert bundle.references["form.amount"] == amounts
    assert bundle.references.keys() == {one.name for one in columns}
    predictor.close()


def often(loan: int) -> float:
    return 1 / (loan % 3) if loan % 3 else float("inf")


def nearly_always(loan: int) -> float:
    return 1.0 if loan in {7, 8, 9} else float("-inf")


def always(loan: int) -> float:
    return float("inf")


@pytest.mark.parametrize(("far", "remembered"), [(often, 20), (nearly_always, 3), (always, 0)])
def test_golden_rows_hold_no_infinite_number_and_answer_from_their_json(far: Any, remembered: int) -> None:
    """Amounts that are infinite or no number stand for unknown ones."""
    rows = loans()
    amount = rows["amount"].to_numpy().copy()
    amount[::2], amount[1::4] = np.inf, np.nan
    rows = rows.set_column(rows.column_names.index("amount"), "amount", pa.array(amount))
    mill, model = lender(boosted, rows=rows)
    function = on_request_view(far)
    mill.system = replace(mill.system, models=(replace(model, features=(*model.features, function)),))
    bundle = open_bundle(mill.train(mill.prepare("risk", **LATE)).bundle, mill.ctx.blobs)
    golden = bundle.signature.golden
    assert len(golden) == remembered
    assert all(math.isfinite(far(one.request["loan"])) for one in golden)
    assert {type(one.request["amount"]) for one in golden} <= {float, type(None)}
    predictor = Predictor(bundle, mill.ctx.flavors[bundle.signature.flavor])
    verify(predictor)
    predictor.close()


def test_a_row_whose_score_is_infinite_is_no_golden_one() -> None:
    def fit(train: tm.Data, valid: tm.Data) -> object:
        model = tree.DecisionTreeRegressor(max_depth=1).fit(train.X, train.y)
        model.tree_.value[model.apply(train.X)[0]] = np.inf
        return model

    mill, _ = lender(fit, outcome="amount", columns=["loan < 210 as early"], views=["form"])
    bundle = open_bundle(mill.train(mill.prepare("risk", **LATE)).bundle, mill.ctx.blobs)
    assert len(bundle.signature.golden) == 10
    predictor = Predictor(bundle, mill.ctx.flavors[bundle.signature.flavor])
    verify(predictor)
    predictor.close()


def test_a_refit_has_the_tested_parameters_and_every_window_moved_to_the_present() -> None:
    found: list[tuple[int, int, int]] = []

    def fit(train: tm.Data, valid: tm.Data, leaves: int = tm.tune(3, 9)) -> object:
        found.append((len(train.y), len(valid.y), leaves))
        return float(train.y.mean())

    mill, _ = lender(fit, split=tm.by_time(valid=60, test=120, history=500))
    facts = mill.prepare("risk", **LATE)
    tested = mill.train(facts)
    refit = mill.train(facts, ordinal=2, tested=tested)
    assert found == [(320, 60, 6), (500, 60, 6)]
    assert (refit.role, refit.tested, refit.parameters) == ("refit", "risk@1", {"leaves": 6})
    assert refit.trained_until_us == facts.until_us
    assert refit.bundle != tested.bundle


def test_a_refit_takes_no_more_rounds_than_were_tested() -> None:
    rounds = iter([5, 20])

    def fit(train: tm.Data, valid: tm.Data) -> object:
        import lightgbm as lgb

        model = lgb.LGBMClassifier(n_estimators=next(rounds), min_child_samples=10, verbose=-1, n_jobs=1)
        return model.fit(train.X, train.y)

    mill, _ = lender(fit)
    facts = mill.prepare("risk", **LATE)
    tested = mill.train(facts)
    refit = mill.train(facts, ordinal=2, tested=tested)
    trees = [open_bundle(one.bundle, mill.ctx.blobs).signature.config["trees"] for one in (tested, refit)]
    assert trees == [5, 5]


def test_the_same_rows_and_seed_make_the_same_bundle() -> None:
    first, second = (
        mill.train(mill.prepare("risk", **LATE)).bundle for mill in (lender(boosted)[0], lender(boosted)[0])
    )
    assert first == second


@pytest.mark.parametrize(
    ("words", "part", "rows", "positives"),
    [
        ({"split": tm.by_time(valid=0.1, test=30)}, "test", 30, None),
        ({"split": tm.by_time(valid=0.1, test=0.85)}, "train", 30, None),
        ({"outcome": "loan < 300"}, "test", 120, 0),
        ({"outcome": "loan >= 500", "known": "asked_at + interval '1 second'"}, "train", 420, 0),
    ],
)
def test_too_little_known_is_refused_but_not_for_a_refit(
    words: dict[str, Any], part: str, rows: int, positives: int | None
) -> None:
    mill, _ = lender(rate, **words)
    facts = mill.prepare("risk", **LATE)
    with pytest.raises(DataError) as caught:
        mill.train(facts)
    fields = caught.value.fields
    assert (caught.value.code, fields["part"], fields["rows"]) == ("data.too-few-known", part, rows)
    assert positives is None or fields["positives"] == positives
    assert mill.train(facts, rows="forward").train_rows == ROWS


def test_groups_that_live_all_the_time_are_said_to_leave_no_test() -> None:
    mill, _ = lender(rate, split=tm.by_time(valid=0.1, test=0.2, together="town"))
    with pytest.raises(DataError) as caught:
        mill.train(mill.prepare("risk", **LATE))
    assert (caught.value.code, caught.value.fields["together"]) == ("data.too-few-known", "town")
    told = caught.value.code, caught.value.fields
    assert "rows whose town came in an earlier part are left out" in sentence(*told)
    assert 'tm.by_group("town")' in way_out(*told)


def raises(train: tm.Data, valid: tm.Data) -> object:
    raise RuntimeError("out of luck")


def nothing(train: tm.Data, valid: tm.Data) -> object:
    return None


def not_a_number(train: tm.Data, valid: tm.Data) -> object:
    return float("nan")


def too_much(train: tm.Data, valid: tm.Data) -> object:
    return 7.0


@pytest.mark.parametrize(
    ("function", "code"),
    [
        (raises, "model.function-raised"),
        (nothing, "model.returned-nothing"),
        (not_a_number, "model.nan-score"),
        (too_much, "model.not-a-probability"),
    ],
)
def test_a_function_that_fails_is_named_and_leaves_nothing(function: Any, code: str) -> None:
    mill, _ = lender(function)
    facts = mill.prepare("risk", **LATE)
    with pytest.raises(ModelError) as caught:
        mill.train(facts)
    assert caught.value.code == code


def test_a_number_is_learnt_as_such() -> None:
    mill, _ = lender(too_much, outcome="amount")
    facts = mill.prepare("risk", **LATE)
    assert facts.parts[0].positives is None
    assert open_bundle(mill.train(facts).bundle, mill.ctx.blobs).signature.kind == "number"
