"""scikit-learn models: which are taken, what is needed to read them again, and when they are refused."""

from __future__ import annotations

import sys
from types import ModuleType
from typing import Any

import numpy as np
import pandas as pd
import pytest
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.dummy import DummyClassifier
from sklearn.linear_model import LinearRegression, LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer
from sklearn.svm import LinearSVC

from tidemill.engines.flavors.sklearn import FILE, SklearnFlavor
from tidemill.errors import ModelError
from tidemill.ports.flavor import FeatureColumn

FEATURES = (FeatureColumn(name="a.x", type="float"), FeatureColumn(name="a.y", type="float"))
ROWS = np.random.default_rng(0).normal(size=(200, 2))
X = pd.DataFrame(ROWS, columns=["a.x", "a.y"])
Y = (ROWS[:, 0] > 0).astype(np.float64)
FLAVOR = SklearnFlavor()


class Doubled(TransformerMixin, BaseEstimator):  # type: ignore[misc]  # scikit-learn publishes no types.
    """A transformer that a team wrote in its system file."""

    def fit(self, X: Any, y: Any = None) -> Doubled:
        self.n_features_in_ = X.shape[1]
        return self

    def transform(self, X: Any) -> Any:
        return X * 2


@pytest.mark.parametrize(
    ("model", "kind", "code"),
    [
        (LogisticRegression(), "binary", "not-fitted"),
        (LinearRegression().fit(X, Y), "binary", "wrong-kind"),
        (LinearSVC().fit(X, Y), "binary", "wrong-kind"),
        (LogisticRegression().fit(X, Y), "number", "wrong-kind"),
        (DummyClassifier().fit(X, np.zeros(len(Y))), "binary", "one-class"),
        (LogisticRegression().fit(X, np.where(Y == 1, "yes", "no")), "binary", "one-class"),
        (make_pipeline(FunctionTransformer(lambda x: x), LinearRegression()).fit(X, Y), "number", "cannot-save"),
    ],
)
def test_says_what_is_wrong_with_a_model(model: object, kind: str, code: str) -> None:
    with pytest.raises(ModelError) as caught:
        FLAVOR.save(model, FEATURES, kind)
    assert caught.value.code == f"model.{code}"


def test_refuses_a_class_of_the_system_file_because_a_server_never_loads_it(monkeypatch: pytest.MonkeyPatch) -> None:
    system = ModuleType("my_system_file")
    monkeypatch.setitem(sys.modules, "my_system_file", system)
    monkeypatch.setattr(system, "Doubled", Doubled, raising=False)
    monkeypatch.setattr(Doubled, "__module__", "my_system_file")
    model = make_pipeline(Doubled(), LinearRegression()).fit(X, Y)
    with pytest.raises(ModelError) as caught:
        FLAVOR.save(model, FEATURES, "number")
    assert (caught.value.code, caught.value.fields["module"]) == ("model.needs-own-code", "my_system_file")


def test_requirements_pin_what_the_pickle_needs() -> None:
    saved = FLAVOR.save(make_pipeline(FunctionTransformer(np.tanh), LinearRegression()).fit(X, Y), FEATURES, "number")
    assert [line.partition("==")[0] for line in saved.requirements] == ["numpy", "pandas", "scikit-learn"]
    assert all(line.partition("==")[2] for line in saved.requirements)


@pytest.mark.parametrize(("saved_with", "reads"), [("same", True), ("0.24.1", False), ("99.0.0", False)])
def test_reads_a_model_only_with_the_release_that_saved_it(saved_with: str, reads: bool) -> None:
    saved = FLAVOR.save(LinearRegression().fit(X, Y), FEATURES, "number")
    config = dict(saved.config) | ({} if saved_with == "same" else {"sklearn": saved_with})
    if reads:
        assert FLAVOR.load(saved.files, config, FEATURES).predict(ROWS[:3]).shape == (3,)
    else:
        with pytest.raises(ModelError) as caught:
            FLAVOR.load(saved.files, config, FEATURES)
        assert caught.value.code == "model.library-changed"


def test_a_file_that_is_no_pickle_is_called_damaged() -> None:
    config = FLAVOR.save(LinearRegression().fit(X, Y), FEATURES, "number").config
    for data in (b"", b"no pickle", b"\x80\x05\x8c\x08nowhere_\x94\x8c\x01x\x94\x93\x94."):
        with pytest.raises(ModelError) as caught:
            FLAVOR.load({FILE: data}, config, FEATURES)
        assert caught.value.code == "model.damaged"


def test_what_the_models_own_predict_raises_is_said_in_its_words() -> None:
    saved = FLAVOR.save(LinearRegression().fit(X, Y), FEATURES, "number")
    scorer = FLAVOR.load(saved.files, saved.config, FEATURES)
    with pytest.raises(ModelError) as caught:
        scorer.predict(np.array([[1.0, np.nan]]))
    assert (caught.value.code, caught.value.fields["error"]) == ("model.predict-raised", "ValueError")


def test_a_model_fitted_without_names_is_asked_without_names() -> None:
    model = LinearRegression().fit(ROWS, Y)
    saved = FLAVOR.save(model, FEATURES, "number")
    np.testing.assert_array_equal(FLAVOR.load(saved.files, saved.config, FEATURES).predict(ROWS), model.predict(ROWS))
