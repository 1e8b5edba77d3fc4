"""LightGBM models: which are taken, and that scores are LightGBM's own to the last bit."""

from __future__ import annotations

import ctypes
import subprocess
import sys
from pathlib import Path
from typing import Any

import lightgbm as lgb
import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tidemill.engines.flavors import lightgbm as module
from tidemill.engines.flavors.lightgbm import FILE, LightgbmFlavor
from tidemill.engines.flavors.trial import TrialFlavor
from tidemill.errors import ModelError
from tidemill.ports.flavor import FeatureColumn

FEATURES = (
    FeatureColumn(name="call.age", type="float"),
    FeatureColumn(name="call.job", type="text", vocabulary=("clerk", "cook", "nurse")),
)
QUIET = {"verbose": -1, "num_threads": 1, "min_data_in_leaf": 3}
FLAVOR = LightgbmFlavor()


def frame(ages: list[float | None], jobs: list[str | None]) -> pd.DataFrame:
    """As the training function gets it: the vocabulary's words are the categories."""
    job = pd.Categorical(jobs, categories=list(FEATURES[1].vocabulary))
    return pd.DataFrame({"call.age": pd.Series(ages, dtype="float64"), "call.job": job})


def training() -> tuple[pd.DataFrame, np.ndarray[Any, np.dtype[np.float64]]]:
    random = np.random.default_rng(0)
    jobs = random.choice(["clerk", "cook", "nurse", ""], 600)
    ages = [None if n % 9 == 0 else float(age) for n, age in enumerate(random.normal(40, 10, 600))]
    X = frame(ages, [job or None for job in jobs])
    return X, (random.random(600) < 0.2 + 0.5 * (jobs == "cook")).astype(np.float64)


X, Y = training()
CLASSIFIER = lgb.LGBMClassifier(n_estimators=20, min_child_samples=3, n_jobs=1, verbose=-1).fit(X, Y)
SAVED = FLAVOR.save(CLASSIFIER, FEATURES, "binary")


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    rows=st.lists(
        st.tuples(
            st.none() | st.floats(allow_nan=False, width=64),
            st.sampled_from(["clerk", "cook", "nurse", "astronaut", None]),
        ),
        min_size=1,
        max_size=8,
    )
)
def test_any_row_scores_as_in_pandas_with_words_never_seen_and_missing_values(
    rows: list[tuple[float | None, str | None]],
) -> None:
    ages, jobs = zip(*rows, strict=True)
    # LightGBM is given a frame with the words as they come; it maps those it does not know to missing itself.
    as_it_comes = pd.DataFrame({"call.age": pd.Series(ages, dtype="float64"), "call.job": pd.Categorical(jobs)})
    expected = np.asarray(CLASSIFIER.predict_proba(as_it_comes))[:, 1]
    codes = [FEATURES[1].vocabulary.index(job) if job in FEATURES[1].vocabulary else np.nan for job in jobs]
    matrix = np.column_stack([np.array(ages, dtype=np.float64), np.array(codes, dtype=np.float64)])
    scorer = FLAVOR.load(SAVED.files, SAVED.config, FEATURES)
    assert scorer.predict(matrix).tolist() == expected.tolist()
    assert [float(scorer.predict(row[None])[0]) for row in matrix] == expected.tolist()
    scorer.close()


def test_early_stopping_keeps_the_best_iteration_and_its_scores() -> None:
    data = lgb.Dataset(X[:300], Y[:300], free_raw_data=False)
    booster = lgb.train(
        {"objective": "binary", **QUIET},
        data,
        num_boost_round=200,
        valid_sets=[lgb.Dataset(X[300:], Y[300:], reference=data)],
        callbacks=[lgb.early_stopping(5, verbose=False)],
        keep_training_booster=True,
    )
    saved = FLAVOR.save(booster, FEATURES, "binary")
    codes = X["call.job"].cat.codes.to_numpy(dtype=np.float64)
    matrix = np.column_stack([X["call.age"].to_numpy(), np.where(codes < 0, np.nan, codes)])
    scorer = FLAVOR.load(saved.files, saved.config, FEATURES)
    assert saved.config["trees"] == booster.best_iteration < booster.current_iteration()
    np.testing.assert_array_equal(scorer.predict(matrix), booster.predict(X, num_iteration=booster.best_iteration))


def fitted(objective: str, *, y: Any = None, **more: object) -> lgb.Booster:
    return lgb.train(
        {"objective": objective, **QUIET, **more}, lgb.Dataset(X, Y if y is None else y), num_boost_round=2
    )


@pytest.mark.parametrize(
    ("objective", "more", "kind", "taken"),
    [
        ("binary", {}, "binary", True),
        ("cross_entropy", {}, "binary", True),
        ("regression", {}, "binary", False),
        ("multiclass", {"num_class": 2}, "binary", False),
        ("regression", {}, "number", True),
        ("poisson", {}, "number", True),
        ("quantile", {}, "number", True),
        ("binary", {}, "number", False),
        ("multiclass", {"num_class": 2}, "number", False),
    ],
)
def test_takes_objectives_whose_output_is_what_the_label_asks(
    objective: str, more: dict[str, object], kind: str, taken: bool
) -> None:
    model = fitted(objective, **more)
    if taken:
        assert FLAVOR.save(model, FEATURES, kind).config["objective"] == objective
    else:
        with pytest.raises(ModelError) as caught:
            FLAVOR.save(model, FEATURES, kind)
        assert (caught.value.code, caught.value.fields["predicts"]) == ("model.wrong-kind", objective)


def raw_scores(truth: Any, scores: Any) -> tuple[Any, Any]:
    return scores - truth, np.ones_like(truth)


def changed(X: pd.DataFrame) -> pd.DataFrame:
    return X.assign(**{"call.job": X["call.job"].cat.set_categories(["cook", "clerk", "nurse"])})


@pytest.mark.parametrize(
    ("model", "code"),
    [
        (lgb.LGBMClassifier, "not-fitted"),
        (lambda: lgb.LGBMRegressor(verbose=-1, n_jobs=1, n_estimators=3).fit(X, Y), "wrong-kind"),
        (
            lambda: lgb.LGBMClassifier(verbose=-1, n_jobs=1, n_estimators=3, objective=raw_scores).fit(X, Y),
            "wrong-kind",
        ),
        (lambda: lgb.LGBMClassifier(verbose=-1, n_jobs=1, n_estimators=3).fit(X, np.zeros(len(X))), "one-class"),
        (
            lambda: lgb.LGBMClassifier(verbose=-1, n_jobs=1, n_estimators=3).fit(X, np.where(Y == 1, "yes", "no")),
            "one-class",
        ),
        (lambda: lgb.LGBMClassifier(verbose=-1, n_jobs=1, n_estimators=3).fit(X[["call.age"]], Y), "changed-columns"),
        (
            lambda: lgb.LGBMClassifier(verbose=-1, n_jobs=1, n_estimators=3).fit(X[["call.job", "call.age"]], Y),
            "changed-columns",
        ),
        (lambda: lgb.LGBMClassifier(verbose=-1, n_jobs=1, n_estimators=3).fit(changed(X), Y), "changed-categories"),
    ],
)
def test_says_what_is_wrong_with_a_model(model: Any, code: str) -> None:
    with pytest.raises(ModelError) as caught:
        FLAVOR.save(model(), FEATURES, "binary")
    assert caught.value.code == f"model.{code}"


def test_a_model_fitted_on_plain_numbers_needs_no_names() -> None:
    numbers = (FEATURES[0], FeatureColumn(name="call.n", type="int"))
    rows = np.random.default_rng(0).normal(size=(100, 2))
    model = lgb.LGBMRegressor(n_estimators=3, min_child_samples=3, verbose=-1, n_jobs=1).fit(rows, rows[:, 0])
    saved = FLAVOR.save(model, numbers, "number")
    np.testing.assert_array_equal(FLAVOR.load(saved.files, saved.config, numbers).predict(rows), model.predict(rows))


def test_files_of_another_model_are_not_taken_for_this_one() -> None:
    with pytest.raises(ModelError) as caught:
        FLAVOR.load(SAVED.files, SAVED.config, FEATURES[:1])
    assert caught.value.code == "model.damaged"


def test_no_changed_byte_ends_this_process() -> None:
    matrix = np.array([[30.0, 1.0], [50.0, np.nan], [np.nan, 0.0]])
    random = np.random.default_rng(0)
    found = set()
    for _ in range(20):
        text = bytearray(SAVED.files[FILE])
        for place in random.integers(0, len(text) // 2, 30):
            text[place] = random.integers(32, 127)
        scorer = TrialFlavor(FLAVOR, seconds=20).load({FILE: bytes(text)}, {}, FEATURES)
        try:
            found.add(str(scorer.predict(matrix).shape))
        except ModelError as error:
            found.add(error.code)
    assert "model.damaged" in found
    assert found <= {"(3,)", "model.damaged", "model.too-slow-to-load"}


def test_a_file_that_takes_too_long_is_given_up() -> None:
    scorer = TrialFlavor(FLAVOR, seconds=0.0).load(SAVED.files, SAVED.config, FEATURES)
    with pytest.raises(ModelError) as caught:
        scorer.predict(np.zeros((1, 2)))
    assert caught.value.code == "model.too-slow-to-load"


def test_keeps_no_more_rounds_than_it_is_told() -> None:
    few = FLAVOR.save(CLASSIFIER, FEATURES, "binary", rounds=7)
    assert (few.config["trees"], FLAVOR.save(CLASSIFIER, FEATURES, "binary", rounds=99).config["trees"]) == (7, 20)
    rows = np.array([[30.0, 1.0], [50.0, np.nan]])
    expected = CLASSIFIER.predict_proba(frame([30.0, 50.0], ["cook", None]), num_iteration=7)
    np.testing.assert_array_equal(
        FLAVOR.load(few.files, few.config, FEATURES).predict(rows), np.asarray(expected)[:, 1]
    )


def test_scoring_imports_neither_lightgbm_nor_pandas(tmp_path: Path) -> None:
    (tmp_path / FILE).write_bytes(SAVED.files[FILE])
    code = f"""
import sys
import numpy as np
from tidemill.engines.flavors.lightgbm import LightgbmFlavor
from tidemill.ports.flavor import FeatureColumn
features = [FeatureColumn(name="call.age", type="float"), FeatureColumn(name="call.job", type="text")]
scorer = LightgbmFlavor().load({{"{FILE}": open({str(tmp_path / FILE)!r}, "rb").read()}}, {{}}, features)
print(float(scorer.predict(np.array([[30.0, 1.0]]))[0]))
print(sorted({{"lightgbm", "pandas", "pyarrow", "sklearn", "scipy"}} & set(sys.modules)))
"""
    said = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.splitlines()
    expected = FLAVOR.load(SAVED.files, SAVED.config, FEATURES).predict(np.array([[30.0, 1.0]]))
    assert said == [repr(float(expected[0])), "[]"]


@pytest.mark.parametrize(
    ("words", "code"),
    [
        ("libgomp.so.1: cannot open shared object file: No such file or directory", "model.libgomp-missing"),
        ("lib_lightgbm.so: wrong ELF class", "model.library-unloadable"),
    ],
)
def test_says_the_way_out_when_the_library_cannot_be_loaded(
    monkeypatch: pytest.MonkeyPatch, words: str, code: str
) -> None:
    def refuse(path: str) -> ctypes.CDLL:
        raise OSError(words)

    monkeypatch.setattr(ctypes, "CDLL", refuse)
    with pytest.raises(ModelError) as caught:
        module._opened(Path("lib_lightgbm.so"))
    assert (caught.value.code, caught.value.fields["words"]) == (code, words)


def test_says_which_extra_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "find_spec", lambda name: None)
    with pytest.raises(ModelError) as caught:
        module._library.__wrapped__()
    assert (caught.value.code, caught.value.fields["extra"]) == ("model.library-missing", "lightgbm")
