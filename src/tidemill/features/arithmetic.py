"""Numbers as the dialect computes them: ints of 64 bits, finite floats, None for what is neither."""

from __future__ import annotations

import math
from collections.abc import Callable

from tidemill.spec.dialect import INT_MAX, INT_MIN


def fitting(value: int) -> int | None:
    """The int if it fits 64 bits."""
    return value if INT_MIN <= value <= INT_MAX else None


def finite(value: float) -> float | None:
    """The float if it is a finite number."""
    return value if value - value == 0.0 else None


def add_int(a: int, b: int) -> int | None:
    """A + b."""
    return fitting(a + b)


def subtract_int(a: int, b: int) -> int | None:
    """A - b."""
    return fitting(a - b)


def multiply_int(a: int, b: int) -> int | None:
    """A * b."""
    return fitting(a * b)


def floor_divide_int(a: int, b: int) -> int | None:
    """The quotient rounded down."""
    return fitting(a // b) if b else None


def modulo_int(a: int, b: int) -> int | None:
    """What floor division leaves; it has the sign of the divisor."""
    return a % b if b else None


def negate_int(a: int) -> int | None:
    """-a."""
    return fitting(-a)


def absolute_int(a: int) -> int | None:
    """|a|."""
    return fitting(abs(a))


def add(a: float, b: float) -> float | None:
    """A + b."""
    return finite(a + b)


def subtract(a: float, b: float) -> float | None:
    """A - b."""
    return finite(a - b)


def multiply(a: float, b: float) -> float | None:
    """A * b."""
    return finite(a * b)


def divide(a: float, b: float) -> float | None:
    """A / b."""
    return finite(a / b) if b else None


def divide_lengths(a: int, b: int) -> float | None:
    """How many times one length of time goes into another."""
    return divide(float(a), float(b))


def floor_divide(a: float, b: float) -> float | None:
    """The float quotient rounded down (not Python's, which corrects for the quotient's own rounding)."""
    quotient = divide(a, b)
    return None if quotient is None else quotient // 1.0


def modulo(a: float, b: float) -> float | None:
    """C's fmod, brought to the sign of the divisor."""
    if not b:
        return None
    left = math.fmod(a, b)
    return finite(left + b) if left and (left < 0) != (b < 0) else left


def floor(a: float) -> float:
    """Rounded down, still a float."""
    return a // 1.0


def ceil(a: float) -> float:
    """Rounded up, still a float."""
    return -(-a // 1.0)


def half_away(a: float) -> float:
    """Rounded to a whole number, halves away from zero, as C's round."""
    part, whole = math.modf(a)
    return whole + math.copysign(1.0, a) if abs(part) >= 0.5 else whole


def rounded(digits: int) -> Callable[[float], float | None]:
    """Rounds to so many decimal places: the value times the power of ten, rounded half away from zero."""
    power = 10.0**digits

    def run(a: float) -> float | None:
        grown = a * power
        return finite(half_away(grown) / power) if grown - grown == 0.0 else None

    return run


def ln(a: float) -> float | None:
    """Natural logarithm of a number above zero."""
    return math.log(a) if a > 0.0 else None


def sqrt(a: float) -> float | None:
    """Square root of a number not below zero."""
    return math.sqrt(a) if a >= 0.0 else None


def exp(a: float) -> float | None:
    """E to the power of a."""
    try:
        return math.exp(a)
    except OverflowError:
        return None


def power(a: float, b: float) -> float | None:
    """A to the power of b."""
    try:
        return math.pow(a, b)
    except (OverflowError, ValueError):
        return None


def whole(a: float) -> int | None:
    """The float as an int, halves away from zero."""
    return fitting(int(half_away(a)))
