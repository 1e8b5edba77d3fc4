"""Which mature ask is trained on, validated on, tested on: by time with embargo, by group, by hash; and the proof."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tidemill.facts.data import Finding
from tidemill.spec.model import ByTime, Duration, Split

NONE, TRAIN, VALID, TEST = 0, 1, 2, 3
PART = "_part"
PARTS = {"train": TRAIN, "valid": VALID, "test": TEST}

Ints = NDArray[np.int64]
Extent = Duration | int | float


@dataclass(frozen=True, slots=True, kw_only=True)
class Rows:
    """Mature asks sorted by `asked_us`: when asked, when known, group codes (`together`, by_group).

    `keys`: the text of what is hashed, the ask's key or its group.
    """

    asked_us: Ints
    known_us: Ints
    group: Ints | None = None
    keys: Sequence[str] = ()


def parts(split: Split, rows: Rows) -> NDArray[np.int8]:
    """Per row 1 train, 2 valid, 3 test or 0 (history cut off, or embargo: not yet known when the next part begins)."""
    if isinstance(split, ByTime):
        return by_time(split, rows)
    at = np.array([share_of(text) for text in rows.keys])
    return np.where(at < split.test, TEST, np.where(at < split.test + split.valid, VALID, TRAIN)).astype(np.int8)


def by_time(split: ByTime, rows: Rows) -> NDArray[np.int8]:
    """Newest to test; of what was known by then the newest to valid; what was known by then to train on.

    So the embargo is the label's own delay. A share is of the history's rows, for valid less what the embargo took.
    A `together` group goes where its first row in the history went; its rows that came too late for that are left out.
    """
    n = len(rows.asked_us)
    placed = np.full(n, NONE, np.int8)
    if n == 0:
        return placed
    begin = start(split.history, rows.asked_us, n) if split.history is not None else 0
    placed[max(start(split.test, rows.asked_us, n - begin), begin) :] = TEST
    known = np.flatnonzero(known_before(rows, placed == TEST) & (np.arange(n) >= begin))
    left = len(known) / max(n - begin - int((placed == TEST).sum()), 1)
    moment = valid_start(split, rows, known, round((n - begin) * left))
    placed[known[moment:]] = VALID
    earlier = known[:moment]
    placed[earlier[known_before(rows, placed == VALID)[earlier]]] = TRAIN
    return placed if rows.group is None else together(placed, rows.group, begin)


def valid_start(split: ByTime, rows: Rows, known: Ints, whole: int) -> int:
    """Index into the known rows of the first to validate on; a duration is counted back from where the test begins."""
    asked = rows.asked_us[known]
    if isinstance(split.valid, Duration) and isinstance(split.test, Duration):
        begins = rows.asked_us[-1] - split.test.us - split.valid.us
        return int(np.searchsorted(asked, begins, "right"))
    return start(split.valid, asked, whole)


def known_before(rows: Rows, part: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Rows outside the part whose outcome was known when its first ask came (all of them, when the part is empty)."""
    first = rows.asked_us[part].min() if part.any() else np.iinfo(np.int64).max
    known: NDArray[np.bool_] = (rows.known_us <= first) & ~part
    return known


def start(extent: Extent, asked_us: Ints, whole: int) -> int:
    """Index of the first row of the newest `extent` of the rows given; a share is of `whole` rows."""
    n = len(asked_us)
    if n == 0:
        return 0
    if isinstance(extent, Duration):
        return int(np.searchsorted(asked_us, asked_us[-1] - extent.us, "right"))
    return max(n - (extent if isinstance(extent, int) else round(extent * whole)), 0)


def together(placed: NDArray[np.int8], group: Ints, begin: int) -> NDArray[np.int8]:
    """The rows that stand in the part of their group's first row from `begin` on (rows are sorted by time)."""
    _, first, inverse = np.unique(group[begin:], return_index=True, return_inverse=True)
    kept = placed.copy()
    kept[begin:][placed[begin:] != placed[begin:][first][inverse]] = NONE
    return kept


def forward(split: Split, rows: Rows) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """(rows to train on, rows to validate on) of a refit: every window moved to the present.

    All mature rows of the history are trained on; the newest `valid` of them are shown as validation rows too (the
    hyperparameters and rounds are frozen by then, so nothing is chosen on them).
    """
    n = len(rows.asked_us)
    history = split.history if isinstance(split, ByTime) else None
    begin = start(history, rows.asked_us, n) if history is not None else 0
    newest = split.valid
    train = np.arange(n) >= begin
    return train, np.arange(n) >= max(start(newest, rows.asked_us, n - begin), begin)


def share_of(text: str) -> float:
    """The stable hash of a key as a share of 1: first 8 bytes of md5 over 2^64.

    Salted, so that it is another hash than that of `sample`: a tenth of a sampled tenth is not all of it.
    """
    salted = f"{text}\x1fsplit".encode()
    return int.from_bytes(hashlib.md5(salted, usedforsecurity=False).digest()[:8], "big") / 2.0**64


def proof(split: Split, rows: Rows, placed: NDArray[np.int8]) -> tuple[Finding, ...]:
    """What was verified on the finished split; a guard that does not hold is our own defect: AssertionError."""
    found: list[Finding] = []
    if isinstance(split, ByTime):
        for earlier, later in (("train", "valid"), ("valid", "test"), ("train", "test")):
            a, b = placed == PARTS[earlier], placed == PARTS[later]
            if a.any() and b.any():
                gap = int(rows.asked_us[b].min() - rows.known_us[a].max())
                if gap < 0:
                    raise AssertionError(f"{earlier} overlaps {later} by {-gap} us")
                found.append(
                    Finding(
                        code="proof.no-time-overlap",
                        subject=f"{earlier}<{later}",
                        importance=0.0,
                        fields={"earlier": earlier, "later": later, "gap_us": gap},
                    )
                )
    if rows.group is not None:
        sets = [set(rows.group[placed == part].tolist()) for part in (TRAIN, VALID, TEST)]
        shared = (sets[0] & sets[1]) | (sets[0] & sets[2]) | (sets[1] & sets[2])
        if shared:
            raise AssertionError(f"{len(shared)} groups stand in two parts")
        found.append(
            Finding(
                code="proof.no-group-overlap", subject="groups", importance=0.0, fields={"groups": sum(map(len, sets))}
            )
        )
    return tuple(found)
