"""Online records in memory, for one process."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from threading import Lock

from tidemill.errors import BusyError
from tidemill.ports.online import Extent


class MemoryOnline:
    """A write replaces what it touches at once, so that readers see all of it or nothing."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._state: tuple[dict[str, dict[bytes, bytes]], dict[str, str]] = ({}, {})

    def get(self, space: str, keys: Sequence[bytes]) -> list[bytes | None]:
        records = self._state[0].get(space, {})
        return [records.get(key) for key in keys]

    def read(self, space: str, keys: Sequence[bytes]) -> tuple[list[bytes | None], str]:
        spaces, marks = self._state
        records = spaces.get(space, {})
        return [records.get(key) for key in keys], marks.get(space, "")

    def write(
        self,
        changes: Mapping[str, Iterable[tuple[bytes, bytes | None]]],
        marks: Mapping[str, str] | None = None,
        after: Mapping[str, str] | None = None,
    ) -> None:
        with self._lock:
            spaces, kept_marks = self._state
            for name, text in (after or {}).items():
                if kept_marks.get(name, "") != text:
                    raise BusyError("online-moved", space=name)
            changed = {}
            for space, records in changes.items():
                changed[space] = dict(spaces.get(space, {}))
                for key, record in records:
                    if record is None:
                        changed[space].pop(key, None)
                    else:
                        changed[space][key] = record
            self._state = (spaces | changed, kept_marks | dict(marks or {}))

    def mark(self, name: str) -> str:
        return self._state[1].get(name, "")

    def marked(self) -> tuple[str, ...]:
        return tuple(sorted(name for name, text in self._state[1].items() if text))

    def extent(self, space: str) -> Extent:
        records = self._state[0].get(space, {})
        return Extent(records=len(records), bytes=sum(len(record) for record in records.values()))

    def drop(self, space: str) -> None:
        with self._lock:
            spaces, marks = self._state
            self._state = (
                {name: records for name, records in spaces.items() if name != space},
                {name: text for name, text in marks.items() if name != space},
            )

    def close(self) -> None:
        """Nothing to free."""
