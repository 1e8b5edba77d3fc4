"""The log of a command that works: into a file of the home, so that the screen stays a page."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from logging.handlers import RotatingFileHandler
from pathlib import Path

from tidemill.errors import SettingsError

FORM = "%(asctime)s %(levelname)s %(process)d %(name)s: %(message)s"
LARGEST = 4 << 20
KEPT = 3


class LogFile(RotatingFileHandler):
    """A log that cannot be written any more, as on a full disk, is silent: the command itself says what went wrong."""

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802 - logging's own name
        """Says nothing."""

    def close(self) -> None:
        """Closes the file, written to the end or not."""
        with suppress(OSError):
            super().close()


@contextmanager
def logged(home: Path) -> Iterator[Path]:
    """Writes what the house logs, and libraries warn of, into `runs/log.txt` of the home meanwhile; gives the file.

    SettingsError `home-unwritable`.
    """
    folder = home / "runs"
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise SettingsError("home-unwritable", home=str(home), words=error.strerror or str(error)) from error
    file = folder / "log.txt"
    handler = LogFile(file, maxBytes=LARGEST, backupCount=KEPT, encoding="utf-8", delay=True)
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
