"""What a forked process writes to standard output and error, in Python or in C, is heard line by line in this one."""

from __future__ import annotations

import ctypes
import io
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from secrets import token_hex
from threading import Thread
from typing import TextIO

OUTPUT, ERROR = 1, 2
LONGEST = 1 << 16
"""Letters of a line; a longer one is heard in pieces."""
NO_BUFFER = 2
C_OUTPUT = "__stdoutp" if sys.platform == "darwin" else "stdout"


@contextmanager
def overheard(hear: Callable[[str], object]) -> Iterator[Callable[[], None]]:
    """Gives what a process forked within the block calls, so that it is heard from then on; blank lines are not.

    When the block is left, which must be after that process's end, all that it wrote has been heard, however it ended.
    What processes of its own write later is not waited for.
    """
    reading, writing = os.pipe()
    end = token_hex()
    listener = Thread(target=_listen, args=(reading, end, hear), name="listener", daemon=True)
    listener.start()
    try:
        yield partial(_speak, reading, writing)
    finally:
        os.write(writing, f"\n{end}\n".encode())  # The pipe itself ends only with the last process that holds it.
        listener.join()
        os.close(writing)


def _listen(reading: int, end: str, hear: Callable[[str], object]) -> None:
    with open(reading, encoding="utf-8", errors="replace") as text:
        while (line := text.readline(LONGEST).rstrip("\n")) != end:
            if line:
                hear(line)


def _speak(reading: int, writing: int) -> None:
    """In the forked process: nothing is kept back there, as a crash would take it along."""
    os.close(reading)
    os.dup2(writing, OUTPUT)
    os.dup2(writing, ERROR)
    sys.stdout, sys.stderr = _unbuffered(OUTPUT), _unbuffered(ERROR)
    library = ctypes.CDLL(None)
    library.setvbuf(ctypes.c_void_p.in_dll(library, C_OUTPUT), None, NO_BUFFER, ctypes.c_size_t(0))


def _unbuffered(number: int) -> TextIO:
    file = io.FileIO(number, "w", closefd=False)
    return io.TextIOWrapper(file, encoding="utf-8", errors="replace", write_through=True)
