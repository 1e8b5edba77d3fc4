"""The demo from nothing to a closed loop: every step is the product's own, only the shop and its time are simulated."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from time import monotonic

from tidemill.app.demo import shopdata
from tidemill.app.demo.calendar import DAY_US, SECOND_US, us_of
from tidemill.app.demo.ending import end
from tidemill.app.demo.play import Play, Size, opened, version_of
from tidemill.app.demo.processes import answers
from tidemill.app.demo.project import OLD_HOURS, SHUFFLED
from tidemill.app.demo.told import Mark, Tell
from tidemill.app.demo.traffic import Count, Traffic
from tidemill.errors import SettingsError
from tidemill.facts.data import Profile
from tidemill.facts.model import Outcome, Validation

SEED = 7
BEGINS = datetime(2026, 5, 10, 15, tzinfo=UTC)
"""Monday, 11 May 2026, midnight in Korea."""
PASSED, REFUSED = 0, 3
"""How `tidemill run` ends."""
START_S = 60.0
FIRST_DAYS = 3
SHOWN = 2
"""Findings that are shown; `tidemill explore` has them all."""
MARKS: Mapping[Outcome, Mark] = {"passed": "good", "failed": "bad", "undecided": "look"}
USUAL = Size()
Scene = Callable[[Play], None]


def run_demo(folder: Path, tell: Tell, size: Size = USUAL, scenes: Sequence[Scene] = ()) -> None:
    """Plays the story in a folder that is new or empty, and leaves all of it there, for a person to go on.

    `scenes`: others than those of the whole story.

    SettingsError `folder-not-empty`. RunError `demo-ended`, `demo-stalled`, `demo-run` when a process ends that was to
    last, nothing comes of what was to come, or a run ends otherwise than it should.
    """
    if folder.exists() and any(folder.iterdir()):
        raise SettingsError("folder-not-empty", folder=str(folder))
    folder.mkdir(parents=True, exist_ok=True)
    with opened(folder, size, tell, us_of(BEGINS) + size.days * DAY_US) as play:
        for scene in scenes or WHOLE:
            scene(play)
        end(play)


def a_shop(play: Play) -> None:
    """The simulated database."""
    play.chapter("demo.shop")
    size, path = play.size, play.folder / "shop.db"
    shopdata.make(
        path,
        seed=SEED,
        start=BEGINS,
        days=size.days,
        customers=size.customers,
        products=size.products,
        wave_after=size.days - size.early,
        wave_days=size.wave_days,
        wave=size.wave,
    )
    customers, products, events = shopdata.counts(path)
    play.say("demo.made", file=path.name, customers=customers, products=products, events=events, days=size.days)
    play.say("demo.simulated")


def the_first_model(play: Play) -> None:
    """The eight stages once, by hand: what exploration names unasked, and what the gates measured."""
    play.chapter("demo.first")
    began = monotonic()
    version = play.run("first-run", PASSED)
    play.day_s = play.size.day_s * max((monotonic() - began) / play.size.first_s, 1.0)
    play.wait("verdict.first", version, instead=("verdict.shadow",))
    profiles = play.ledger.find(Profile, system=play.system)
    findings = sorted((one for each in profiles for one in each.findings), key=lambda one: -one.importance)
    for finding in findings[:SHOWN]:
        play.say(finding.code, "look", **finding.fields)
    gates(play, version)


def it_serves(play: Play) -> None:
    """Server and loop start, customers come, and from now on a day passes in seconds."""
    play.chapter("demo.serving", seconds=round(play.day_s, 1))
    play.go_on_at(DAY_US / SECOND_US / play.day_s)
    play.processes.keep("serve", "serve")
    play.processes.keep("loop", "loop", "--every", "0.2")
    play.until(lambda: answers(play.port), "serve", START_S)
    play.say("demo.serves", "good", url=f"{play.url}/recommend")
    play.traffic = Traffic(play.folder / "shop.db", ("127.0.0.1", play.port), play.time, share=play.size.share)
    play.traffic.start()
    play.days(FIRST_DAYS)


def a_mistake(play: Play) -> None:
    """Somebody breaks the training function: the gate refuses what comes of it, and the champion goes on."""
    play.chapter("demo.mistake")
    play.write(SHUFFLED)
    play.say("demo.shuffled")
    gates(play, play.run("spoilt-run", REFUSED), only="failed")
    play.write()


def the_shop_changes(play: Play) -> None:
    """Other customers come: a monitor fails, the loop trains anew, and the new version has to earn its place."""
    play.chapter("demo.change")
    triggered = play.wait("event.triggered")
    version = play.wait("verdict.passed", after=triggered.seq).subject
    gates(play, version)
    started = play.wait("verdict.step-up", version)
    before = play.tally.counts()
    play.write(OLD_HOURS)
    play.say("demo.evening")
    play.run("evening-run", PASSED)
    play.write()
    play.wait("verdict.promoted", version, after=started.seq, instead=("verdict.rolled-back", "verdict.kept"))
    side_by_side(play, before)


def good_on_paper(play: Play) -> None:
    """The version that came meanwhile takes its turn, fails live and is taken out; no customer has seen it fail."""
    play.chapter("demo.paper")
    taken = play.wait("verdict.rolled-back")
    tally = play.tally
    play.say("demo.unharmed", "good", version=taken.subject, answers=tally.fell_back, failed=tally.failed)


def gates(play: Play, version: str, only: Outcome | None = None) -> None:
    """What the version's gate measured, each figure with its interval; of one outcome or of all."""
    for one in judged(play, version).verdicts:
        if one.value is not None and only in {None, one.outcome}:
            fields = {"check": one.check, "value": one.value, "low": one.low, "high": one.high}
            play.say("demo.gate", MARKS[one.outcome], **fields)


def judged(play: Play, version: str) -> Validation:
    """The gate of a version; a refit was judged as the version that was tested."""
    made = version_of(play, version)
    tested = version_of(play, made.tested) if made.tested else made
    return play.ledger.find(Validation, system=made.system, bundle=tested.bundle)[-1]


def side_by_side(play: Play, before: tuple[Count, ...]) -> None:
    """What each version sold to its customers while both answered."""
    then = {one.version: one for one in before}
    for now in play.tally.counts():
        old = then.get(now.version, Count(version=now.version, asked=0, bought=0))
        asked = now.asked - old.asked
        if asked:
            play.say("demo.sold", version=now.version, share=(now.bought - old.bought) / asked, customers=asked)


WHOLE: tuple[Scene, ...] = (a_shop, the_first_model, it_serves, a_mistake, the_shop_changes, good_on_paper)
"""The story from its beginning to its end."""
