"""The stages as the loop calls them, by name: a table that tests may fill with stages of their own."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from tidemill.facts.data import DatasetVersion, Profile, TrainingSet
from tidemill.facts.model import Evaluation, ModelVersion, Validation
from tidemill.facts.release import Policy
from tidemill.facts.signal import Reading
from tidemill.lifecycle.evaluate import given as evaluating
from tidemill.lifecycle.evaluate import stage as evaluate
from tidemill.lifecycle.explore import given as exploring
from tidemill.lifecycle.explore import stage as explore
from tidemill.lifecycle.extract import push
from tidemill.lifecycle.extract import stage as extract
from tidemill.lifecycle.monitor import log
from tidemill.lifecycle.monitor import stage as monitor
from tidemill.lifecycle.prepare import given as preparing
from tidemill.lifecycle.prepare import stage as prepare
from tidemill.lifecycle.serve import stage as serve
from tidemill.lifecycle.train import given as training
from tidemill.lifecycle.train import stage as train
from tidemill.lifecycle.validate import stage as validate
from tidemill.ports.context import Context


@dataclass(frozen=True, slots=True, kw_only=True)
class Street:
    """The eight stages, and what brings data to them: the prediction log, and the records that answering looks up."""

    extract: Callable[[extract.Given, Context], tuple[DatasetVersion, ...]] = extract.run
    explore: Callable[[exploring.Given, Context], tuple[Profile, ...]] = explore.run
    prepare: Callable[[preparing.Given, Context], tuple[TrainingSet, ...]] = prepare.run
    train: Callable[[training.Given, Context], tuple[ModelVersion, ...]] = train.run
    evaluate: Callable[[evaluating.Given, Context], tuple[Evaluation, ...]] = evaluate.run
    validate: Callable[[validate.Given, Context], tuple[Validation, ...]] = validate.run
    serve: Callable[[serve.Given, Context], tuple[Policy, ...]] = serve.run
    monitor: Callable[[monitor.Given, Context], tuple[Reading, ...]] = monitor.run
    land: Callable[[str, str, int, Context], DatasetVersion | None] = log.land
    push: Callable[[push.Given, Context], tuple[str, ...]] = push.run


STREET = Street()
