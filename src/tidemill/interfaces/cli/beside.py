"""Standard error as a place for progress: where nobody can be told any more, as on a closed terminal, work goes on."""

from __future__ import annotations

from contextlib import suppress
from io import TextIOBase
from typing import TextIO


class Beside(TextIOBase):
    """Writes to the stream as long as it takes anything."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream

    @property
    def encoding(self) -> str:  # type: ignore[override]  # the base has a plain attribute
        """That of the stream."""
        return self._stream.encoding

    def isatty(self) -> bool:
        """Whether the stream is a terminal."""
        return self._stream.isatty()

    def write(self, text: str) -> int:
        """The number of letters, written or not."""
        with suppress(OSError):
            self._stream.write(text)
        return len(text)

    def flush(self) -> None:
        """Writes what waits, if it can be."""
        with suppress(OSError):
            self._stream.flush()
