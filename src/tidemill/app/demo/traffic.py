"""Customers who come to the simulated shop: some are shown what the server recommends, and buy with an eye on it."""

from __future__ import annotations

import http.client
import json
import sqlite3
import time
from collections import Counter, deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from threading import Event, Thread
from typing import Any

from tidemill.app.demo import shopdata
from tidemill.app.demo.visit import Shown, Visit, acts_of
from tidemill.app.demo.world import world
from tidemill.ports.clock import Clock

PAUSE_S = 0.05
TIMEOUT_S = 5.0
TOP = 3
PATH = "/recommend"
LATELY = 400
"""So many of the last answers count for what is said of now."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """Who chose what one customer was shown, how long it took, and whether any of it was bought on that visit."""

    at_us: int
    version: str
    took_ms: float
    fell_back: bool
    bought: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Count:
    """Answers of one version so far, and how many of the customers bought something of what they saw."""

    version: str
    asked: int
    bought: int


@dataclass(slots=True, kw_only=True)
class Tally:
    """What was asked so far. `fell_back`: answers that the challenger should have given and the champion gave.

    `last_ids`: the id of the last answer of each version.
    """

    asked: int = 0
    failed: int = 0
    fell_back: int = 0
    last_ids: dict[str, str] = field(default_factory=dict)
    by_version: dict[str, Counter[str]] = field(default_factory=dict)
    lately: deque[Answer] = field(default_factory=lambda: deque(maxlen=LATELY))

    def add(self, answer: Answer) -> None:
        """One more answer."""
        self.asked += 1
        self.fell_back += answer.fell_back
        self.by_version.setdefault(answer.version, Counter()).update(asked=1, bought=int(answer.bought))
        self.lately.append(answer)

    def counts(self) -> tuple[Count, ...]:
        """By version, in the order in which they began to answer."""
        return tuple(
            Count(version=version, asked=one["asked"], bought=one["bought"])
            for version, one in list(self.by_version.items())
        )

    def bought_lately(self) -> float | None:
        """Share of the last customers who bought something of what they saw."""
        last = list(self.lately)
        return sum(one.bought for one in last) / len(last) if last else None

    def took_ms(self, share: float) -> float | None:
        """The time that so many of the last answers kept."""
        times = sorted(one.took_ms for one in list(self.lately))
        return times[min(int(share * len(times)), len(times) - 1)] if times else None


class Traffic:
    """Plays the shop on as the clock goes; `share` of the visits ask the server first.

    A server that does not answer costs the customer nothing but the list; it is counted.
    """

    def __init__(self, path: Path, address: tuple[str, int], clock: Clock, *, share: float) -> None:
        self.tally = Tally()
        self._path, self._address, self._clock, self._share = path, address, clock, share
        self._design = shopdata.design_of(path)
        self._link: http.client.HTTPConnection | None = None
        self._stop = Event()
        self._thread = Thread(target=self._run, name="traffic", daemon=True)
        self._trouble: Exception | None = None

    def start(self) -> None:
        """Customers come from now on."""
        self._thread.start()

    def stop(self) -> None:
        """No more of them. Raises what ended the traffic early."""
        self._stop.set()
        self._thread.join()
        if self._link is not None:
            self._link.close()
        self.check()

    def check(self) -> None:
        """Raises what ended the traffic early, if anything did."""
        if self._trouble is not None:
            raise self._trouble

    def step(self) -> int:
        """Plays all visits up to now; how many rows of events came."""
        return shopdata.advance(self._path, self._clock.now_us(), self._show)

    def _run(self) -> None:
        try:
            while not self._stop.is_set():
                self.step()
                self._stop.wait(PAUSE_S)
        except (OSError, sqlite3.Error, ValueError) as error:
            self._trouble = error

    def _show(self, visit: Visit) -> Shown | None:
        """What the server recommends to a share of the visitors."""
        if Random(visit.number + 2).random() >= self._share:
            return None
        began = time.monotonic()
        found = self._asked({"customer_id": visit.customer.id, "top": TOP})
        if found is None:
            self.tally.failed += 1
            return None
        shown = Shown(at_us=self._clock.now_us(), products=tuple(int(one["product_id"]) for one in found["items"]))
        acts = acts_of(world(self._design), visit, shown)
        answer = Answer(
            at_us=shown.at_us,
            version=str(found["version"]),
            took_ms=(time.monotonic() - began) * 1000,
            fell_back=any(flag.startswith("fallback:") for flag in found["flags"]),
            bought=any(act.kind == "purchase" and act.product in shown.products for act in acts),
        )
        self.tally.add(answer)
        for item in found["items"][:1]:
            self.tally.last_ids[answer.version] = str(item["id"])
        return shown

    def _asked(self, question: Mapping[str, object]) -> dict[str, Any] | None:
        """The server's answer; None when it gives none. The connection is kept for the next."""
        try:
            if self._link is None:
                self._link = http.client.HTTPConnection(*self._address, timeout=TIMEOUT_S)
            self._link.request("POST", PATH, json.dumps(question), {"content-type": "application/json"})
            response = self._link.getresponse()
            body = response.read()
        except (OSError, http.client.HTTPException):
            if self._link is not None:
                self._link.close()
            self._link = None
            return None
        answer: dict[str, Any] = json.loads(body)
        return answer if response.status == http.client.OK else None
