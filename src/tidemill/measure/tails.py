"""Tail probabilities and quantiles of the normal, chi-square, Student, binomial and Kolmogorov distributions."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from math import erfc, exp, inf, lgamma, log, log1p, pi, sqrt
from statistics import NormalDist

_STANDARD = NormalDist()
_TINY = 1e-300
_CLOSE = 1e-15
_STEPS = 10_000


def normal_above(z: float) -> float:
    """P(Z > z) of the standard normal."""
    return 0.5 * erfc(z / sqrt(2))


def normal_quantile(p: float) -> float:
    """The z with P(Z <= z) = p, 0 < p < 1."""
    return _STANDARD.inv_cdf(p)


def chi_square_above(x: float, df: float) -> float:
    """P(X > x) of chi-square with `df` degrees of freedom."""
    return 1.0 if x <= 0 else _gamma_above(df / 2, x / 2)


def student_above(t: float, df: float) -> float:
    """P(T > t) of Student's t with `df` degrees of freedom; `df` may be infinite."""
    if df == inf:
        return normal_above(t)
    if t * t < 1:  # near the middle the complement is the small number, which keeps its digits
        inner = 0.5 * beta_below(t * t / (df + t * t), 0.5, df / 2)
        return 0.5 - inner if t >= 0 else 0.5 + inner
    tail = 0.5 * beta_below(df / (df + t * t), df / 2, 0.5)
    return tail if t >= 0 else 1.0 - tail


@lru_cache(maxsize=4096)
def student_quantile(p: float, df: float) -> float:
    """The t with P(T <= t) = p, 0 < p < 1."""
    if df == inf:
        return normal_quantile(p)
    if p < 0.5:
        return -student_quantile(1.0 - p, df)
    high = 1.0
    while student_above(high, df) > 1.0 - p:
        high *= 2
    return _where(lambda t: student_above(t, df) <= 1.0 - p, 0.0, high)


def beta_quantile(p: float, a: float, b: float) -> float:
    """The x with I_x(a, b) = p: the bounds of Clopper and Pearson are quantiles of the beta distribution."""
    return _where(lambda x: beta_below(x, a, b) >= p, 0.0, 1.0)


def binomial_at_most(k: int, n: int, p: float) -> float:
    """P(X <= k) of n trials with chance p."""
    if k < 0:
        return 0.0
    return 1.0 if k >= n else beta_below(1.0 - p, n - k, k + 1)


def kolmogorov_above(x: float) -> float:
    """P(K > x) of the limit of sqrt(nm / (n + m)) times the Kolmogorov-Smirnov distance of two samples."""
    if x < 0.1:  # 1 to 50 digits
        return 1.0
    if x < 1.18:  # here the other series, of the same function, is the quick one (Marsaglia, Tsang, Wang 2003)
        odd = sum(exp(-((2 * k - 1) ** 2) * pi * pi / (8 * x * x)) for k in range(1, 8))
        return 1.0 - sqrt(2 * pi) / x * odd
    return 2.0 * sum((1 if k % 2 else -1) * exp(-2 * k * k * x * x) for k in range(1, 8))


def beta_below(x: float, a: float, b: float) -> float:
    """Regularised incomplete beta I_x(a, b), by its continued fraction (DLMF 8.17.22)."""
    if x <= 0 or x >= 1:
        return float(x >= 1)
    if x > (a + 1) / (a + b + 2):
        return 1.0 - beta_below(1.0 - x, b, a)
    front = exp(lgamma(a + b) - lgamma(a) - lgamma(b) + a * log(x) + b * log1p(-x)) / a

    def term(m: int) -> tuple[float, float]:
        half = m // 2
        if m % 2:
            return -(a + half) * (a + b + half) * x / ((a + m - 1) * (a + m)), 1.0
        return half * (b - half) * x / ((a + m - 1) * (a + m)), 1.0

    return front / (1.0 + _fraction(term))


def _gamma_above(a: float, x: float) -> float:
    """Regularised upper incomplete gamma Q(a, x), by its series (DLMF 8.7.1) or its continued fraction (8.9.2)."""
    front = exp(a * log(x) - x - lgamma(a))
    if x < a + 1:
        total = part = 1.0 / a
        for k in range(1, _STEPS):
            part *= x / (a + k)
            total += part
            if part < total * _CLOSE:
                break
        return 1.0 - front * total
    return front / (x + 1 - a + _fraction(lambda k: (k * (a - k), x + 2 * k + 1 - a)))


def _fraction(term: Callable[[int], tuple[float, float]]) -> float:
    """a1/(b1 + a2/(b2 + ...)) with `term(k)` = (ak, bk), by the modified method of Lentz (Thompson, Barnett 1986)."""
    value = numerator = _TINY
    denominator = 0.0
    for k in range(1, _STEPS):
        a, b = term(k)
        denominator = 1.0 / ((b + a * denominator) or _TINY)
        numerator = (b + a / numerator) or _TINY
        step = numerator * denominator
        value *= step
        if abs(step - 1.0) < _CLOSE:
            break
    return value


def _where(holds: Callable[[float], bool], low: float, high: float) -> float:
    """The point between low (does not hold) and high (holds) where it begins to hold, by halving."""
    for _ in range(200):
        middle = (low + high) / 2
        if middle in {low, high}:
            break
        low, high = (low, middle) if holds(middle) else (middle, high)
    return high
