"""Answers a caller: predict, rank, events, outcomes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from tidemill.app.wiring import clock, make, online
from tidemill.errors import RequestError, ServeError, StoreError
from tidemill.facts.data import ColumnType, DatasetVersion, Value
from tidemill.facts.event import Event
from tidemill.facts.ids import version_name
from tidemill.facts.release import Arm, Policy
from tidemill.lifecycle.serve import accept, record, respond, route
from tidemill.lifecycle.serve.answer import Served, served
from tidemill.lifecycle.serve.ask import Ask, Wish, parse, parse_wish, wanted
from tidemill.lifecycle.serve.refused import LOADED, REFUSED, refusal
from tidemill.lifecycle.serve.respond import Call, Endpoint, Said
from tidemill.ports.blobs import Blobs
from tidemill.ports.clock import Clock
from tidemill.ports.journal import Journal, Writer
from tidemill.ports.ledger import Ledger
from tidemill.ports.online import Online
from tidemill.predict.bundle import open_bundle
from tidemill.predict.golden import verify
from tidemill.predict.predictor import Predictor
from tidemill.spec.label import Candidates
from tidemill.spec.source import Source

__all__ = [
    "LOADED", "REFUSED", "Ask", "Call", "Desk", "Endpoint", "Line", "Lines", "Said", "Seat", "Served", "Stores",
    "Unloadable", "Wish", "arm_here", "arms", "load", "open_stores", "policies", "prove", "read",
]  # fmt: skip
"""With the records of the life below that doors hand back and forth."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Seat:
    """Which serving process this is.

    `challenger`: `model@ordinal` of the version that it is there for; "" for the champions of all models. `bundle`: the
    only version that it answers with, whatever the ledger says. `journal`: where it writes, else in the home. `online`:
    URL of the online store, its references resolved, else the home's.
    """

    home: Path
    system: str
    worker: str
    challenger: str = ""
    bundle: str = ""
    clock: str = "system"
    journal: Path | None = None
    online: str = ""

    @property
    def metrics(self) -> Path:
        """Where workers share what they count; one that writes to a place of its own counts for itself alone."""
        return (self.journal or self.home / "tmp") / "metrics"


@dataclass(frozen=True, slots=True, kw_only=True)
class Stores:
    """What a serving process holds open."""

    ledger: Ledger
    blobs: Blobs
    online: Online
    journal: Journal
    clock: Clock


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One model as this process answers it: the policy that it applies and the version that it has loaded for it."""

    policy: Policy
    served: Served

    @property
    def endpoints(self) -> tuple[Endpoint, ...]:
        """The rank endpoints of the model."""
        return tuple(
            Endpoint(name=name, candidates=candidates, top=top, explore=explore)
            for name, candidates, top, explore in self.policy.endpoints
        )


def open_stores(seat: Seat) -> Stores:
    """The stores of a home, the online store to be read only."""
    home = seat.home
    return Stores(
        ledger=make("ledger.sqlite", home / "ledger.db"),
        blobs=make("blobs.local", home / "blobs"),
        online=online(home, seat.online, readonly=True),
        journal=make("journal.segments", seat.journal or home / "journal"),
        clock=clock(seat.clock),
    )


def load(blobs: Blobs, version: str, digest: str) -> Served:
    """The version, opened, its golden rows answered. StoreError, ModelError, ExpressionError when it is damaged."""
    bundle = open_bundle(digest, blobs)
    predictor = Predictor(bundle, make(f"flavor.{bundle.signature.flavor}"))
    verify(predictor)
    return served(version, predictor)


def read(blobs: Blobs, digest: str) -> None:
    """Reads the version's files. StoreError when one of them is gone or damaged; ModelError `bundle-broken`."""
    open_bundle(digest, blobs)


def prove(home: Path, digest: str) -> None:
    """Loads the version once, for a process that may die of it. The errors of `load`."""
    load(make("blobs.local", home / "blobs"), digest, digest).close()


def policies(stores: Stores, seat: Seat) -> tuple[Policy, ...]:
    """What this process is to answer: the ledger's policies, turned to its challenger or its only bundle."""
    if seat.bundle:
        signature = open_bundle(seat.bundle, stores.blobs).signature
        asked = signature.asked
        endpoints = ((f"rank/{signature.model}", asked.name, 10, 0.0),) if isinstance(asked, Candidates) else ()
        alone = Policy(
            system=signature.system,
            model=signature.model,
            seq=0,
            champion=Arm(ordinal=0, bundle=seat.bundle, share=1.0),
            salt="00",
            endpoints=endpoints,
            at_us=0,
        )
        return (alone,)
    return stores.ledger.find(Policy, system=seat.system)


def arm_here(policy: Policy, seat: Seat) -> Arm | None:
    """The arm that this process has to load for a model; None for none."""
    if not seat.challenger:
        return policy.champion
    challenger = policy.challenger
    if challenger is not None and version_name(policy.model, challenger.ordinal) == seat.challenger:
        return challenger
    return None


@dataclass(frozen=True, slots=True, kw_only=True)
class Unloadable:
    """The version that is to answer for a model and could not be loaded, and the code of the error."""

    version: str
    error: str


class Lines:
    """The models that this process answers. A change is one store of a reference: no request sees half of it."""

    def __init__(self) -> None:
        self.by_model: Mapping[str, Line] = {}
        self.empty: Mapping[str, Unloadable] = {}

    def put(self, lines: Mapping[str, Line], empty: Mapping[str, Unloadable]) -> None:
        """From now on these; `empty`: models that should be answered but of which nothing could be loaded."""
        self.by_model, self.empty = lines, empty

    def line(self, model: str) -> Line:
        """The model's line. RequestError `model-unknown`; ServeError `no-champion` when no version can be loaded."""
        found = self.by_model.get(model)
        if found is not None:
            return found
        if model in self.empty:
            lost = self.empty[model]
            raise ServeError("no-champion", model=model, version=lost.version, error=lost.error)
        raise RequestError("model-unknown", model=model, nearest=nearest(model, self.by_model))

    def endpoint(self, name: str) -> tuple[Line, Endpoint] | None:
        """The line and endpoint of that name."""
        for line in self.by_model.values():
            for endpoint in line.endpoints:
                if endpoint.name == name:
                    return line, endpoint
        return None

    def about(self) -> list[dict[str, Any]]:
        """What is served, as a caller reads it."""
        return [about(line) for line in self.by_model.values()]

    def sources(self) -> dict[str, Source]:
        """Sources that the versions know, by dataset."""
        signatures = [line.served.signature for line in self.by_model.values()]
        known = [view.source for signature in signatures for view in signature.lookups]
        known += [signature.asked for signature in signatures if isinstance(signature.asked, Source)]
        return {source.dataset: source for source in known}

    @property
    def zone(self) -> str:
        """The system's zone, as its versions have it; UTC while there is none."""
        return next((line.served.signature.zone for line in self.by_model.values()), "UTC")


def about(line: Line) -> dict[str, Any]:
    """One model, as a caller reads it."""
    policy, version = line.policy, line.served
    challenger = policy.challenger
    return {
        "model": version.model,
        "version": version.version,
        "bundle": version.bundle,
        "policy": policy.seq,
        "kind": version.signature.kind,
        "fields": wanted(version.fields),
        "endpoints": [endpoint.name for endpoint in line.endpoints],
        "challenger": None if challenger is None else version_name(policy.model, challenger.ordinal),
    }


def nearest(name: str, known: Mapping[str, object]) -> str:
    """The known name that was probably meant, or ""."""
    return next(iter(get_close_matches(name, known, n=1)), "")


def arms(line: Line, asks: Sequence[Ask | Wish], call: Call, wished: str = "") -> list[route.ArmName]:
    """Which arm answers each ask; `wished`: the arm that a tester asked for."""
    asked = line.served.signature.asked
    sticky = asked.entity if isinstance(asked, Candidates) else line.served.signature.sticky
    found = []
    for ask in asks:
        values = {**ask.request, **(ask.keys if isinstance(ask, Ask) else ask.entity)}
        key = route.sticky_key([values.get(name) for name in sticky], call.id)
        found.append(route.chosen(line.policy, key, wished))
    return found


class Desk:
    """Answers with the versions of its lines and writes each answer down before it is given.

    One thread asks; `sync` may come from another.
    """

    def __init__(self, seat: Seat, stores: Stores) -> None:
        self.seat, self.stores, self.lines = seat, stores, Lines()
        self._writers: dict[str, Writer] = {}
        self._unsynced: set[Writer] = set()
        self._columns: dict[str, tuple[ColumnType, ...]] = {}
        self._columns_at = -1

    def asks(self, line: Line, body: Mapping[str, object], received_us: int) -> tuple[Ask, ...]:
        """The instances of a request. RequestError with what is wrong and where."""
        return parse(line.served.signature, line.served.fields, body.get("instances"), received_us)

    def wish(self, line: Line, endpoint: Endpoint, body: object, received_us: int) -> Wish:
        """A request for a ranking. RequestError with what is wrong and where."""
        return parse_wish(line.served.signature, line.served.fields, body, endpoint.top, received_us)

    def predict(self, line: Line, asks: Sequence[Ask], call: Call) -> list[Said]:
        """The line's own version's answers, logged."""
        with self._writing(record.STREAM) as log:
            return respond.predicted(line.served, asks, call, self.stores.online, log)

    def rank(self, line: Line, endpoint: Endpoint, wish: Wish, call: Call) -> Said:
        """The line's own version's ranking, logged."""
        with self._writing(record.STREAM) as log:
            return respond.ranked(line.served, endpoint, wish, call, online=self.stores.online, log=log)

    def failed(self, policy: Policy, arm: Arm, asks: Sequence[Ask | Wish], call: Call, error: str) -> None:
        """Writes down that this version gave no answer, and why."""
        who = {
            "system": policy.system,
            "model": policy.model,
            "version": version_name(policy.model, arm.ordinal),
            "bundle": arm.bundle,
        }
        with self._writing(record.STREAM) as log:
            respond.failed(who, asks, call, error, log)

    def outcomes(self, outcomes: Sequence[object]) -> accept.Sorted:
        """Outcomes of predictions, kept. ServeError `not-kept` when the journal takes no more."""
        now = self.stores.clock.now_us()
        found = accept.sort_outcomes(outcomes, self.lines.zone, now)
        self._keep(accept.OUTCOMES, [accept.outcome_frame(outcome, now) for outcome in found.taken])
        return found

    def events(self, source: str, rows: Sequence[object]) -> accept.Sorted:
        """Rows of a source, kept. RequestError `source-unknown`; ServeError `not-kept` when the journal is full."""
        now = self.stores.clock.now_us()
        found = accept.sort_rows(rows, self._rows(source), now)
        if found.taken:
            self._keep(accept.events_stream(source), [accept.events_frame(found.taken, now)])
        return found

    def sources(self) -> list[dict[str, Any]]:
        """The sources whose rows may be pushed and that the versions know, as a caller reads them."""
        return [{"source": name, "fields": wanted(self._rows(name).fields())} for name in self.lines.sources()]

    def note(self, code: str, subject: str, fields: Mapping[str, Value]) -> None:
        """One line in the ledger's diary, by this worker."""
        at_us, by = self.stores.clock.now_us(), self.seat.worker
        event = Event(at_us=at_us, system=self.seat.system, code=code, subject=subject, by=by, fields=dict(fields))
        self.stores.ledger.commit(events=[event])

    def is_refused(self, version: str) -> bool:
        """Whether the diary says that the version cannot be loaded."""
        return refusal(self.stores.ledger, self.seat.system, version) is not None

    def sync(self) -> None:
        """Forces what was written since the last time to the disk."""
        while self._unsynced:
            self._unsynced.pop().sync()

    def close(self) -> None:
        """Seals the journals and frees the stores."""
        for writer in self._writers.values():
            writer.close()
        self.stores.online.close()
        self.stores.ledger.close()

    @contextmanager
    def _writing(self, stream: str) -> Iterator[Writer]:
        """This worker's end of a stream; what is written to it is synced afterwards."""
        if stream not in self._writers:
            self._writers[stream] = self.stores.journal.writer(stream, self.seat.worker)
        try:
            yield self._writers[stream]
        finally:
            self._unsynced.add(self._writers[stream])

    def _keep(self, stream: str, frames: Sequence[bytes]) -> None:
        """All frames, or ServeError `not-kept`."""
        try:
            with self._writing(stream) as writer:
                for frame in frames:
                    writer.append(frame)
        except StoreError as error:
            raise ServeError("not-kept", stream=stream, reason=error.code) from error

    def _rows(self, source: str) -> accept.Rows:
        """How rows of that source are read. RequestError `source-unknown`."""
        declared, columns = self.lines.sources().get(source), self._landed(source)
        if declared is None and not columns:
            raise RequestError("source-unknown", source=source, nearest=nearest(source, self.lines.sources()))
        return accept.Rows(
            source=source,
            time=declared.time if declared else "",
            key=declared.key if declared else (),
            columns=columns,
            zone=self.lines.zone,
        )

    def _landed(self, source: str) -> tuple[ColumnType, ...]:
        """The columns of the newest landed version; none if nothing landed."""
        now = self.stores.ledger.change_number()
        if now != self._columns_at:
            self._columns, self._columns_at = {}, now
        if source not in self._columns:
            newest = self.stores.ledger.find(DatasetVersion, system=self.seat.system, dataset=source, newest=1)
            self._columns[source] = tuple(column for version in newest for column in version.columns)
        return self._columns[source]
