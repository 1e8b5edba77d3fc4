"""One column as the measures read it: what kind of values, which are null, text as codes."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from math import isnan
from numbers import Real
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from tidemill.measure.arrays import Bools, Floats, Ints

Kind = Literal["number", "boolean", "time", "text"]
NULL_CODE = -1


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Column:
    """Values of one kind with their null mask.

    `values` are numbers as they came (number), 0 and 1 (boolean), microseconds UTC (time), or codes into `labels`
    (text); where `null` is set they mean nothing, except text's code, which is then `NULL_CODE`.
    """

    kind: Kind
    values: NDArray[Any]
    null: Bools
    labels: tuple[str, ...] = ()

    @property
    def rows(self) -> int:
        """How many rows, nulls included."""
        return len(self.values)

    @property
    def nulls(self) -> int:
        """How many rows are null."""
        return int(self.null.sum())

    def present(self) -> NDArray[Any]:
        """The values that are not null, as they came."""
        return self.values if not self.nulls else self.values[~self.null]

    def numbers(self) -> Floats:
        """One float per row, NaN for null; for text the code's number, which has no meaning as an amount."""
        numbers = self.values.astype(np.float64)
        numbers[self.null] = np.nan
        return numbers

    def take(self, rows: Ints | Bools | slice) -> Column:
        """The same column on some of its rows."""
        values = self.values[rows]
        null = self.null[rows] if self.nulls else np.zeros(len(values), np.bool_)
        return Column(kind=self.kind, values=values, null=null, labels=self.labels)


def read(values: NDArray[Any]) -> Column:
    """A numpy array as a column: NaN, NaT and None are null; objects are judged by the first that is not."""
    if values.dtype.kind == "b":
        return Column(kind="boolean", values=values.astype(np.int8), null=np.zeros(len(values), np.bool_))
    if values.dtype.kind in "iu":
        return Column(kind="number", values=values, null=np.zeros(len(values), np.bool_))
    if values.dtype.kind == "f":
        return Column(kind="number", values=values, null=np.isnan(values))
    if values.dtype.kind == "M":
        return Column(kind="time", values=values.astype("datetime64[us]").astype(np.int64), null=np.isnat(values))
    return _objects(values.astype(object))


def codes(values: NDArray[Any]) -> tuple[Ints, tuple[object, ...]]:
    """Each row's number among the distinct values, in order of first appearance, and those values; None is a value."""
    plain: Iterable[object] = values.tolist()
    number = {value: i for i, value in enumerate(dict.fromkeys(plain))}
    return np.fromiter(map(number.__getitem__, values.tolist()), np.int64, len(values)), tuple(number)


def _objects(values: NDArray[Any]) -> Column:
    null = np.fromiter(map(_is_null, values), np.bool_, len(values))
    first = next((value for value in values[~null]), "")
    if isinstance(first, bool | np.bool_):
        return Column(kind="boolean", values=np.where(null, 0, values).astype(np.int8), null=null)
    if isinstance(first, Real | Decimal):
        return Column(kind="number", values=np.where(null, np.nan, values).astype(np.float64), null=null)
    numbers, labels = codes(values[~null])
    filled = np.full(len(values), NULL_CODE, np.int64)
    filled[~null] = numbers
    return Column(kind="text", values=filled, null=null, labels=tuple(map(str, labels)))


def _is_null(value: object) -> bool:
    return value is None or (isinstance(value, float | Decimal) and isnan(value))
