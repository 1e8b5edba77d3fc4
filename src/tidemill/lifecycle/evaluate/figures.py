"""Scores of a version and of those beside it: with intervals on the test rows, in slices, inside time blocks."""

from __future__ import annotations

from collections.abc import Iterable

from tidemill.facts.model import Score
from tidemill.measure.answers import Answers, figure
from tidemill.measure.blocks import in_blocks
from tidemill.measure.slices import slices
from tidemill.spec.check import SERVING, AtLeast, AtMost, Metric, NotWorse, metric_text
from tidemill.spec.model import Model

BINARY: tuple[Metric, ...] = ("roc_auc", "average_precision", "log_loss", "brier", "ece", "rate_gap")
NUMBER: tuple[Metric, ...] = ("mae", "rmse", "bias", "r2")
IN_BLOCKS: tuple[Metric, ...] = ("roc_auc", "mae")
BLOCK_ROWS = 1_000


def metrics_of(model: Model, kind: str) -> tuple[Metric, ...]:
    """What is measured of a model: its kind's usual metrics, then those it declares and is gated by."""
    gated = [gate.metric for gate in model.gates if isinstance(gate, AtLeast | AtMost | NotWorse)]
    wanted: Iterable[Metric] = (*(BINARY if kind == "binary" else NUMBER), *model.metrics, *gated)
    return tuple(dict.fromkeys(metric for metric in wanted if metric not in SERVING))


def test_scores(answers: Answers, metrics: Iterable[Metric], seed: int) -> list[Score]:
    """Each metric of each contestant on the rows that it answered, with its 95 % interval."""
    found = []
    for metric in metrics:
        for against in answers.predicted:
            one = figure(metric, answers, of=against, seed=seed).interval()
            name = metric_text(metric)
            found.append(
                Score(metric=name, part="test", against=against, value=one.value, low=one.low, high=one.high, n=one.n)
            )
    return found


def block_scores(answers: Answers, metrics: Iterable[Metric]) -> list[Score]:
    """The mean figure inside blocks of about 1,000 rows in time order: what is known beside the rate of the day."""
    found = []
    for metric in metrics:
        if metric in IN_BLOCKS:
            for against in answers.predicted:
                rows = answers.answered(against)
                count = max(len(rows.y) // BLOCK_ROWS, 1)
                blocks = in_blocks(metric, rows.y, rows.predicted[against], count=count)
                name = metric_text(metric)
                found.append(Score(metric=name, part="block", against=against, value=blocks.mean, n=blocks.defined))
    return found


def slice_scores(answers: Answers, model: Model, seed: int) -> list[Score]:
    """Figures of the slices that a gate names."""
    found = []
    for gate in model.gates:
        if isinstance(gate, AtLeast | AtMost) and gate.by is not None:
            column = answers.columns[gate.by]
            for part in slices(gate.metric, answers.y, answers.predicted[""], column, entity=answers.entity, seed=seed):
                one = part.figure.interval()
                name = metric_text(gate.metric)
                where = f"{gate.by}={part.value}"
                found.append(Score(metric=name, part=where, value=one.value, low=one.low, high=one.high, n=part.rows))
    return found
