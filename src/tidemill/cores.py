"""Work on several cores at once: numpy, hashing and compression let other threads run meanwhile."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

Item = TypeVar("Item")
Result = TypeVar("Result")
MOST = 4
"""Items at once: each takes its own memory while it is worked on."""
ROWS = 50_000
"""Rows below which one after another is as quick."""


def each(work: Callable[[Item], Result], items: Iterable[Item], rows: int) -> list[Result]:
    """What `work` gives for each item, in their order; on several cores where there are many `rows`."""
    cores = min(MOST, len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1)
    if rows < ROWS or cores == 1:
        return [work(item) for item in items]
    with ThreadPoolExecutor(cores) as pool:
        return list(pool.map(work, items))
