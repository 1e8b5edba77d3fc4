"""Journal: append-only streams of frames that survive kill -9, written by workers and read by the loop."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True, kw_only=True)
class Frame:
    """One record and its id `<segment>-<seq>`, by which it is found without an index."""

    id: str
    payload: bytes


class Writer(Protocol):
    """One worker's end of a stream."""

    def next_id(self) -> str:
        """The id that the next append will give."""
        ...

    def append(self, payload: bytes) -> str:
        """Hands the frame to the operating system before it returns (kill -9 loses none). StoreError `disk-full`."""
        ...

    def sync(self) -> None:
        """Forces what was appended to the disk."""
        ...

    def close(self) -> None:
        """Seals the segment."""
        ...


class Journal(Protocol):
    """Streams (`predictions`, `events`, `outcomes`) of segments, one writer each; torn tails are cut on reading."""

    def writer(self, stream: str, worker: str) -> Writer:
        """A new segment of this worker."""
        ...

    def read(self, stream: str, cursor: str = "", limit: int = 10_000) -> tuple[tuple[Frame, ...], str]:
        """Frames after the cursor (oldest segment first) and the cursor behind them; "" starts at the beginning."""
        ...

    def find(self, stream: str, id: str) -> bytes | None:
        """The payload of that id, or None."""
        ...
