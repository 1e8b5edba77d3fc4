"""The stage that the demo's chapters are played on: a project, its processes, its clock, and who watches."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from threading import Event as Signal
from time import monotonic

from tidemill.app.context import open_ledger
from tidemill.app.demo import project
from tidemill.app.demo.calendar import DAY_US
from tidemill.app.demo.diary import Diary
from tidemill.app.demo.inbox import Inbox
from tidemill.app.demo.processes import Processes, free_port
from tidemill.app.demo.project import Edit
from tidemill.app.demo.told import Chapter, Day, Line, Mark, Tell
from tidemill.app.demo.traffic import Tally, Traffic
from tidemill.app.find import find
from tidemill.app.settings import settings
from tidemill.app.wiring import clock
from tidemill.errors import RunError
from tidemill.facts.event import Event
from tidemill.facts.model import ModelVersion
from tidemill.loop.plan import plan
from tidemill.ports.clock import Clock
from tidemill.ports.ledger import Ledger

MODEL = "ranker"
VERDICTS = frozenset({"verdict.passed", "verdict.undecided", "verdict.refused"})
LOOK_S, DAY_S = 0.1, 0.5


@dataclass(frozen=True, slots=True, kw_only=True)
class Size:
    """How much there is of everything. `early`: days before the first model at which the shop begins to change.

    `day_s`: seconds in which a day passes once it serves, on a machine that makes the first model in `first_s`; a
    slower one gets more time for all of it. `share`: of the visits, that ask the server. `edits`: of the system file.
    `patience_s`: how long is waited for what is to come.
    """

    customers: int = 700
    products: int = 32
    days: int = 56
    wave: int = 350
    wave_days: int = 80
    early: int = 10
    day_s: float = 1.2
    first_s: float = 25.0
    share: float = 0.2
    trial_s: float = 2.5
    patience_s: float = 240.0
    edits: tuple[Edit, ...] = ()


@dataclass(slots=True, kw_only=True)
class Play:
    """Everything that a chapter may use. `heard`: the diary since the beginning. `day_s`: how long a day takes here."""

    folder: Path
    size: Size
    tell: Tell
    ledger: Ledger
    diary: Diary
    processes: Processes
    inbox: Inbox
    port: int
    time: Clock
    traffic: Traffic | None = None
    heard: list[Event] = field(default_factory=list)
    messages: int = 0
    day_s: float = 1.0
    day_told: float = 0.0

    @property
    def url(self) -> str:
        """Where the server listens."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def tally(self) -> Tally:
        """What was asked so far."""
        return Tally() if self.traffic is None else self.traffic.tally

    @property
    def system(self) -> str:
        """The system's name."""
        return self.diary.system

    def chapter(self, code: str, **fields: object) -> None:
        """A new part begins."""
        self.tell(Chapter(code=code, fields=fields))

    def say(self, code: str, mark: Mark = "", **fields: object) -> None:
        """A line of the demo's own."""
        self.tell(Line(code=code, fields=fields, mark=mark))

    def _look(self) -> None:
        """One look around: what the diary says, whether all is alive, how the shop goes."""
        self.heard += self.diary.read()
        self.processes.check()
        if self.traffic is not None:
            self.traffic.check()
            if monotonic() - self.day_told >= DAY_S:
                self.day_told = monotonic()
                self.tell(self._day(self.traffic))
        for message in self.inbox.messages[self.messages :]:
            self.messages += 1
            if message["notice"]["code"] != "event.resolved":
                self.say("demo.message")

    def until(self, is_so: Callable[[], bool], what: str, patience_s: float | None = None) -> None:
        """Looks around until it is so. RunError `demo-stalled` when it takes too long."""
        limit = self.size.patience_s * max(self.day_s, 1.0) if patience_s is None else patience_s
        began = monotonic()
        while not is_so():
            if monotonic() - began > limit:
                raise self._stalled(what)
            Signal().wait(LOOK_S)
            self._look()

    def wait(self, code: str, subject: str = "", *, after: int = 0, instead: Sequence[str] = ()) -> Event:
        """The first event of that code (about that subject) after a number of the diary, there or yet to come.

        RunError `demo-stalled` when it does not come in time, or one of the codes of `instead` does.
        """
        codes = (code, *instead)

        def found() -> Event | None:
            fresh = (one for one in self.heard if one.seq > after and one.code in codes)
            return next((one for one in fresh if subject in {"", one.subject}), None)

        self.until(lambda: found() is not None, code)
        event = found()
        if event is None or event.code != code:
            raise self._stalled(code)
        return event

    def days(self, count: float) -> None:
        """So many days of the shop pass."""
        end_us = self.time.now_us() + round(count * DAY_US)
        self.until(lambda: self.time.now_us() >= end_us, "days")

    def run(self, name: str, expected: int) -> str:
        """`tidemill run` by hand, to its end; the version that it made. RunError `demo-run` for another end."""
        begin = len(self.heard)
        process = self.processes.start(name, "run", MODEL)
        self.until(lambda: process.poll() is not None, name)
        self._look()
        if process.returncode != expected:
            words = self.processes.words(name)
            raise RunError("demo-run", name=name, status=process.returncode, expected=expected, words=words)
        return next(event.subject for event in self.heard[begin:] if event.code in VERDICTS)

    def write(self, edits: Sequence[Edit] = ()) -> None:
        """The system file, with these edits or as it was."""
        project.write_system(self.folder, self.inbox.url, (*self.size.edits, *edits))

    def go_on_at(self, factor: float) -> None:
        """From now on the shop's time passes so many times as fast, for every process that is started now."""
        text = scaled(self.time.now_us(), factor)
        self.time = clock(text)
        project.write_settings(self.folder, text, self.port, pace(self.size))

    def close(self) -> None:
        """No more customers come."""
        if self.traffic is not None:
            self.traffic.stop()

    def _stalled(self, what: str) -> RunError:
        return RunError("demo-stalled", what=what, folder=str(self.folder))

    def _day(self, traffic: Traffic) -> Day:
        tally, now_us = traffic.tally, self.time.now_us()
        return Day(
            at_us=now_us,
            asked=tally.asked,
            arms=self.diary.arms(),
            counts=tally.counts(),
            bought=tally.bought_lately(),
            p99_ms=tally.took_ms(0.99),
            gauges=self.diary.gauges(),
        )


@contextmanager
def opened(folder: Path, size: Size, tell: Tell, begins_us: int) -> Iterator[Play]:
    """The project, written into its folder, the shop's clock at `begins_us`; at the end all processes are stopped."""
    with ExitStack() as closing:
        inbox = Inbox(folder / "alerts.jsonl")
        closing.callback(inbox.close)
        port, text = free_port(), scaled(begins_us, 1.0)
        project.write_settings(folder, text, port, pace(size))
        project.write_system(folder, inbox.url, size.edits)
        found = find(None, folder)
        ledger = open_ledger(settings(folder, found.folder))
        closing.callback(ledger.close)
        system = found.declaration
        street = tuple((step.stage, step.subject) for step in plan(system.model(MODEL), system))
        play = Play(
            folder=folder,
            size=size,
            tell=tell,
            ledger=ledger,
            diary=Diary(ledger, system.name, MODEL, street, tell),
            processes=closing.enter_context(Processes(folder)),
            inbox=inbox,
            port=port,
            time=clock(text),
        )
        closing.callback(play.close)
        yield play


def scaled(start_us: int, factor: float) -> str:
    """The text of a clock that stands at `start_us` now and goes so many times as fast as the machine's."""
    return f"scaled:{start_us}:{factor!r}:{clock('system').now_us()}"


def pace(size: Size) -> dict[str, float]:
    """How often the loop looks when a day takes a second; hours and days where production has weeks."""
    return {
        "poll_us": DAY_US,
        "monitor_us": DAY_US,
        "window_us": 10 * DAY_US,
        "stay_us": 2 * DAY_US,
        "cool_down_us": 35 * DAY_US,
        "prove_us": 60 * DAY_US,
        "trial_s": size.trial_s,
    }


def version_of(play: Play, name: str) -> ModelVersion:
    """The version of that name. LookupError when there is none."""
    found = play.ledger.get(ModelVersion, play.system, MODEL, int(name.rpartition("@")[2]))
    if found is None:
        raise LookupError(name)
    return found
