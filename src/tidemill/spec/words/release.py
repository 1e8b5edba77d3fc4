"""Release words: how a version comes into traffic, what is searched for it, and what starts its next run."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, TypeVar, overload

from tidemill.spec.check import Check, Cron, NewRows
from tidemill.spec.cron import cron_text
from tidemill.spec.duration import duration_us, share
from tidemill.spec.flaw import UnreadInt, flaw
from tidemill.spec.kind import must_all_be, must_be
from tidemill.spec.label import Label
from tidemill.spec.model import Canary, Tunable
from tidemill.spec.read import one_of
from tidemill.spec.source import Source

UNDECIDED: tuple[Literal["keep", "promote_fresher"], ...] = ("keep", "promote_fresher")
Choice = TypeVar("Choice", bool, int, float, str)


def canary(
    *shares: str | float,
    shadow: str | None = None,
    require: Sequence[Check] = (),
    deadline: str = "14d",
    undecided: Literal["keep", "promote_fresher"] = "keep",
) -> Canary:
    """Shadow first if asked for, then these shares of traffic in turn, each until every requirement holds.

    `deadline`: how long it may stay undecided; then the champion is kept, or the fresher version is promoted.
    """
    must_all_be(require, Check, "canary > require")
    return Canary(
        shares=tuple(share(each) for each in shares),
        shadow_us=None if shadow is None else duration_us(shadow),
        require=tuple(require),
        deadline_us=duration_us(deadline),
        undecided=one_of(undecided, UNDECIDED),
    )


@overload
def tune(low: int, high: int, *, log: bool = False) -> int: ...
@overload
def tune(low: float, high: float, *, log: bool = False) -> float: ...
@overload
def tune(*, choices: Sequence[Choice]) -> Choice: ...
def tune(
    low: float | None = None, high: float | None = None, *, log: bool = False, choices: Sequence[object] = ()
) -> object:
    """A hyperparameter's range, as the default of a parameter of the training function.

    A search looks between `low` and `high` (on a logarithmic scale with `log`), or among `choices`. Without a search
    the parameter is the midpoint (geometric with `log`), or the first choice. The type is the parameter's own.
    """
    return Tunable(low=low, high=high, log=log, choices=tuple(choices))


def cron(text: str) -> Cron:
    """Starts a run at the times of a cron line (`"0 3 * * *"`: minute hour day month weekday), in the system's zone."""
    return Cron(text=cron_text(text))


def new_rows(of: Source | Label, n: int) -> NewRows:
    """Starts a run when the source has `n` new rows, or the label `n` newly mature asks, since the champion's data."""
    must_be(of, Source | Label, "new_rows")
    rows = n if n >= 1 else UnreadInt(flaw("rows-outside", rows=n, most=None))
    return NewRows(of=of.name, rows=rows, kind="source" if isinstance(of, Source) else "label")
