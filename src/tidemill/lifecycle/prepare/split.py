"""Which mature ask is trained on, validated on, tested on: by time with embargo, by group, by hash; and the proof."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tidemill.facts.data import Finding
from tidemill.spec.model import ByHash, ByTime, Duration, Split

NONE, TRAIN, VALID, TEST = 0, 1, 2, 3
PARTS = {"train": TRAIN, "valid": VALID, "test": TEST}

Ints = NDArray[np.int64]
Extent = Duration | int | float


@dataclass(frozen=True, slots=True, kw_only=True)
class Rows:
    """Mature asks sorted by `asked_us`: when asked, when known, group codes (`together`, by_group), key texts."""

    asked_us: Ints
    known_us: Ints
    group: Ints | None = None
    keys: Sequence[str] = ()


def parts(split: Split, rows: Rows) -> NDArray[np.int8]:
    """Per row 1 train, 2 valid, 3 test or 0 (history cut off, or embargo: not yet known when the next part begins)."""
    if isinstance(split, ByTime):
        return by_time(split, rows)
    shares = np.cumsum([split.test, split.valid])
    texts = (
        rows.keys
        if isinstance(split, ByHash)
        else [str(code) for code in (rows.group if rows.group is not None else ())]
    )
    at = np.array([share_of(text) for text in texts])
    return np.where(at < shares[0], TEST, np.where(at < shares[1], VALID, TRAIN)).astype(np.int8)


def by_time(split: ByTime, rows: Rows) -> NDArray[np.int8]:
    """Newest to test, before them to valid, the rest of the history to train; a group goes where it began."""
    n = len(rows.asked_us)
    placed = np.full(n, NONE, np.int8)
    if n == 0:
        return placed
    begin = start(split.history, rows.asked_us, n) if split.history is not None else 0
    test = start(split.test, rows.asked_us, n - begin)
    before = rows.asked_us[:test]
    valid = start(split.valid, before, n - begin) if test else 0
    if isinstance(split.valid, Duration) and isinstance(split.test, Duration):
        valid = int(np.searchsorted(rows.asked_us, rows.asked_us[-1] - split.test.us - split.valid.us, "right"))
    placed[begin:] = TRAIN
    placed[max(valid, begin) :] = VALID
    placed[max(test, begin) :] = TEST
    if rows.group is not None:
        placed = together(placed, rows.group)
    return embargoed(placed, rows)


def start(extent: Extent, asked_us: Ints, whole: int) -> int:
    """Index of the first row of the newest `extent` of the rows given; a share is of `whole` rows."""
    n = len(asked_us)
    if n == 0:
        return 0
    if isinstance(extent, Duration):
        return int(np.searchsorted(asked_us, asked_us[-1] - extent.us, "right"))
    return max(n - (extent if isinstance(extent, int) else round(extent * whole)), 0)


def together(placed: NDArray[np.int8], group: Ints) -> NDArray[np.int8]:
    """Every row of a group in the part of its first placed row (rows are sorted by time)."""
    _, first, inverse = np.unique(group, return_index=True, return_inverse=True)
    kept = placed.copy()
    began = placed[first][inverse]
    kept[placed != NONE] = began[placed != NONE]
    return kept


def embargoed(placed: NDArray[np.int8], rows: Rows) -> NDArray[np.int8]:
    """Rows whose outcome was not yet known when the next part begins are left out of their part."""
    kept = placed.copy()
    for part, following in ((VALID, (TEST,)), (TRAIN, (VALID, TEST))):
        later = np.isin(kept, following)
        if later.any():
            begins = rows.asked_us[later].min()
            kept[(kept == part) & (rows.known_us > begins)] = NONE
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
    """The stable hash of a key as a share of 1: first 8 bytes of md5 over 2^64."""
    return int.from_bytes(hashlib.md5(text.encode(), usedforsecurity=False).digest()[:8], "big") / 2.0**64


def proof(split: Split, rows: Rows, placed: NDArray[np.int8]) -> tuple[Finding, ...]:
    """What was verified on the finished split; a guard that does not hold is our own defect: AssertionError."""
    found: list[Finding] = []
    if isinstance(split, ByTime) and rows.group is None:
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
                        fields={"gap_us": gap},
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
