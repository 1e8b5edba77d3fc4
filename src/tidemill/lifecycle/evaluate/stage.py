"""Stage 5, evaluate: a version's figures on held-out rows, beside those of whoever else could have answered."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray

from tidemill.facts.model import Evaluation, Score
from tidemill.features.offline.answered import named, with_score
from tidemill.features.offline.columns import values_of
from tidemill.features.offline.slices import chosen
from tidemill.lifecycle.evaluate.contestants import contestants, random_split, scored
from tidemill.lifecycle.evaluate.figures import block_scores, metrics_of, slice_scores, test_scores
from tidemill.lifecycle.evaluate.given import Given
from tidemill.measure.answers import Answers
from tidemill.measure.score import score
from tidemill.ports.context import Context
from tidemill.spec.check import Metric, metric_text

TRAIN, TEST = 1, 3
CONTESTANT = "_score_"


@dataclass(frozen=True, slots=True, kw_only=True)
class Tested:
    """The test rows answered. `answered`: the table with the version's `score`; `answers`: all contestants' too."""

    table: pa.Table
    part: NDArray[np.int8]
    answered: pa.Table
    answers: Answers


def run(given: Given, ctx: Context) -> tuple[Evaluation, ...]:
    """The scores, and a blob with every test row's outcome and predictions, which gates and reports read on."""
    model = given.system.model(given.model)
    found = tested(given, ctx)
    metrics = metrics_of(model, "number" if given.training_set.parts[0].positives is None else "binary")
    ctx.progress("metrics", len(metrics), len(metrics))
    scores = [
        *test_scores(found.answers, metrics, given.seed),
        *block_scores(found.answers, metrics),
        *slice_scores(found.answers, model, given.seed),
        *train_scores(given, found.table.filter(pa.array(found.part == TRAIN)), metrics, ctx),
        *(random_scores(given, found.table, metrics, ctx) if "random_split" in given.beside else ()),
    ]
    return (evaluation(given, scores, found, ctx),)


def for_gates(given: Given, ctx: Context) -> Evaluation:
    """The same without figures: what gates are judged on, where nobody reads the rest."""
    return evaluation(given, (), tested(given, ctx), ctx)


def tested(given: Given, ctx: Context) -> Tested:
    """Everybody's answers to the test rows."""
    table = chosen(given.training_set, ctx.blobs)
    part = values_of(table["_part"]).data
    rows = table.filter(pa.array(part == TEST))
    predicted = {"": scored(given.version.bundle, rows, ctx)}
    predicted |= dict(contestants(given, table, part == TEST, ctx))
    answered = with_score(rows, predicted[""])
    model = given.system.model(given.model)
    about = named(answered, model, model.gates, given.system.zone, ctx.compute)
    answers = Answers(
        y=values_of(rows["_y"]).data,
        predicted=predicted,
        entity=about.entity,
        asks=about.asks,
        columns=about.columns,
        masks=about.masks,
    )
    return Tested(table=table, part=part, answered=answered, answers=answers)


def evaluation(given: Given, scores: Iterable[Score], found: Tested, ctx: Context) -> Evaluation:
    """The fact."""
    return Evaluation(
        system=given.system.name,
        model=given.model,
        bundle=given.version.bundle,
        training_set=given.training_set.digest,
        champion=given.champion.bundle if given.champion else "",
        scores=tuple(scores),
        blob=ctx.blobs.put(kept(found.answered, found.answers.predicted)),
        at_us=given.now_us,
    )


def train_scores(given: Given, rows: pa.Table, metrics: tuple[Metric, ...], ctx: Context) -> list[Score]:
    """Plain metrics on the rows trained on: far better there than on test means learnt by heart."""
    return plain_scores(
        metrics, values_of(rows["_y"]).data, scored(given.version.bundle, rows, ctx), part="train", against=""
    )


def random_scores(given: Given, table: pa.Table, metrics: tuple[Metric, ...], ctx: Context) -> list[Score]:
    """The flattering figures of a random split, to stand as a warning beside the honest ones."""
    y, predicted = random_split(given, table, ctx)
    return plain_scores(metrics, y, predicted, part="test", against="random_split")


def plain_scores(
    metrics: tuple[Metric, ...], y: NDArray[np.float64], predicted: NDArray[np.float64], *, part: str, against: str
) -> list[Score]:
    """Figures without interval of the metrics that need no groups."""
    found = []
    for metric in metrics:
        if isinstance(metric, str) and "@" not in metric and metric != "conversion":
            one = score(metric, y, predicted)
            found.append(Score(metric=metric_text(metric), part=part, against=against, value=one.value, n=one.n))
    return found


def kept(answered: pa.Table, predicted: Mapping[str, NDArray[np.float64]]) -> bytes:
    """The test rows with each contestant's score as one Parquet file."""
    table = answered
    for name, scores in predicted.items():
        if name:
            table = table.append_column(f"{CONTESTANT}{name}", pa.array(scores))
    sink = pa.BufferOutputStream()
    pq.write_table(table, sink, compression="zstd")
    return bytes(sink.getvalue().to_pybytes())
