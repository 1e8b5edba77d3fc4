"""From a table of asks with their outcome to what checks read: what hangs together, named columns, conditions."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from tidemill.errors import DataError
from tidemill.features.offline.asks import ASKED
from tidemill.features.offline.frame import sql_on
from tidemill.features.rows import Bools
from tidemill.ports.compute import Compute
from tidemill.spec.check import AtLeast, AtMost, Check, Fair, Metric, NotWorse, Per
from tidemill.spec.expression import Expression
from tidemill.spec.label import Candidates
from tidemill.spec.model import ByTime, Model
from tidemill.spec.nearest import nearest

SCORE, DECISION = "score", "decision"


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Named:
    """Arrays as long as the table: see tidemill.measure.answers.Answers."""

    entity: NDArray[Any] | None
    asks: NDArray[Any] | None
    columns: dict[str, NDArray[Any]]
    masks: dict[str, Bools]


def with_score(rows: pa.Table, scores: NDArray[np.float64]) -> pa.Table:
    """The asks with a model's `score`; columns of their own that are called `score` or `decision` make room."""
    taken = [name for name in (SCORE, DECISION) if name in rows.column_names]
    return rows.drop_columns(taken).append_column(SCORE, pa.array(scores, pa.float64()))


def named(rows: pa.Table, model: Model, checks: Sequence[Check], zone: str, compute: Compute) -> Named:
    """What the checks and metrics of a model need of these asks.

    `rows` carries `score`, and gets its decisions here unless they were logged with it. DataError `column-missing` when
    a check names a column that the asks do not have.
    """
    table = with_decisions(rows, model, zone, compute)
    together = entity_of(model)
    entity = joined(table, together) if together else None
    moments = table[ASKED].to_pylist()
    asks = (
        None if entity is None else np.array([f"{who}|{at}" for who, at in zip(entity, moments, strict=True)], object)
    )
    columns = {name: objects(table, name) for name in columns_named(model.metrics, checks)}
    if DECISION in table.column_names:
        columns[DECISION] = objects(table, DECISION)
    for check in checks:
        if isinstance(check, Fair):
            columns[check.group.text] = evaluated(check.group, table, zone, compute)
    conditions = [c.where for c in checks if isinstance(c, AtLeast | AtMost) and c.where is not None]
    masks = {one.text: held(one, table, zone, compute) for one in conditions}
    return Named(entity=entity, asks=asks, columns=columns, masks=masks)


def entity_of(model: Model) -> tuple[str, ...]:
    """Columns whose equal values make asks hang together: candidates' entity, the label's keys, the split's group."""
    asked = model.label.asked
    if isinstance(asked, Candidates):
        return asked.entity
    if model.label.by:
        return model.label.by
    return (model.split.together,) if isinstance(model.split, ByTime) and model.split.together else ()


def with_decisions(rows: pa.Table, model: Model, zone: str, compute: Compute) -> pa.Table:
    """The table with the decision of each row's score: the first whose condition is true, else null."""
    if not model.decide or DECISION in rows.column_names:
        return rows
    branches = " ".join(f"when {sql_on(when, rows, zone)} then '{name}'" for name, when in model.decide)
    found = compute.query(f"select case {branches} end as {DECISION} from asks", {"asks": rows})
    return rows.append_column(DECISION, found[DECISION])


def columns_named(metrics: Iterable[Metric], checks: Iterable[Check]) -> tuple[str, ...]:
    """Columns that metrics and checks group by."""
    gated = [check.metric for check in checks if isinstance(check, AtLeast | AtMost | NotWorse)]
    by = [check.by for check in checks if isinstance(check, AtLeast | AtMost) and check.by is not None]
    per = [metric.column for metric in (*metrics, *gated) if isinstance(metric, Per)]
    return tuple(dict.fromkeys([*by, *per]))


def column_named(rows: pa.Table, name: str) -> str:
    """The column meant by a name: itself, or the one feature of that short name."""
    if name in rows.column_names:
        return name
    short = [column for column in rows.column_names if column.rpartition(".")[2] == name]
    if len(short) != 1:
        raise DataError("column-missing", column=name, where="asks", nearest=nearest(name, rows.column_names))
    return str(short[0])


def objects(rows: pa.Table, name: str) -> NDArray[Any]:
    """The column as Python values, None where null."""
    found = np.empty(rows.num_rows, object)
    found[:] = rows[column_named(rows, name)].to_pylist()
    return found


def evaluated(expression: Expression, rows: pa.Table, zone: str, compute: Compute) -> NDArray[Any]:
    """The expression on each row, as Python values."""
    return objects(
        compute.query(f"select {sql_on(expression, rows, zone)} as value from asks", {"asks": rows}), "value"
    )


def held(condition: Expression, rows: pa.Table, zone: str, compute: Compute) -> Bools:
    """Rows where the condition is true (null is not)."""
    return np.array([value is True for value in evaluated(condition, rows, zone, compute)], np.bool_)


def joined(rows: pa.Table, names: Sequence[str]) -> NDArray[Any]:
    """One text of several columns per row."""
    columns = [rows[column_named(rows, name)].to_pylist() for name in names]
    return np.array(["|".join(map(str, parts)) for parts in zip(*columns, strict=True)], object)
