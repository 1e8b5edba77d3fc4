"""The `MLmodel` file, with which a bundle's folder loads by `mlflow.pyfunc.load_model`."""

from __future__ import annotations

import json

import yaml

from tidemill.predict.signature import Signature

FILE = "MLmodel"


def mlmodel(signature: Signature) -> bytes | None:
    """The YAML text; None for a flavor that MLflow does not know.

    It says only what is the same whenever the same model is packed: no time, no random id. Inputs are declared where
    all are numbers; MLflow's types have no category, so a model with words takes the frame as it is given to it.
    """
    flavors = signature.config.get("mlmodel")
    if not flavors:
        return None
    document: dict[str, object] = {
        "flavors": flavors,
        "metadata": {"system": signature.system, "model": signature.model, "label": signature.label},
    }
    if all(feature.type != "text" for feature in signature.features):
        inputs = [{"name": feature.name, "required": True, "type": "double"} for feature in signature.features]
        document["signature"] = {"inputs": json.dumps(inputs)}
    return yaml.safe_dump(json.loads(json.dumps(document)), sort_keys=True, allow_unicode=True).encode()
