"""The log of a command that works: into a file of the home, so that the screen stays a page."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from logging.handlers import RotatingFileHandler
from pathlib import Path

FORM = "%(asctime)s %(levelname)s %(process)d %(name)s: %(message)s"
LARGEST = 4 << 20
KEPT = 3


@contextmanager
def logged(home: Path) -> Iterator[Path]:
    """Writes what the house logs, and libraries warn of, into `runs/log.txt` of the home meanwhile; gives the file."""
    folder = home / "runs"
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / "log.txt"
    handler = RotatingFileHandler(file, maxBytes=LARGEST, backupCount=KEPT, encoding="utf-8", delay=True)
    handler.setFormatter(logging.Formatter(FORM))
    root = logging.getLogger()
    level = root.level
    root.addHandler(handler)
    root.setLevel(logging.INFO)
    logging.captureWarnings(capture=True)
    try:
        yield file
    finally:
        logging.captureWarnings(capture=False)
        root.setLevel(level)
        root.removeHandler(handler)
        handler.close()
