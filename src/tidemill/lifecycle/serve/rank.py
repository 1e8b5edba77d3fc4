"""In which order candidates are shown: by score, or for a share of the requests at random, with what each was worth."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import blake2b
from random import Random

from tidemill.lifecycle.serve.route import SPAN


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """Places of the shown candidates, first to last, each with the chance that it stood where it stands."""

    places: tuple[int, ...]
    propensities: tuple[float, ...]
    explored: bool


def order(scores: Sequence[float], *, top: int, explore: float, request: str) -> Order:
    """The `top` candidates by falling score (ties as listed); a share `explore` of the requests in random order.

    Whether and how is drawn from the request's id, so that it can be drawn again. The propensity (Horvitz & Thompson
    1952) is that of the mixture: explore / n everywhere, and 1 - explore more where the score puts the candidate.
    """
    n = len(scores)
    ranked = sorted(range(n), key=lambda place: -scores[place])
    seed = blake2b(request.encode(), digest_size=16, person=b"tidemill explore").digest()
    explored = int.from_bytes(seed[:8], "big") / SPAN < explore
    shown = list(ranked)
    if explored:
        Random(seed[8:]).shuffle(shown)
    chances = [
        explore / n + (1.0 - explore) * (place == best) for place, best in zip(shown[:top], ranked[:top], strict=True)
    ]
    return Order(places=tuple(shown[:top]), propensities=tuple(chances), explored=explored)
