"""What the point-in-time kernel takes and gives: columns with nulls, rows of events, moments asked, windows to fill."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tidemill.spec.view import Window

STANDS = 2**63 - 1

Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]


@dataclass(frozen=True, slots=True, kw_only=True)
class Unfit:
    """Asks (True) whose exact sum no int64 holds in units of 10^-scale. `text`: for it would be one of text."""

    asks: Bools
    scale: int
    text: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Values:
    """A column: `data` of bool, int, float or object (text) and `missing`, True where the value is null.

    What `data` holds where `missing` is True has no meaning. A float that is not finite counts as null in aggregates.
    `unfit`: which of the nulls are there because a sum does not fit; None: none of them.
    """

    data: NDArray[Any]
    missing: Bools
    unfit: Unfit | None = None

    @classmethod
    def whole(cls, data: NDArray[Any]) -> Values:
        """A column without nulls."""
        return cls(data=data, missing=np.zeros(len(data), np.bool_))

    def present(self) -> Bools:
        """True where there is a value: neither null nor, among floats, NaN or infinite."""
        there = ~self.missing
        return there & np.isfinite(self.data) if self.data.dtype.kind == "f" else there


@dataclass(frozen=True, slots=True, kw_only=True)
class EventRows:
    """Rows in landing order, of any entities in any order of time.

    `entities`: code of each row's entity (tidemill.features.keys.factorise), -1 for a null key or one not asked of.
    `times`: when it happened, `known`: when it could be known, both in microseconds; `known` None: as it happened.
    `until`: the last moment whose asks see the row, because a later version of it or its deletion could be known then;
    STANDS: nothing took its place. None: nothing took the place of any.
    """

    entities: Ints
    times: Ints
    known: Ints | None = None
    until: Ints | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Asks:
    """Moments at which something is asked about an entity, in any order.

    `entities`: codes as in EventRows, -1 for a null key. `times`: asked_at in microseconds. `own`: index of the row
    that asks, which `ahead` windows leave out, -1 for none; None: no ask is one of the rows.
    """

    entities: Ints
    times: Ints
    own: Ints | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class WindowPlan:
    """One declared window with the columns that it needs, both as long as the rows and in their order.

    `values`: the window's expression (None: it has none). `counted`: its `where`, False for null (None: every row).
    Plans over the very same objects share the work.
    """

    name: str
    window: Window
    values: Values | None = None
    counted: Bools | None = None

    @property
    def column(self) -> str:
        """What a person wrote: the text of the expression, else the name of the window."""
        return self.window.expression.text if self.window.expression is not None else self.name
