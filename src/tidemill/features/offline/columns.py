"""Arrow columns to arrays with a null mask, and back."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from tidemill.features.rows import Values
from tidemill.ports.flavor import FeatureColumn
from tidemill.spec.expression import Type


def values_of(column: pa.ChunkedArray) -> Values:
    """The column with its nulls apart: timestamps as int microseconds, dates as int days, decimals as float."""
    kind = column.type
    if pa.types.is_null(kind):
        return Values(data=np.zeros(len(column), np.float64), missing=np.ones(len(column), np.bool_))
    if pa.types.is_timestamp(kind):
        column = column.cast(pa.timestamp("us", tz=kind.tz)).cast(pa.int64())
    elif pa.types.is_date(kind):
        column = column.cast(pa.date32()).cast(pa.int32()).cast(pa.int64())
    elif pa.types.is_decimal(kind):
        column = column.cast(pa.float64())
    missing = np.zeros(len(column), np.bool_)
    if column.null_count:
        missing = np.asarray(column.is_null().to_numpy(), np.bool_)
    if pa.types.is_string(column.type) or pa.types.is_large_string(column.type):
        return Values(data=column.to_numpy(), missing=missing)
    if not missing.any():
        return Values(data=column.to_numpy(), missing=missing)
    if pa.types.is_float64(column.type):
        data = column.to_numpy()  # A copy, NaN where null: several times as quick as to fill nulls in Arrow.
        np.copyto(data, 0.0, where=missing)
        return Values(data=data, missing=missing)
    return Values(data=column.fill_null(False if pa.types.is_boolean(column.type) else 0).to_numpy(), missing=missing)


def text_of(column: pa.ChunkedArray) -> pa.ChunkedArray:
    """The column as text, what no type of the house holds (lists, objects, bytes) as Python writes it."""
    if pa.types.is_string(column.type):
        return column
    return pa.chunked_array([[None if item is None else str(item) for item in column.to_pylist()]], pa.string())


def words_of(column: pa.ChunkedArray) -> tuple[NDArray[np.int64], tuple[str, ...]]:
    """Each row's number among the words of a column of text, -1 for null; the words in order of first appearance."""
    coded = column.dictionary_encode()
    codes = pa.chunked_array([chunk.indices for chunk in coded.chunks], pa.int32()).fill_null(-1).to_numpy()
    words = coded.chunk(0).dictionary.to_numpy(zero_copy_only=False).tolist() if coded.num_chunks else []
    return codes.astype(np.int64), tuple(words)


def arrow_of(values: Values, kind: Type = "unknown") -> pa.Array:
    """The column as Arrow, null where missing: of that type of the dialect, else bool, int64, double or string.

    A sum of whole numbers that a double cannot hold becomes the nearest one that it can.
    """
    data = values.data
    if data.dtype.kind == "O":
        return pa.array([None if gone else item for item, gone in zip(data, values.missing, strict=True)], pa.string())
    plain = pa.array(data, mask=values.missing)
    wanted = ARROW.get(kind, plain.type)
    if pa.types.is_date(wanted):
        return plain.cast(pa.int32()).cast(wanted)
    return plain.cast(wanted, safe=not (pa.types.is_integer(plain.type) and pa.types.is_floating(wanted)))


ARROW: Mapping[str, pa.DataType] = {
    "text": pa.string(),
    "int": pa.int64(),
    "float": pa.float64(),
    "boolean": pa.bool_(),
    "date": pa.date32(),
    "timestamp": pa.timestamp("us", tz="UTC"),
}
"""The Arrow type of each type of the dialect, as rows land."""


def array_of(cells: Sequence[object], kind: str) -> pa.Array:
    """Values as the house keeps them outside Arrow (times in microseconds, dates in days) as a column of that type."""
    arrow = ARROW.get(kind)
    if kind == "timestamp":
        return pa.array(cells, pa.int64()).cast(arrow)
    return pa.array(cells, pa.int32()).cast(arrow) if kind == "date" else pa.array(cells, arrow)


def matrix(table: pa.Table, features: Sequence[FeatureColumn]) -> NDArray[np.float64]:
    """Rows by features as the models see them: categories as their place in the vocabulary, missing and unseen NaN."""
    columns = [input_of(table[feature.name], feature) for feature in features]
    return np.column_stack(columns) if columns else np.empty((table.num_rows, 0))


def input_of(column: pa.ChunkedArray, feature: FeatureColumn) -> NDArray[np.float64]:
    """One column of it; what `matrix_column` gives, without touching each word in Python."""
    if feature.type != "text" or not pa.types.is_string(column.type):
        return matrix_column(values_of(column), feature)
    places = pc.index_in(column, value_set=pa.array(feature.vocabulary, pa.string()))
    found: NDArray[np.float64] = places.cast(pa.float64()).to_numpy()
    return found


def matrix_column(values: Values, feature: FeatureColumn) -> NDArray[np.float64]:
    """One column of it."""
    if feature.type == "text":
        places = {word: float(place) for place, word in enumerate(feature.vocabulary)}
        return np.array([places.get(item, np.nan) for item in values.data], np.float64)
    result = values.data.astype(np.float64)
    result[values.missing] = np.nan
    return result


def type_of(kind: pa.DataType) -> Type:
    """The dialect's word for an Arrow type."""
    checks: tuple[tuple[Callable[[pa.DataType], bool], Type], ...] = (
        (pa.types.is_string, "text"),
        (pa.types.is_boolean, "boolean"),
        (pa.types.is_integer, "int"),
        (pa.types.is_floating, "float"),
        (pa.types.is_decimal, "float"),
        (pa.types.is_date, "date"),
        (pa.types.is_timestamp, "timestamp"),
    )
    return next((word for is_kind, word in checks if is_kind(kind)), "unknown")
