"""Trains in a process of its own, so that no crash or leak of a team's function reaches the loop."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from functools import partial

from tidemill.engines.fitting import fit, name_of
from tidemill.engines.foresight import import_ahead
from tidemill.engines.forked import forked
from tidemill.engines.overheard import overheard
from tidemill.errors import ModelError, RunError
from tidemill.ports.flavor import Flavor, Saved
from tidemill.ports.trainer import Task

log = logging.getLogger("tidemill.training")


class ChildTrainer:
    """Forks for each call, so any function can be trained, also one that cannot be imported by name.

    What the function and its libraries print goes, line by line, to the logger `tidemill.training` of this process.
    The libraries of its flavors, which take longer to import than many a model to train, are imported in this process,
    once, if the function imports them.
    """

    def __init__(self, flavors: Sequence[Flavor]) -> None:
        """`flavors` are asked in turn whether they recognise the model; each bears its library's name."""
        self.flavors = tuple(flavors)

    def fit(self, task: Task) -> Saved:
        """As the port says; ModelError `function-died` when the process ended in the middle."""
        import_ahead(task.function, {flavor.name for flavor in self.flavors})
        try:
            with overheard(partial(log.info, "%s")) as speak:
                return forked(lambda: self._aloud(task, speak))
        except RunError as error:
            if error.code != "run.process-died":
                raise
            raise ModelError("function-died", function=name_of(task.function), **error.fields) from error

    def _aloud(self, task: Task, speak: Callable[[], None]) -> Saved:
        speak()
        return fit(task, self.flavors)
