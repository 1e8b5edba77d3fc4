"""Reads a model's checks on what its versions answered: the champion's monitors, the challenger's demands."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from tidemill.facts.data import NOT_YET, DatasetVersion
from tidemill.facts.model import ModelVersion
from tidemill.facts.release import Release
from tidemill.facts.signal import Reading
from tidemill.lifecycle.monitor import stage as monitoring
from tidemill.loop import canary, horizon, rollback
from tidemill.loop.intake import PREDICTIONS
from tidemill.loop.mill import Mill
from tidemill.loop.schedule import moments
from tidemill.loop.situation import Situation
from tidemill.loop.street import Street
from tidemill.ports.context import Context
from tidemill.spec.check import SERVING, AtLeast, AtMost, Check, NoDrift, check_text
from tidemill.spec.label import Candidates

FAR = NOT_YET


@dataclass(frozen=True, slots=True, kw_only=True)
class Watch:
    """One look at a model. `versions`: the newest of the sources, and of the log of answers and posted outcomes."""

    mill: Mill
    situation: Situation
    versions: tuple[DatasetVersion, ...]
    ctx: Context
    street: Street

    def look(self) -> tuple[Reading, ...]:
        """Readings that are due, of the champion and of the live challenger."""
        found: list[Reading] = []
        champion, live = self.situation.champion, self.situation.live
        if champion is not None and self.is_due(champion):
            found += self.of_champion(champion)
        if live is not None and self.is_due(live):
            found += self.read(live, canary.forbidden(live, self.situation), live.step_since_us, other=champion)
        return tuple(found)

    def is_due(self, release: Release) -> bool:
        """Whether the release's answers are to be read again: it is time, and something came since the last reading."""
        if not any(version.dataset == PREDICTIONS for version in self.versions):
            return False
        last = max((one.at_us for one in self.situation.readings if one.version == release.name), default=None)
        came = max(version.at_us for version in self.versions)
        if last is None or last < release.step_since_us:
            return True
        return self.situation.now_us - last >= self.situation.pace.monitor_us and came > last

    def of_champion(self, champion: Release) -> list[Reading]:
        """Its monitors; where one failed that outcomes tell, also how it compares with the version before it."""
        at_once = [check for check in self.situation.watched if is_at_once(check)]
        later = [check for check in self.situation.watched if not is_at_once(check)]
        found = self.read(champion, at_once, self.situation.now_us - self.situation.pace.window_us)
        found += self.read(champion, later, self.mature_since_us())
        failed = {reading.monitor for reading in found if reading.outcome == "failed"}
        previous = self.situation.previous
        for check in later:
            paired = rollback.comparison(check, self.situation.model)
            if previous is not None and paired is not None and check_text(check) in failed:
                name = rollback.comparison_text(paired, previous)
                beside = self.read(champion, [paired], self.mature_since_us(), other=previous)
                found += [replace(reading, monitor=name) for reading in beside]
        return found

    def mature_since_us(self) -> int:
        """From when on answers are looked at whose outcomes are known: a window of them, as far back as those take."""
        label = self.situation.model.label
        if label.known is not None:
            return FAR
        return self.known_us() - label.delay_us - self.situation.pace.window_us

    def known_us(self) -> int:
        """Up to when outcomes are known."""
        return horizon.watermark_us(self.situation.model.label, self.versions, self.situation.now_us)

    def read(
        self, release: Release, checks: Iterable[Check], since_us: int, *, other: Release | None = None
    ) -> list[Reading]:
        """One reading for each check on the release's answers since then."""
        version = self.version_of(release)
        chosen = tuple(checks)
        if version is None or not chosen:
            return []
        given = monitoring.Given(
            system=self.mill.system,
            model=release.model,
            version=version,
            checks=chosen,
            versions=self.versions,
            since_us=since_us,
            until_us=self.situation.now_us,
            watermark_us=self.known_us(),
            now_us=self.situation.now_us,
            seed=self.mill.seed,
            moments=self.moments(since_us),
            other=None if other is None else self.version_of(other),
        )
        return list(self.street.monitor(given, self.ctx))

    def moments(self, since_us: int) -> tuple[int, ...]:
        """When candidates were to be asked since then; () for rows of a source, or where none is known."""
        asked = self.situation.model.label.asked
        if not isinstance(asked, Candidates) or since_us <= FAR:
            return ()
        return moments(asked.every, self.mill.system.zone, since_us, self.situation.now_us)

    def version_of(self, release: Release) -> ModelVersion | None:
        """The version that is released."""
        return self.ctx.ledger.get(ModelVersion, release.system, release.model, release.ordinal)


def is_at_once(check: Check) -> bool:
    """Whether answers alone tell, without their outcomes."""
    return isinstance(check, NoDrift) or (isinstance(check, AtLeast | AtMost) and check.metric in SERVING)
