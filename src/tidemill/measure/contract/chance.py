"""Whether a share is beyond its bound by more than chance."""

from __future__ import annotations

from math import inf, log

RARE = 1e-4
"""How often chance alone may break a promise that is kept."""


def exceeds(hits: int, n: int, most: float) -> bool:
    """Whether `hits` of `n` independent rows cannot be called chance where a share of `most` is promised.

    Hoeffding (1963, theorem 1): the chance of as many hits or more is at most exp(-n D), D the Kullback-Leibler
    divergence of the share seen from the share promised. A promise of none is broken by one.
    """
    if not n or hits <= most * n:
        return False
    return n * divergence(hits / n, most) > -log(RARE)


def divergence(seen: float, promised: float) -> float:
    """Kullback-Leibler divergence between two yes-or-no chances, in nats."""
    if promised in {0.0, 1.0}:
        return 0.0 if seen == promised else inf
    parts = ((seen, promised), (1 - seen, 1 - promised))
    return sum(p * log(p / q) for p, q in parts if p > 0)
