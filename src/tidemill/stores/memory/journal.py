"""A journal in memory, for one process."""

from __future__ import annotations

import json
from collections import defaultdict

from tidemill.ports.journal import Frame


class MemoryJournal:
    """Streams of lists; every `writer` begins a new segment of its worker."""

    def __init__(self) -> None:
        self._frames: defaultdict[str, defaultdict[str, list[Frame]]] = defaultdict(lambda: defaultdict(list))
        self._segments: defaultdict[tuple[str, str], int] = defaultdict(int)

    def writer(self, stream: str, worker: str) -> MemoryWriter:
        self._segments[stream, worker] += 1
        return MemoryWriter(f"{worker}.{self._segments[stream, worker]}", self._frames[stream][worker])

    def read(self, stream: str, cursor: str = "", limit: int = 10_000) -> tuple[tuple[Frame, ...], str]:
        """Worker by worker, within one in the order written."""
        marks: dict[str, int] = json.loads(cursor) if cursor else {}
        found: list[Frame] = []
        for worker, frames in sorted(self._frames[stream].items()):
            begun = marks.get(worker, 0)
            more = frames[begun : begun + limit - len(found)]
            found += more
            marks[worker] = begun + len(more)
        return tuple(found), json.dumps(marks, sort_keys=True) if any(marks.values()) else cursor

    def find(self, stream: str, id: str) -> bytes | None:
        worker = id.rpartition(".")[0]
        frames = self._frames[stream].get(worker, [])
        return next((frame.payload for frame in frames if frame.id == id), None)


class MemoryWriter:
    """Appends to one worker's list."""

    def __init__(self, segment: str, frames: list[Frame]) -> None:
        self._segment = segment
        self._frames = frames

    def next_id(self) -> str:
        return f"{self._segment}-{len(self._frames)}"

    def append(self, payload: bytes) -> str:
        frame = Frame(id=self.next_id(), payload=bytes(payload))
        self._frames.append(frame)
        return frame.id

    def sync(self) -> None:
        """Nothing is further away than memory."""

    def close(self) -> None:
        """Nothing to seal."""
