"""Numbers as whole multiples of 10^-scale, whose sums and sums of squares are exact in any order of the rows."""

from __future__ import annotations

from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tidemill.features.rows import Bools, Ints, Unfit
from tidemill.features.running import Running
from tidemill.features.sight import Sight
from tidemill.features.timeline import Timeline

BITS = 32
LOWER = 2**BITS - 1
FITS = 2**63
SURE = 2.0**62  # magnitudes whose floating sum is below this have sums below 2^63 for certain


class FixedPoint:
    """Values per position as int64 of 10^-scale (ties to even); a text fits nowhere."""

    def __init__(self, timeline: Timeline, data: NDArray[Any], present: Bools | None, *, scale: int) -> None:
        self.scale, self._timeline = scale, timeline
        self._unfit: Running | None = None
        self._text = data.dtype.kind not in "iubf"
        if self._text:
            data = np.full(len(data), np.inf)
        self._values = self._whole(data if present is None else np.where(present, data, np.zeros((), data.dtype)))
        self._running = Running(timeline, self._values)

    def _whole(self, data: NDArray[Any]) -> Ints:
        """The values as int64; 0 for one that does not fit, which is noted."""
        if data.dtype.kind == "f":
            with np.errstate(over="ignore"):
                data = np.rint(data * 10.0**self.scale)
        if data.dtype.kind in "uf" and np.abs(data).max(initial=0) >= FITS:
            unfit = (data >= FITS) | (data < -FITS)
            self._unfit = Running(self._timeline, unfit.astype(np.int64))
            data = np.where(unfit, np.zeros((), data.dtype), data)
        return data.astype(np.int64, copy=False)

    @cached_property
    def _sure(self) -> bool:
        """True where no sum of any of the values can leave int64."""
        return float(np.abs(self._values, dtype=np.float64).sum()) < SURE

    def sums(self, sight: Sight) -> Ints:
        """Per ask the exact sum of the values it sees, in units of 10^-scale; without meaning where it does not fit."""
        return self._running.total(sight)

    def unfit(self, sight: Sight) -> Unfit | None:
        """The asks whose sum does not fit, or who see a value that does not; None where there are none."""
        asks = np.zeros(len(sight.low), np.bool_)
        if self._unfit is not None:
            asks |= self._unfit.total(sight) > 0
        if not self._sure:
            upper = Running(self._timeline, self._values >> BITS).total(sight)
            lower = Running(self._timeline, self._values & LOWER).total(sight)
            carried = upper + (lower >> BITS)
            asks |= (carried < -(2 ** (BITS - 1))) | (carried >= 2 ** (BITS - 1))
        return Unfit(asks=asks, scale=self.scale, text=self._text) if asks.any() else None

    def squares(self, sight: Sight) -> NDArray[np.object_]:
        """Per ask the exact sum of squares as a Python int, in units of 10^-(2 scale)."""
        totals = np.zeros(len(sight.low), object)
        for place, limb in self._limbs:
            totals += limb.total(sight).astype(object) << (place * BITS)
        return totals

    @cached_property
    def _limbs(self) -> list[tuple[int, Running]]:
        return [
            (place, Running(self._timeline, limb))
            for place, limb in enumerate(square_limbs(self._values))
            if limb.any()
        ]


def square_limbs(values: Ints) -> tuple[Ints, Ints, Ints, Ints]:
    """v^2 in four int64 parts, v^2 = sum(part[k] * 2^(32 k)): each below 2^34, so that a billion of them sum exactly.

    With |v| = high 2^32 + low: v^2 = low^2 + 2 high low 2^32 + high^2 2^64.
    """
    size = np.abs(values).astype(np.uint64)
    high, low = size >> BITS, size & LOWER
    (low_lower, low_upper), (mid_lower, mid_upper), (high_lower, high_upper) = (
        ((part & LOWER).astype(np.int64), (part >> BITS).astype(np.int64))
        for part in (low * low, high * low, high * high)
    )
    return low_lower, low_upper + 2 * mid_lower, 2 * mid_upper + high_lower, high_upper
