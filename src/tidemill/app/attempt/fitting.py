"""The recipe of a system file, fitted on any rows of the table: the same views and flavors as in a run."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from tidemill.app.attempt.table import Raw
from tidemill.app.context import FLAVORS
from tidemill.app.wiring import make
from tidemill.features.offline.asks import ASK, ASKED
from tidemill.features.offline.columns import matrix, text_of, type_of, values_of
from tidemill.features.offline.frame import feature_names, sql_on, vocabularies, with_computed
from tidemill.features.offline.lake import Lake
from tidemill.features.plan import Dialect, quoted
from tidemill.ports.flavor import FeatureColumn
from tidemill.ports.trainer import Fold, Task
from tidemill.spec.declaration import Declaration

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    import pyarrow as pa

    from tidemill.measure.arrays import Floats, Ints
    from tidemill.ports.compute import Compute
    from tidemill.ports.flavor import Flavor
    from tidemill.ports.trainer import Trainer

LEAK = "leak."
TRIED = 20
"""Rows behind those learnt from, on which a fitted model is tried before it is used."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Recipe:
    """Rows oldest first, as the model of the system file sees them; `honest` of the columns come from its views.

    The columns behind are those that leak. `y` is the outcome, `asked_us` the time of each row.
    """

    function: Callable[..., object]
    kind: Literal["binary", "number"]
    columns: tuple[FeatureColumn, ...]
    honest: int
    inputs: Floats
    y: Floats
    asked_us: Ints
    trainer: Trainer
    flavors: Mapping[str, Flavor]
    seed: int

    def fit(self, rows: Any, *, leaks: bool = False) -> Callable[[Any], Floats]:
        """What a model that learnt from these rows (a slice or places) says of others. ModelError as the trainer."""
        columns = self.columns if leaks else self.columns[: self.honest]
        inputs = self.inputs if leaks else self.inputs[:, : self.honest]

        def fold(some: Any) -> Fold:
            return Fold(matrix=inputs[some], target=self.y[some], keys={"asked_at": self.asked_us[some]})

        task = Task(
            function=self.function, train=fold(rows), valid=fold(slice(0, TRIED)), features=columns, parameters={},
            kind=self.kind, seed=self.seed,
        )  # fmt: skip
        saved = self.trainer.fit(task)
        scorer = self.flavors[saved.flavor].load(saved.files, saved.config, columns)
        return lambda some: scorer.predict(inputs[some])


def recipe(
    declaration: Declaration, raw: Raw, compute: Compute, *, leaks: Sequence[str], each: int, seed: int
) -> Recipe:
    """The declared model's view of the table, one row of every `each`; rows without an outcome are left out."""
    (model,) = declaration.models
    lake = Lake(dialect=Dialect(zone=declaration.zone, columns={}), landed={}, compute=compute)
    asks = asks_of(declaration, raw, lake, each)
    seen = with_computed(asks, model.features, lake)
    outcome = sql_on(model.label.outcome, asks, declaration.zone)
    y = lake.query(f"select ({outcome})::double as y from asks order by {ASK}", asks=asks)["y"]
    known = y.is_valid()
    seen, y = seen.filter(known), y.filter(known)
    table, names = with_leaks(seen, leaks), (*feature_names(model), *(f"{LEAK}{name}" for name in leaks))
    columns = columns_of(table, names)
    flavors = {name: make(f"flavor.{name}") for name in FLAVORS}
    target = values_of(y).data
    return Recipe(
        function=model.function,
        kind="binary" if set(target.tolist()) <= {0.0, 1.0} else "number",
        columns=columns,
        honest=len(names) - len(leaks),
        inputs=matrix(table, columns),
        y=target,
        asked_us=values_of(seen[ASKED]).data,
        trainer=make("trainer.inline", tuple(flavors.values())),
        flavors=flavors,
        seed=seed,
    )


def asks_of(declaration: Declaration, raw: Raw, lake: Lake, each: int) -> pa.Table:
    """The rows in order of time with their moment, one of every `each`; rows without a time are no events."""
    (source,) = declaration.roots
    rows = raw.rows
    if source.time not in raw.types:
        made = declared_sql(declaration)
        rows = lake.query(made, raw=raw.rows)
    moment = f"epoch_us({quoted(source.time)}::timestamp)"
    numbered = (
        f"select row_number() over (order by {quoted(source.time)}) - 1 as {ASK}, {moment} as {ASKED}, * from rows "
        f"where {quoted(source.time)} is not null"
    )
    return lake.query(f"select * from ({numbered}) where {ASK} % {each} = 0 order by {ASK}", rows=rows)


def declared_sql(declaration: Declaration) -> str:
    """The SELECT that makes a time of an order."""
    table = declaration.roots[0].table
    return str(getattr(table, "sql", ""))


def with_leaks(table: pa.Table, leaks: Sequence[str]) -> pa.Table:
    """The table with the leaking columns under names of their own."""
    for name in leaks:
        column = table[name]
        numeric = type_of(column.type) in {"int", "float", "boolean", "text"}
        table = table.append_column(f"{LEAK}{name}", column if numeric else text_of(column))
    return table


def columns_of(table: pa.Table, names: Sequence[str]) -> tuple[FeatureColumn, ...]:
    """The model's inputs. Vocabularies are of all rows: a word that a model has not seen is missing to it anyway."""
    every = values_of(table[ASK]).data >= 0
    words = vocabularies(table, names, every)
    kinds = {name: "text" if name in words else "number" for name in names}
    return tuple(FeatureColumn(name=name, type=kinds[name], vocabulary=words.get(name, ())) for name in names)
