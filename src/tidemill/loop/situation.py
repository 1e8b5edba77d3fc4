"""All that the decisions about one model's releases stand on, at one moment."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from tidemill.facts.release import LIVE, Release
from tidemill.facts.signal import Reading
from tidemill.loop.pace import Pace
from tidemill.spec.check import Check, check_text
from tidemill.spec.model import Model


@dataclass(frozen=True, slots=True, kw_only=True)
class Situation:
    """A model's releases and the readings of its versions.

    `watched`: checks that are monitored or start a run. `readings`: of any version, in any order. `paused`: a person
    holds promotions and retraining; harm still rolls back.
    """

    system: str
    model: Model
    releases: tuple[Release, ...]
    readings: tuple[Reading, ...] = ()
    watched: tuple[Check, ...] = ()
    now_us: int
    paused: bool = False
    pace: Pace

    @property
    def champion(self) -> Release | None:
        """The version that answers."""
        return next((release for release in self.releases if release.state == "champion"), None)

    @property
    def live(self) -> Release | None:
        """The challenger in shadow or canary."""
        return next((release for release in self.releases if release.state in LIVE), None)

    @property
    def waiting(self) -> tuple[Release, ...]:
        """Versions that passed their gate and have not begun, newest first."""
        found = (release for release in self.releases if release.state == "validated")
        return tuple(sorted(found, key=lambda release: -release.ordinal))

    @property
    def previous(self) -> Release | None:
        """The version that the champion took the place of."""
        champion = self.champion
        ordinal = None if champion is None else champion.previous
        return next((release for release in self.releases if release.ordinal == ordinal), None)

    def read(self, version: str, monitor: str) -> tuple[Reading, ...]:
        """Readings of that monitor on that version, newest first."""
        found = (one for one in self.readings if one.version == version and one.monitor == monitor)
        return tuple(sorted(found, key=lambda one: -one.until_us))

    def since_step(self, release: Release, checks: Iterable[Check]) -> tuple[tuple[Check, Reading | None], ...]:
        """Each check with its newest reading on answers given since the release's step began."""
        return tuple((check, self._newest(release, check_text(check))) for check in checks)

    def _newest(self, release: Release, monitor: str) -> Reading | None:
        fresh = (one for one in self.read(release.name, monitor) if one.since_us >= release.step_since_us)
        return next(fresh, None)
