"""What a worker counts, shared with the others through small files, and the text that Prometheus reads.

Each worker writes its numbers beside the others' a few times a second; whichever is scraped adds them all up. The file
of a killed worker stays, so that no counter ever goes back.
"""

from __future__ import annotations

import os
from bisect import bisect_left
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import msgspec

BOUNDS_MS = (1.0, 2.5, 5.0, 10.0, 25.0, 50.0, 100.0, 250.0, 500.0, 1000.0)
TEXT = b"text/plain; version=0.0.4; charset=utf-8"
LATENCY = "tidemill_latency_ms"

HELP: Mapping[str, str] = {
    "tidemill_requests_total": "Requests by route and status.",
    "tidemill_predictions_total": "Answers by model, version and arm.",
    "tidemill_failures_total": "Asks that a version did not answer, by reason.",
    "tidemill_flags_total": "Answers that carried a flag, by its kind.",
    "tidemill_unlogged_total": "Answers that the prediction log had no room for.",
    "tidemill_shadows_dropped_total": "Shadow copies that were not sent, for load.",
    "tidemill_rows_total": "Pushed rows and outcomes, taken and refused.",
    "tidemill_policy": "Number of the routing policy that each worker applies.",
    "tidemill_view_rows_behind": "Rows that have landed and are not looked up yet, by model and view.",
    "tidemill_view_age_seconds": "Seconds since the newest row that is looked up, by model and view.",
    LATENCY: "Milliseconds from receipt to the answer, by route.",
}

Labels = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Sample:
    """One number."""

    name: str
    labels: Labels
    value: int


@dataclass(frozen=True, slots=True)
class Histogram:
    """Requests of one route by length: how many up to each bound and beyond the last, and microseconds in all."""

    labels: Labels
    counts: list[int]
    sum_us: int


@dataclass(frozen=True, slots=True)
class Snapshot:
    """Everything that one worker counted since it started."""

    counters: list[Sample]
    gauges: list[Sample]
    histograms: list[Histogram]


@dataclass(slots=True)
class Counts:
    """One worker's numbers."""

    counters: Counter[tuple[str, Labels]] = field(default_factory=Counter)
    gauges: dict[tuple[str, Labels], int] = field(default_factory=dict)
    buckets: dict[Labels, list[int]] = field(default_factory=dict)
    sums: Counter[Labels] = field(default_factory=Counter)

    def add(self, name: str, by: int = 1, **labels: str) -> None:
        """Counts `by` more of it."""
        self.counters[name, tuple(labels.items())] += by

    def gauge(self, name: str, value: int, **labels: str) -> None:
        """What it is now."""
        self.gauges[name, tuple(labels.items())] = value

    def took(self, us: int, **labels: str) -> None:
        """One more request of that length."""
        key = tuple(labels.items())
        self.buckets.setdefault(key, [0] * (len(BOUNDS_MS) + 1))[bisect_left(BOUNDS_MS, us / 1000)] += 1
        self.sums[key] += us

    def snapshot(self) -> Snapshot:
        """Everything so far."""
        return Snapshot(
            counters=[Sample(name, labels, value) for (name, labels), value in self.counters.items()],
            gauges=[Sample(name, labels, value) for (name, labels), value in self.gauges.items()],
            histograms=[Histogram(labels, counts, self.sums[labels]) for labels, counts in self.buckets.items()],
        )


def share(folder: Path, worker: str, counts: Counts) -> None:
    """Puts the worker's numbers where the others see them. OSError where it cannot."""
    folder.mkdir(parents=True, exist_ok=True)
    part = folder / f".{worker}.part"
    part.write_bytes(msgspec.json.encode(counts.snapshot()))
    part.replace(folder / f"{worker}-{os.getpid()}.json")


def others(folder: Path, worker: str) -> Iterator[Snapshot]:
    """What the other workers shared; one that cannot be read is left out."""
    own = f"{worker}-{os.getpid()}.json"
    for path in sorted(folder.glob("*.json")):
        if path.name != own:
            try:
                yield msgspec.json.decode(path.read_bytes(), type=Snapshot)
            except (OSError, msgspec.DecodeError):
                continue


def text(snapshots: Iterable[Snapshot]) -> bytes:
    """The sum of all in Prometheus' text exposition format 0.0.4."""
    total = Counts()
    for snapshot in snapshots:
        for sample in snapshot.counters:
            total.counters[sample.name, sample.labels] += sample.value
        for sample in snapshot.gauges:
            total.gauges[sample.name, sample.labels] = sample.value
        for one in snapshot.histograms:
            there = total.buckets.setdefault(one.labels, [0] * (len(BOUNDS_MS) + 1))
            total.buckets[one.labels] = [mine + more for mine, more in zip(there, one.counts, strict=True)]
            total.sums[one.labels] += one.sum_us
    return "\n".join(
        [*numbers("counter", total.counters), *numbers("gauge", total.gauges), *lengths(total), ""]
    ).encode()


def numbers(kind: str, found: Mapping[tuple[str, Labels], int]) -> Iterator[str]:
    """Lines of counters or gauges, each name with its help once."""
    said = ""
    for (name, labels), value in sorted(found.items()):
        if name != said:
            yield f"# HELP {name} {HELP[name]}\n# TYPE {name} {kind}"
            said = name
        yield f"{name}{shown(labels)} {value}"


def lengths(total: Counts) -> Iterator[str]:
    """Lines of the histogram; its buckets are cumulative."""
    if total.buckets:
        yield f"# HELP {LATENCY} {HELP[LATENCY]}\n# TYPE {LATENCY} histogram"
    for labels, counts in sorted(total.buckets.items()):
        n = 0
        for bound, count in zip((*map(repr, BOUNDS_MS), "+Inf"), counts, strict=True):
            n += count
            yield f"{LATENCY}_bucket{shown((*labels, ('le', bound)))} {n}"
        yield f"{LATENCY}_sum{shown(labels)} {total.sums[labels] / 1000:g}"
        yield f"{LATENCY}_count{shown(labels)} {n}"


def shown(labels: Labels) -> str:
    """`{model="ranker",arm="champion"}`."""
    escaped = ((name, value.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")) for name, value in labels)
    inside = ",".join(f'{name}="{value}"' for name, value in escaped)
    return f"{{{inside}}}" if inside else ""
