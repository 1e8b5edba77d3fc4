"""Numbers as the marks and tables write them."""

from __future__ import annotations

from collections.abc import Sequence
from math import floor, isfinite, log10

NONE = "–"
THIN = "\u202f"
MINUS = "\u2212"
STEPS = ((1e12, "T"), (1e9, "G"), (1e6, "M"), (1e3, "k"))


def count(value: float) -> str:
    """Whole, thousands apart: `41,188`."""
    return f"{value:,.0f}"


def amount(value: float | None, digits: int = 4) -> str:
    """A value in so many digits, without a needless zero, as it may be searched for: `0.9605`, `-11,062`, `1.5e+12`."""
    if value is None or not isfinite(value):
        return NONE
    if value and not 1e-4 <= abs(value) < 1e12:
        return f"{value:.3g}"
    whole = floor(log10(abs(value))) + 1 if value else 1
    comma = "," if abs(value) >= 10_000 else ""
    shown = f"{value:{comma}.{max(0, digits - whole)}f}"
    return shown.rstrip("0").rstrip(".") if "." in shown else shown


def fixed(value: float | None, places: int = 3) -> str:
    """A metric with always so many places, so that columns stand under each other: `0.770`."""
    return NONE if value is None or not isfinite(value) else signed(f"{value:.{places}f}")


def share(value: float | None) -> str:
    """A share in percent, one place below ten: `0.3 %`, `78 %`."""
    if value is None or not isfinite(value):
        return NONE
    if 0 < abs(value) < 0.0005:
        return f"<{THIN}0.1{THIN}%"
    places = 1 if abs(value) < 0.0995 and round(1000 * value) % 10 else 0
    return signed(f"{100 * value:.{places}f}") + f"{THIN}%"


def compact(value: float) -> str:
    """A tick of few signs: `1.5M`, `20k`, `0.25`."""
    for size, letter in STEPS:
        if abs(value) >= size:
            return signed(f"{value / size:.3g}{letter}")
    return signed(f"{value:.3g}")


def between(low: float | None, high: float | None, places: int = 3) -> str:
    """An interval in brackets; nothing where a side is not known."""
    if low is None or high is None:
        return ""
    return f"({fixed(low, places)} to {fixed(high, places)})"


def ticks(values: Sequence[float]) -> tuple[str, ...]:
    """Ticks with as many places as tell them apart."""
    if not values:
        return ()
    if max(map(abs, values)) >= 10_000:
        return tuple(compact(value) for value in values)
    places = next((n for n in range(7) if all(abs(round(value, n) - value) < 1e-9 for value in values)), 6)
    return tuple(signed(f"{value:.{places}f}") for value in values)


def signed(shown: str) -> str:
    """With a true minus sign."""
    return shown.replace("-", MINUS) if shown.startswith("-") else shown
