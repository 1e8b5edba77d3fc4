"""One system at work: what it declares, its code, its pace, and whether the loop acts or only advises."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from tidemill.loop.fingerprint import Code
from tidemill.loop.pace import Pace
from tidemill.spec.check import Check, Cron, NewRows, check_text
from tidemill.spec.declaration import Declaration

USUAL = Pace()
BESIDE = ("baseline", "rolling", "random_split")


@dataclass(frozen=True, slots=True, kw_only=True)
class Mill:
    """`automation`: `advise` records what would have been done and moves no traffic. `seed`: of all that is drawn.

    `beside`: whom a version is evaluated beside, besides the champion.
    """

    system: Declaration
    code: Code
    pace: Pace = USUAL
    automation: Literal["act", "advise"] = "act"
    seed: int = 0
    beside: tuple[str, ...] = BESIDE

    def watched(self, model: str) -> tuple[Check, ...]:
        """The checks that are read of a model's champion: its monitors, and checks that start a run."""
        checks = [check for name, check in self.system.monitors if name == model]
        checks += [
            each for name, each in self.system.triggers if name == model and not isinstance(each, Cron | NewRows)
        ]
        return tuple({check_text(check): check for check in checks}.values())

    def monitored(self, model: str) -> tuple[Check, ...]:
        """The checks whose failures are told to people."""
        return tuple(check for name, check in self.system.monitors if name == model)
