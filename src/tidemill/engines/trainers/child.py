"""Trains in a process of its own, so that no crash or leak of a team's function reaches the loop."""

from __future__ import annotations

import io
import logging
import sys
import threading
from collections.abc import Sequence
from contextlib import redirect_stderr, redirect_stdout
from typing import TextIO

from tidemill.engines.fitting import fit, name_of
from tidemill.engines.forked import forked
from tidemill.errors import ModelError, RunError
from tidemill.ports.flavor import Flavor, Saved
from tidemill.ports.trainer import Task

log = logging.getLogger("tidemill.training")


class ChildTrainer:
    """Forks for each call, so any function can be trained, also one that cannot be imported by name.

    What the function prints goes, line by line, to the logger `tidemill.training`.
    """

    def __init__(self, flavors: Sequence[Flavor]) -> None:
        """`flavors` are asked in turn whether they recognise the model."""
        self.flavors = tuple(flavors)

    def fit(self, task: Task) -> Saved:
        """As the port says; ModelError `function-died` when the process ended in the middle."""
        try:
            return forked(lambda: self._quietly(task))
        except RunError as error:
            if error.code != "run.process-died":
                raise
            raise ModelError("function-died", function=name_of(task.function), **error.fields) from error

    def _quietly(self, task: Task) -> Saved:
        with redirect_stdout(_Lines(sys.stdout)), redirect_stderr(_Lines(sys.stderr)):
            return fit(task, self.flavors)


class _Lines(io.TextIOBase):
    """Logs what is printed; what logging itself prints meanwhile, as set up by the function, goes its old way."""

    telling = threading.local()

    def __init__(self, beyond: TextIO) -> None:
        self.beyond, self.begun = beyond, ""

    def write(self, text: str) -> int:
        if getattr(self.telling, "now", False):
            return self.beyond.write(text)
        self.telling.now = True
        try:
            *lines, self.begun = (self.begun + text).split("\n")
            for line in lines:
                log.info("%s", line)
        finally:
            self.telling.now = False
        return len(text)
