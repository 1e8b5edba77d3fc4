"""Window words: one aggregate over an entity's rows before the moment asked, or after it in a label's `ahead`."""

from __future__ import annotations

from tidemill.spec.duration import duration_us, step_us
from tidemill.spec.expression import Expression
from tidemill.spec.flaw import UnreadInt, flaw
from tidemill.spec.read import condition, expression
from tidemill.spec.source import Source
from tidemill.spec.unsaid import SIX_PLACES, UnsaidInt
from tidemill.spec.view import Aggregate, Window

LARGEST_SCALE = 12
MOST_ROWS_BACK = 10_000


def count(window: str, *, where: str | None = None, of: Source | None = None, step: str | None = None) -> Window:
    """Rows in the window; 0 for none."""
    return sliding("count", None, window, where=where, of=of, step=step)


def sum(
    expr: str,
    window: str,
    *,
    where: str | None = None,
    of: Source | None = None,
    step: str | None = None,
    scale: int = SIX_PLACES,
) -> Window:
    """Sum over the window in int64 fixed point of `scale` decimal places; 0 for no rows."""
    return sliding("sum", expr, window, where=where, of=of, step=step, scale=scale)


def mean(
    expr: str,
    window: str,
    *,
    where: str | None = None,
    of: Source | None = None,
    step: str | None = None,
    scale: int = SIX_PLACES,
) -> Window:
    """Mean over the window, from the fixed-point sum divided once; null for no rows."""
    return sliding("mean", expr, window, where=where, of=of, step=step, scale=scale)


def std(
    expr: str,
    window: str,
    *,
    where: str | None = None,
    of: Source | None = None,
    step: str | None = None,
    scale: int = SIX_PLACES,
) -> Window:
    """Sample standard deviation over the window (divisor n - 1); null for fewer than two rows."""
    return sliding("std", expr, window, where=where, of=of, step=step, scale=scale)


def min(
    expr: str, window: str, *, where: str | None = None, of: Source | None = None, step: str | None = None
) -> Window:
    """Smallest value in the window; null for no rows."""
    return sliding("min", expr, window, where=where, of=of, step=step)


def max(
    expr: str, window: str, *, where: str | None = None, of: Source | None = None, step: str | None = None
) -> Window:
    """Largest value in the window; null for no rows."""
    return sliding("max", expr, window, where=where, of=of, step=step)


def distinct(
    expr: str, window: str, *, where: str | None = None, of: Source | None = None, step: str | None = None
) -> Window:
    """Number of different values in the window, null not counted; 0 for no rows."""
    return sliding("distinct", expr, window, where=where, of=of, step=step)


def last(expr: str, *, where: str | None = None, within: str | None = None) -> Window:
    """Value of the entity's newest row before the moment, null if it is older than `within`."""
    length = None if within is None else duration_us(within)
    return Window(kind="last", expression=expression(expr), where=condition(where), length_us=length)


def lag(expr: str, rows: int, *, within: str) -> Window:
    """Value `rows` rows back (1 = the newest row before the moment), null if that row is older than `within`."""
    back = rows if 1 <= rows <= MOST_ROWS_BACK else UnreadInt(flaw("rows-outside", rows=rows, most=MOST_ROWS_BACK))
    return Window(kind="lag", expression=expression(expr), rows=back, length_us=duration_us(within))


def days_since_last(*, where: str | None = None) -> Window:
    """Days (float) since the entity's newest row; null if there never was one."""
    return Window(kind="days_since_last", where=condition(where))


def sliding(
    kind: Aggregate,
    expr: str | None,
    window: str,
    *,
    where: str | None,
    of: Source | None,
    step: str | None,
    scale: int | None = None,
) -> Window:
    """A window of one length; the step is by default that of its length, marked as nobody's word."""
    length = duration_us(window)
    stride = step_us(step, length)
    return Window(
        kind=kind,
        expression=value_of(expr),
        length_us=length,
        where=condition(where),
        of=of,
        step_us=UnsaidInt(stride) if step is None else stride,
        scale=places(scale),
    )


def value_of(expr: str | None) -> Expression | None:
    """What is aggregated; None for a count of rows."""
    return None if expr is None else expression(expr)


def places(scale: int | None) -> int | None:
    """The declared decimal places, None where nobody declared them."""
    if scale is None or isinstance(scale, UnsaidInt):
        return None
    return scale if 0 <= scale <= LARGEST_SCALE else UnreadInt(flaw("scale-outside", scale=scale, most=LARGEST_SCALE))
