"""Logged answers computed anew offline, as of their moment and of what was held then: what differs, how late it was.

Values must be equal to the last bit. That a landed row was not held yet when it was needed is no difference, but lag.
"""

from __future__ import annotations

import json
import math
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass, replace

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from tidemill.facts.data import Value
from tidemill.features.offline.asks import ASK, ASKED
from tidemill.features.offline.columns import array_of, matrix, values_of
from tidemill.features.offline.lake import Lake
from tidemill.features.offline.parity import missed, recomputed
from tidemill.features.online import FORGOTTEN, OVERFLOW, space
from tidemill.features.rows import Ints
from tidemill.ports.flavor import Flavor
from tidemill.predict.bundle import Bundle
from tidemill.predict.golden import ABSOLUTE, RELATIVE
from tidemill.predict.predictor import Predictor
from tidemill.predict.signature import Signature
from tidemill.spec.label import Candidates

SCORE = "score"
FIRST = 10
"""So many differences are told one by one, where nobody asks for more."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """One value of one prediction that came out otherwise; `name`: `view.feature`, or `score`."""

    prediction: str
    name: str
    logged: Value
    recomputed: Value


@dataclass(frozen=True, slots=True, kw_only=True)
class Freshness:
    """What a view's store lacked when it was asked.

    `behind`: predictions at whose moment a row could be seen that was not held; of these the most `rows`, and the
    longest that the first of them had been there already (`lag_us`).
    """

    view: str
    behind: int
    rows: int
    lag_us: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Parity:
    """`predictions` and `values` compared, how many `differences`, and the `first` of them.

    `forgotten`: predictions with a look-up further back than what is remembered, which said so and are not compared;
    `overflown`: nor are others in which a sum did not fit, and `overflows` of them by feature.
    """

    predictions: int
    values: int
    forgotten: int
    overflown: int
    overflows: Mapping[str, int]
    differences: int
    first: tuple[Difference, ...]
    freshness: tuple[Freshness, ...]


def parity(log: pa.Table, bundle: Bundle, flavor: Flavor, lake: Lake, *, first: int = FIRST) -> Parity:
    """The answers of that bundle among landed rows of the prediction log, beside what landed rows give.

    `lake`: the system's landed rows, at least as far as they were held at any of the answers. `first`: so many of the
    differences are told one by one.
    """
    whole = log.filter(pc.and_(pc.equal(log["bundle"], bundle.digest), log["score"].is_valid()))
    exact = without(FORGOTTEN, whole)
    rows = without(OVERFLOW, exact)
    flags = [flag.removeprefix(OVERFLOW) for said in flags_of(exact) for flag in said if flag.startswith(OVERFLOW)]
    told = Parity(
        predictions=rows.num_rows,
        values=0,
        forgotten=whole.num_rows - exact.num_rows,
        overflown=exact.num_rows - rows.num_rows,
        overflows=dict(Counter(flags)),
        differences=0,
        first=(),
        freshness=(),
    )
    if rows.num_rows == 0:
        return told
    signature = bundle.signature
    asks, held = asks_of(rows, signature), held_of(rows, signature)
    table = recomputed(asks, held, signature.views, lake)
    features = table.column_names[asks.num_columns :]
    with closing(Predictor(bundle, flavor)) as predictor:
        scores = misscored(rows, matrix(table, signature.features), predictor)
        found = [*unlike(rows, table.select(features)), *scores]
    return replace(
        told,
        values=rows.num_rows * (len(features) + 1),
        differences=len(found),
        first=tuple(found[:first]),
        freshness=tuple(freshness(asks, held, signature, lake)),
    )


def without(flag: str, log: pa.Table) -> pa.Table:
    """The rows of the log with no flag that begins so."""
    return log.filter(pa.array([not any(one.startswith(flag) for one in said) for said in flags_of(log)], pa.bool_()))


def flags_of(log: pa.Table) -> list[list[str]]:
    """The flags of each row of the log."""
    return [json.loads(text) for text in log["flags"].to_pylist()]


def asks_of(rows: pa.Table, signature: Signature) -> pa.Table:
    """One ask per logged row, in order: its moment, the raw columns that were sent and the keys, in their types."""
    pairs = zip(rows["request"].to_pylist(), rows["keys"].to_pylist(), strict=True)
    sent = [{**json.loads(request), **json.loads(keys)} for request, keys in pairs]
    if isinstance(signature.asked, Candidates):
        for one, item in zip(sent, rows["item"].to_pylist(), strict=True):
            if item is not None:
                one[signature.asked.item] = json.loads(item)
    types = {column.name: column.type for column in (*signature.request, *signature.keys)}
    columns = {name: array_of([one.get(name) for one in sent], kind) for name, kind in types.items()}
    numbers = pa.array(np.arange(rows.num_rows), pa.int64())
    return pa.table({ASK: numbers, ASKED: rows["asked_at"].cast(pa.int64()), **columns})


def held_of(rows: pa.Table, signature: Signature) -> dict[str, Ints]:
    """By looked-up view, per row, the first landing number that its space did not hold when it was read."""
    marks = [json.loads(text) for text in rows["marks"].to_pylist()]
    spaces = {view.name: space(view) for view in signature.lookups}
    return {name: np.array([row_of(one.get(where, "")) for one in marks], np.int64) for name, where in spaces.items()}


def row_of(mark: str) -> int:
    """The landing number in a mark; 0 where nothing had been brought up yet."""
    return int(json.loads(mark)["row"]) if mark else 0


def unlike(rows: pa.Table, features: pa.Table) -> Iterator[Difference]:
    """Features that were logged otherwise."""
    logged = [json.loads(text) for text in rows["features"].to_pylist()]
    for name in features.column_names:
        for id, one, value in zip(rows["id"].to_pylist(), logged, plain(features[name]), strict=True):
            if not is_same(one.get(name), value):
                yield Difference(prediction=id, name=name, logged=one.get(name), recomputed=value)


def plain(column: pa.ChunkedArray) -> list[Value]:
    """The values as the log has them: a number that is not finite is null."""
    values = values_of(column)
    pairs = zip(values.data.tolist(), values.present().tolist(), strict=True)
    return [value if present else None for value, present in pairs]


def is_same(one: Value, other: Value) -> bool:
    """Bit for bit; a whole number is the same whether it is kept as int or float, 0.0 and -0.0 are two."""
    if isinstance(one, bool | str | None) or isinstance(other, bool | str | None):
        return type(one) is type(other) and one == other
    return one == other and math.copysign(1, one) == math.copysign(1, other)


def misscored(rows: pa.Table, inputs: NDArray[np.float64], predictor: Predictor) -> Iterator[Difference]:
    """Scores that the recomputed features do not give, to the last bit.

    Of a model that gives a row another last digit beside other rows than alone, whose company is not known any more,
    as near as golden rows have to come.
    """
    logged, found = values_of(rows[SCORE]).data, predictor.score(inputs)
    for place in np.flatnonzero(logged != found).tolist():
        was, beside, alone = float(logged[place]), float(found[place]), float(predictor.score(inputs[[place]])[0])
        near = beside != alone and math.isclose(was, alone, rel_tol=RELATIVE, abs_tol=ABSOLUTE)
        if was != alone and not near:
            yield Difference(prediction=rows["id"][place].as_py(), name=SCORE, logged=was, recomputed=alone)


def freshness(asks: pa.Table, held: Mapping[str, Ints], signature: Signature, lake: Lake) -> Iterator[Freshness]:
    """How far each view's store was behind what could be seen."""
    moments = values_of(asks[ASKED]).data
    for view in signature.lookups:
        found = missed(view.source, moments, held[view.name], lake)
        yield Freshness(
            view=view.name,
            behind=int((found.rows > 0).sum()),
            rows=int(found.rows.max()),
            lag_us=int(found.lag_us.max()),
        )
