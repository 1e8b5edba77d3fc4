"""Each Flavor against the suite; what is expected is said by the library itself, on pandas frames with categories."""

from __future__ import annotations

import lightgbm as lgb
import numpy as np
import pandas as pd
import pytest
from numpy.typing import NDArray
from sklearn.compose import make_column_transformer
from sklearn.ensemble import HistGradientBoostingRegressor
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder

from tidemill.engines.flavors.constant import ConstantFlavor
from tidemill.engines.flavors.lightgbm import LightgbmFlavor
from tidemill.engines.flavors.sklearn import SklearnFlavor
from tidemill.testing.flavor import FEATURES, Case, FlavorSuite, matrix, outcome

TRAIN, ROWS = matrix(800), matrix(200, seed=2)


def pandas(rows: NDArray[np.float64]) -> pd.DataFrame:
    """The rows as a library sees them: words for codes."""
    return pd.DataFrame(
        {
            feature.name: words(rows[:, place], feature.vocabulary) if feature.type == "text" else rows[:, place]
            for place, feature in enumerate(FEATURES)
        }
    )


def words(codes: NDArray[np.float64], vocabulary: tuple[str, ...]) -> pd.Series[str]:
    said = [None if np.isnan(code) else vocabulary[int(code)] for code in codes]
    return pd.Series(pd.Categorical(said, categories=list(vocabulary)))


class TestLightgbmClassifier(FlavorSuite):
    @pytest.fixture(scope="class")
    @classmethod
    def case(cls) -> Case:
        model = lgb.LGBMClassifier(n_estimators=30, min_child_samples=5, n_jobs=1, verbose=-1)
        model.fit(pandas(TRAIN), outcome(TRAIN))
        expected = np.asarray(model.predict_proba(pandas(ROWS)))[:, 1]
        return Case(flavor=LightgbmFlavor(), model=model, kind="binary", rows=ROWS, expected=expected)


class TestLightgbmBooster(FlavorSuite):
    @pytest.fixture(scope="class")
    @classmethod
    def case(cls) -> Case:
        data = lgb.Dataset(pandas(TRAIN), TRAIN[:, 2] + 3.0 * outcome(TRAIN))
        model = lgb.train({"objective": "poisson", "verbose": -1, "num_threads": 1}, data, num_boost_round=20)
        expected = np.asarray(model.predict(pandas(ROWS)))
        return Case(flavor=LightgbmFlavor(), model=model, kind="number", rows=ROWS, expected=expected)


class TestSklearnPipeline(FlavorSuite):
    @pytest.fixture(scope="class")
    @classmethod
    def case(cls) -> Case:
        columns = make_column_transformer(
            (SimpleImputer(), ["call.age", "past.calls"]), (OneHotEncoder(handle_unknown="ignore"), ["call.job"])
        )
        model = make_pipeline(columns, LogisticRegression(max_iter=500)).fit(pandas(TRAIN), outcome(TRAIN))
        expected = model.predict_proba(pandas(ROWS))[:, 1]
        return Case(flavor=SklearnFlavor(), model=model, kind="binary", rows=ROWS, expected=expected)


class TestSklearnRegressor(FlavorSuite):
    @pytest.fixture(scope="class")
    @classmethod
    def case(cls) -> Case:
        model = HistGradientBoostingRegressor(max_iter=5, categorical_features="from_dtype")
        model.fit(pandas(TRAIN), TRAIN[:, 2])
        return Case(flavor=SklearnFlavor(), model=model, kind="number", rows=ROWS, expected=model.predict(pandas(ROWS)))


class TestConstant(FlavorSuite):
    @pytest.fixture(scope="class")
    @classmethod
    def case(cls) -> Case:
        return Case(
            flavor=ConstantFlavor(), model=np.float64(0.25), kind="binary", rows=ROWS, expected=np.full(len(ROWS), 0.25)
        )
