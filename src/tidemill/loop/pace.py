"""How fast the mill turns: every length of time and every count that its decisions use, in one record."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace

SECOND = 1_000_000
MINUTE = 60 * SECOND
HOUR = 60 * MINUTE
DAY = 24 * HOUR


@dataclass(frozen=True, slots=True, kw_only=True)
class Pace:
    """Lengths in microseconds of the system's clock (`*_us`), in seconds of the machine (`*_s`), and counts.

    poll: sources are read at least so often. monitor: checks are read so often, over `window` of answers.
    stay: a canary share is kept at least so long. bake: so long after a promotion bad service takes it back.
    undecided: deadline of a version whose gate is undecided, where no release is declared.
    rest: from one roll-back to the next. cool_down: from a run to the next that a failed check may start.
    storm: so many failed or refused runs in a row within `storm_us` stop retraining.
    confirm of among: failed readings that open a warning; clean: passed readings in a row that close an alert.
    resume: an interrupted run is taken up again if it is not older. notice: first wait before sending again.
    prove: so often `proofs` of the answers given since are computed anew from landed rows (0: never).
    """

    poll_us: int = HOUR
    monitor_us: int = HOUR
    window_us: int = 7 * DAY
    stay_us: int = HOUR
    undecided_us: int = 14 * DAY
    bake_us: int = DAY
    rest_us: int = DAY
    cool_down_us: int = DAY
    storm: int = 3
    storm_us: int = 7 * DAY
    confirm: int = 2
    among: int = 3
    clean: int = 3
    resume_us: int = DAY
    notice_us: int = MINUTE
    notice_most_us: int = 4 * HOUR
    notice_tries: int = 12
    prove_us: int = DAY
    proofs: int = 200
    trial_s: float = 10.0
    lease_s: float = 60.0
    beat_s: float = 10.0

    def scaled(self, by: float) -> Pace:
        """All lengths of the system's clock times `by`; what the machine needs stays as it is."""
        lengths = {field.name: getattr(self, field.name) for field in fields(self) if field.name.endswith("_us")}
        return replace(self, **{name: max(round(length * by), 1) for name, length in lengths.items()})
