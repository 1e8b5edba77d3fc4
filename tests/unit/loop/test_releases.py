"""Whatever comes, in whatever order: one champion, at most one live challenger, and only steps that there are."""

from __future__ import annotations

from typing import Any

import hypothesis.strategies as st
from hypothesis import settings
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

import tidemill as tm
from tests.unit.loop.kit import (
    BESIDE,
    DAY,
    ERRORS,
    FLOOR,
    HOUR,
    NOON,
    declared,
    reading,
    situation,
    validation,
    version,
)
from tidemill.errors import RunError
from tidemill.facts.release import LIVE, NEXT, Policy, Release
from tidemill.facts.signal import Reading
from tidemill.loop import canary, gate, policy, promote, rollback
from tidemill.loop.decision import Decision
from tidemill.loop.situation import Situation
from tidemill.spec.check import check_text

SYSTEMS = [
    declared(release=None),
    declared(release=tm.canary("10%", "50%", require=[ERRORS, BESIDE], deadline="2d")),
    declared(release=tm.canary("5%", shadow="6h", require=[ERRORS], deadline="1d", undecided="promote_fresher")),
]
OUTCOMES = st.sampled_from(["passed", "failed", "undecided"])
MONITORS = [check_text(check) for check in (FLOOR, ERRORS, BESIDE)]


class Releases(RuleBasedStateMachine):
    """The releases of one model, as decisions move them; the ledger is a dictionary."""

    def __init__(self) -> None:
        super().__init__()
        self.releases: dict[int, Release] = {}
        self.readings: list[Reading] = []
        self.policy: Policy | None = None
        self.system = SYSTEMS[0]
        self.now = NOON
        self.ordinal = 0
        self.had_champion = False

    @property
    def situation(self) -> Situation:
        return situation(
            *self.releases.values(), readings=tuple(self.readings), model=self.system.model("risk"),
            watched=(FLOOR, ERRORS), now_us=self.now,
        )  # fmt: skip

    def carry_out(self, decision: Decision | None) -> None:
        for release in decision.releases if decision else ():
            before = self.releases.get(release.ordinal)
            if before is not None:
                assert release.state in NEXT[before.state]
            self.releases[release.ordinal] = release
        after = policy.after(
            self.policy,
            self.releases.values(),
            (),
            system="bank",
            model="risk",
            salt=f"{self.ordinal:02x}",
            now_us=self.now,
        )
        if self.policy is not None and after is not self.policy:
            assert after.seq == self.policy.seq + 1
        self.policy = after

    @rule(system=st.sampled_from(SYSTEMS))
    def declares_anew(self, system: Any) -> None:
        self.system = system

    @rule(outcomes=st.lists(OUTCOMES, min_size=1, max_size=3))
    def is_validated(self, outcomes: Any) -> None:
        self.ordinal += 1
        self.carry_out(gate.decide(validation(*outcomes), version(self.ordinal), self.now))

    @rule(outcome=OUTCOMES, monitor=st.sampled_from(MONITORS), champion=st.booleans(), n=st.sampled_from([0, 500]))
    def is_read(self, outcome: Any, monitor: str, champion: bool, n: int) -> None:
        release = self.situation.champion if champion else self.situation.live
        if release is not None:
            self.now += 1
            found = reading(
                release.name, monitor, outcome, since_us=release.step_since_us, until_us=self.now, n=n, at_us=self.now
            )
            self.readings.append(found)

    @rule(high=st.sampled_from([-0.1, 0.2]))
    def is_compared(self, high: float) -> None:
        champion, previous = self.situation.champion, self.situation.previous
        failed = [one for one in self.readings if champion and one.version == champion.name and one.outcome == "failed"]
        if champion and previous and failed:
            name = rollback.comparison_text(BESIDE, previous)
            until_us = max(one.until_us for one in failed)
            self.readings.append(
                reading(champion.name, name, "undecided", high=high, reason="not-shown", until_us=until_us)
            )

    @rule(by=st.sampled_from([HOUR, 6 * HOUR, DAY, 3 * DAY]))
    def time_passes(self, by: int) -> None:
        self.now += by

    @rule()
    def a_turn_is_taken(self) -> None:
        self.carry_out(rollback.decide(self.situation))
        self.carry_out(canary.decide(self.situation))

    @precondition(lambda self: self.ordinal)
    @rule(data=st.data(), back=st.booleans())
    def a_person_acts(self, data: st.DataObject, back: bool) -> None:
        ordinal = data.draw(st.integers(1, self.ordinal + 1))
        act = promote.taken_back_by_person if back else promote.by_person
        try:
            self.carry_out(act(ordinal, self.situation, who="min.park", why="to see"))
        except RunError:
            return

    @invariant()
    def there_is_one_champion_once_there_was_one(self) -> None:
        champions = [one for one in self.releases.values() if one.state == "champion"]
        assert len(champions) <= 1
        assert champions or not self.had_champion
        self.had_champion = bool(champions)

    @invariant()
    def at_most_one_challenger_is_live(self) -> None:
        assert len([one for one in self.releases.values() if one.state in LIVE]) <= 1

    @invariant()
    def the_policy_says_what_the_releases_say(self) -> None:
        if self.policy is None:
            return
        champion, live = self.situation.champion, self.situation.live
        assert (self.policy.champion.ordinal if self.policy.champion else None) == (champion and champion.ordinal)
        assert (self.policy.challenger.ordinal if self.policy.challenger else None) == (live and live.ordinal)

    @invariant()
    def refused_versions_never_answer(self) -> None:
        assert all(one.share == 0.0 for one in self.releases.values() if one.state not in {"champion", "canary"})


TestReleases = Releases.TestCase
TestReleases.settings = settings(max_examples=60, stateful_step_count=30, deadline=None)
