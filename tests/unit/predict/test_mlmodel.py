"""The MLmodel file: what MLflow needs to find in it."""

from __future__ import annotations

import json
from dataclasses import replace

import lightgbm as lgb
import numpy as np
import pandas as pd
import pytest
import yaml
from sklearn.linear_model import LogisticRegression

from tests.unit.predict.made import SIGNATURE, saved
from tidemill.engines.flavors.lightgbm import LightgbmFlavor
from tidemill.engines.flavors.sklearn import SklearnFlavor
from tidemill.ports.flavor import FeatureColumn, Flavor
from tidemill.predict.bundle import open_bundle
from tidemill.predict.mlmodel import mlmodel
from tidemill.predict.pack import pack
from tidemill.stores.memory.blobs import MemoryBlobs

NUMBERS = (FeatureColumn(name="call.age", type="float"), FeatureColumn(name="past.calls", type="int"))
X = pd.DataFrame(np.random.default_rng(0).normal(size=(80, 2)), columns=["call.age", "past.calls"])
Y = (X["call.age"] > 0).to_numpy(dtype=np.float64)


def packed(flavor: Flavor, model: object) -> dict[str, bytes]:
    """The files of a bundle of that model."""
    made = flavor.save(model, NUMBERS, "binary")
    signature = replace(SIGNATURE, features=NUMBERS, flavor=flavor.name, config=made.config, golden=())
    blobs = MemoryBlobs()
    return dict(open_bundle(pack(signature, made, {}, blobs), blobs).files)


@pytest.mark.parametrize(
    ("flavor", "model", "native", "file"),
    [
        (LightgbmFlavor(), lgb.LGBMClassifier(n_estimators=2, n_jobs=1, verbose=-1).fit(X, Y), "lightgbm", "data"),
        (SklearnFlavor(), LogisticRegression().fit(X, Y), "sklearn", "pickled_model"),
    ],
)
def test_names_a_loader_and_a_file_that_is_there(flavor: Flavor, model: object, native: str, file: str) -> None:
    files = packed(flavor, model)
    document = yaml.safe_load(files["MLmodel"])
    assert document["flavors"]["python_function"]["loader_module"] == f"mlflow.{native}"
    assert document["flavors"][native][file] in files
    assert document["metadata"] == {"system": "bank", "model": "caller", "label": "subscribed"}
    assert files["requirements.txt"].decode().splitlines() == list(flavor.save(model, NUMBERS, "binary").requirements)


def test_declares_the_inputs_where_all_are_numbers() -> None:
    document = yaml.safe_load(
        packed(LightgbmFlavor(), lgb.LGBMClassifier(n_estimators=2, n_jobs=1, verbose=-1).fit(X, Y))["MLmodel"]
    )
    assert json.loads(document["signature"]["inputs"]) == [
        {"name": "call.age", "required": True, "type": "double"},
        {"name": "past.calls", "required": True, "type": "double"},
    ]


def test_declares_no_inputs_where_one_is_a_word() -> None:
    signature = replace(SIGNATURE, config={"mlmodel": {"python_function": {"loader_module": "x"}}})
    assert "signature" not in yaml.safe_load(mlmodel(signature) or b"")


def test_there_is_none_for_a_model_that_mlflow_does_not_know() -> None:
    blobs = MemoryBlobs()
    assert "MLmodel" not in open_bundle(pack(SIGNATURE, saved(), {}, blobs), blobs).files
