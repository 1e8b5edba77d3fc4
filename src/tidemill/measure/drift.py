"""How far a window's values moved from a reference: stability index, chi-square, share of rows that moved."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from tidemill.facts.model import Outcome
from tidemill.measure.arrays import Floats, Ints
from tidemill.measure.bins import MOST, Bins, count, freeze
from tidemill.measure.blocks import equal_blocks
from tidemill.measure.column import Column
from tidemill.measure.tails import chi_square_above

FEWEST = 100
"""Rows in a window below which it is neither still nor drifted."""
ALPHA = 0.005
"""Chance of a false alarm in any column of one window."""
RESTLESS = 1.5
WINDOWS = 20
EXPECTED = 5.0
"""Rows expected in a bin of the smaller sample; bins that expect fewer are merged, else chi-square lies (Cochran)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reference:
    """A column as it was: frozen bins with their counts, and how restless it was inside the reference itself.

    `phi`: mean chi-square per degree of freedom of each reference window against the others, 1 if they differ by chance
    alone. `usual`: the largest adjusted PSI among those windows.
    """

    bins: Bins
    counts: tuple[int, ...]
    phi: float
    usual: float

    @property
    def n(self) -> int:
        """Rows, nulls included."""
        return sum(self.counts)


@dataclass(frozen=True, slots=True, kw_only=True)
class Drift:
    """A window against its reference.

    `psi`: population stability index; of a normal column about the squared shift in standard deviations (0.1 is a third
    of one, 0.25 a half). `psi_adjusted`: less what chance adds. `p`: chance of so large a move of an unmoved column.
    `moved`: share of rows that would have to change bins. `usual`: the reference's own. `then`, `now`: shares in the
    bins called `names`.
    """

    psi: float | None
    psi_adjusted: float | None
    p: float | None
    moved: float | None
    n: int
    usual: float
    names: tuple[str, ...]
    then: tuple[float, ...]
    now: tuple[float, ...]


def reference(column: Column, *, windows: Sequence[slice] | None = None, most: int = MOST) -> Reference:
    """The reference of a column; `windows`: stretches of it like those to be tested, by default 20 equal ones.

    Rows should be in the order of time: then phi learns the unrest of days and seasons that a stable system has.
    """
    bins = freeze(column, most)
    if windows is None:
        windows = equal_blocks(column.rows, min(WINDOWS, column.rows // FEWEST))
    counted = [count(bins, column.take(window)) for window in windows]
    whole = count(bins, column)
    pairs = [_merged(whole - part, part) for part in counted if 0 < part.sum() < whole.sum()]
    unrest = [chi_square(rest, part) / (len(part) - 1) for rest, part in pairs if len(part) > 1]
    phi = max(1.0, float(np.mean(unrest))) if unrest else 1.0
    usual = max((psi(rest, part) - chance(rest, part, phi) for rest, part in pairs if len(part) > 1), default=0.0)
    return Reference(bins=bins, counts=tuple(whole.tolist()), phi=phi, usual=max(0.0, usual))


def drift(reference: Reference, column: Column) -> Drift:
    """The column's rows against the reference."""
    return drift_of(reference, count(reference.bins, column))


def drift_of(reference: Reference, counts: Ints) -> Drift:
    """Counted rows (`bins.count`, added over windows) against the reference; no figures without rows on one side."""
    then, now = np.array(reference.counts), counts
    n = int(now.sum())
    if n == 0 or reference.n == 0:
        return Drift(
            psi=None,
            psi_adjusted=None,
            p=None,
            moved=None,
            n=n,
            usual=reference.usual,
            names=reference.bins.names,
            then=(),
            now=(),
        )
    shares = then / then.sum(), now / now.sum()
    before, after = _merged(then, now)
    freedom = len(before) - 1
    index = psi(before, after)
    return Drift(
        psi=index,
        psi_adjusted=index - chance(before, after, reference.phi),
        p=chi_square_above(chi_square(before, after) / reference.phi, freedom) if freedom else 1.0,
        moved=float(np.abs(shares[0] - shares[1]).sum() / 2),
        n=n,
        usual=reference.usual,
        names=reference.bins.names,
        then=tuple(shares[0].tolist()),
        now=tuple(shares[1].tolist()),
    )


def verdict(drift: Drift, bound: float, *, columns: int, alpha: float = ALPHA) -> Outcome:
    """Whether the column kept still within a bound on PSI, one of `columns` judged together.

    failed: the adjusted PSI is above what is allowed, and chance does not explain it (p <= alpha / columns). undecided:
    under 100 rows, or above it by what may be chance. passed: else.
    """
    if drift.psi_adjusted is None or drift.p is None or drift.n < FEWEST:
        return "undecided"
    if drift.psi_adjusted <= allowed(drift, bound):
        return "passed"
    return "failed" if drift.p <= alpha / columns else "undecided"


def allowed(drift: Drift, bound: float) -> float:
    """The adjusted PSI that the bound allows: of a column that was restless in its reference, half more than then."""
    return max(bound, RESTLESS * drift.usual)


def psi(then: Ints | Floats, now: Ints | Floats) -> float:
    """Population stability index of two counts over the same bins, half a row added to each bin."""
    bins = len(then)
    p = (then + 0.5) / (then.sum() + 0.5 * bins)
    q = (now + 0.5) / (now.sum() + 0.5 * bins)
    return float(((p - q) * np.log(p / q)).sum())


def chi_square(then: Ints | Floats, now: Ints | Floats) -> float:
    """Two-sample chi-square of two counts over the same bins, none of them empty on both sides."""
    n, m = float(then.sum()), float(now.sum())
    together = (then + now) / (n + m)
    return float((((then - n * together) ** 2) / (n * together) + ((now - m * together) ** 2) / (m * together)).sum())


def chance(then: Ints | Floats, now: Ints | Floats, phi: float = 1.0) -> float:
    """What chance adds on average to the PSI of two samples of one column, `phi` times that of independent rows."""
    return phi * (len(then) - 1) * (1.0 / float(then.sum()) + 1.0 / float(now.sum()))


def _merged(then: Ints, now: Ints) -> tuple[Ints, Ints]:
    """Both counts without bins that are empty on both sides, and with the rare ones in one."""
    n, m = int(then.sum()), int(now.sum())
    filled = (then + now) > 0
    then, now = then[filled], now[filled]
    rare = (then + now) * min(n, m) / (n + m) < EXPECTED
    if rare.sum() < 2:
        return then, now
    return np.append(then[~rare], then[rare].sum()), np.append(now[~rare], now[rare].sum())
