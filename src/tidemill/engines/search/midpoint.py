"""One try in the middle of every range, where no search is wanted."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

from tidemill.spec.model import Parameter, Tunable


class Midpoint:
    """Always the same values, so that telling it how they did changes nothing."""

    def ask(self, parameters: Sequence[Parameter]) -> Mapping[str, object]:
        """Defaults as they are, of a range the arithmetic middle (geometric if `log`), of choices the middle one."""
        return {one.name: one.default if one.tunable is None else _middle(one.tunable, one.type) for one in parameters}

    def tell(self, values: Mapping[str, object], loss: float) -> None:
        """Nothing is learnt."""


def _middle(tunable: Tunable, type: str) -> object:
    if tunable.low is None or tunable.high is None:
        return tunable.choices[(len(tunable.choices) - 1) // 2]
    middle = math.sqrt(tunable.low * tunable.high) if tunable.log else (tunable.low + tunable.high) / 2
    return round(middle) if type == "int" else middle
