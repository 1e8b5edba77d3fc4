"""What the key of each stage is made of: code, versions, parameters, declarations, and digests of what goes in.

Never the time: the same rows, code and declarations are the same work. Of a moment only what follows from it counts,
how far outcomes are known and when candidates were asked.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from tidemill.facts.codec import canonical, digest
from tidemill.facts.data import DatasetVersion, TrainingSet
from tidemill.facts.model import Evaluation, ModelVersion
from tidemill.spec.label import Label
from tidemill.spec.model import Model
from tidemill.spec.source import Source

Parts = dict[str, str]


def extract(source: Source, run: str) -> Parts:
    """A source is read once for each run: what it holds is known only by reading."""
    return {"input:run": run, "declared:source": digest(source)}


def explore(
    source: Source,
    version: DatasetVersion,
    previous: DatasetVersion | None,
    others: Iterable[DatasetVersion],
    labels: Iterable[Label],
) -> Parts:
    """The version's landed rows, those looked at before, and the labels that leaks are searched for."""
    return {
        **{f"input:{each.dataset}": each.manifest for each in (version, *others)},
        "input:previous": previous.manifest if previous else "",
        "declared:source": digest(source),
        "declared:labels": digest(list(labels)),
    }


def prepare(
    model: Model, zone: str, versions: Iterable[DatasetVersion], moments: tuple[int, ...], watermark_us: int
) -> Parts:
    """All datasets, the label and the features, and how far outcomes are known."""
    return {
        **{f"input:{version.dataset}": version.manifest for version in versions},
        "input:moments": digest(moments),
        "input:watermark": str(watermark_us),
        "declared:label": digest(model.label),
        "declared:features": digest(model.features),
        "declared:split": digest(model.split),
        "declared:zone": zone,
    }


def train(model: Model, training_set: TrainingSet, tested: ModelVersion | None, seed: int) -> Parts:
    """The rows, the hyperparameters as declared (or as the tested version had them), what the bundle carries."""
    parameters: Mapping[str, object] = tested.parameters if tested else {each.name: each for each in model.parameters}
    return {
        "input:training_set": training_set.digest,
        "input:columns": digest(training_set.features),
        "input:tested": tested.bundle if tested else "",
        **{f"parameter:{name}": told(value) for name, value in parameters.items()},
        "parameter:seed": str(seed),
        "declared:features": digest(model.features),
        "declared:decide": digest(model.decide),
        "declared:label": digest(model.label),
    }


def evaluate(
    model: Model,
    version: ModelVersion,
    training_set: TrainingSet,
    champion: ModelVersion | None,
    beside: tuple[str, ...],
    seed: int,
) -> Parts:
    """The version, the rows, whom it is compared with, and in what."""
    return {
        "input:version": version.bundle,
        "input:training_set": training_set.digest,
        "input:champion": champion.bundle if champion else "",
        "parameter:beside": ",".join(beside),
        "parameter:seed": str(seed),
        "declared:metrics": digest(model.metrics),
        "declared:gates": digest(model.gates),
        "declared:decide": digest(model.decide),
    }


def validate(model: Model, evaluation: Evaluation, seed: int, trial_s: float) -> Parts:
    """The figures and the gates."""
    return {
        "input:evaluation": digest([evaluation.bundle, evaluation.champion, evaluation.blob, evaluation.scores]),
        "parameter:seed": str(seed),
        "parameter:trial_s": f"{trial_s:g}",
        "declared:gates": digest(model.gates),
        "declared:decide": digest(model.decide),
    }


def told(value: object) -> str:
    """A parameter as it is declared, in one line."""
    return canonical(value).decode()
