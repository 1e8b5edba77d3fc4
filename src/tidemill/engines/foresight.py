"""What a function's own lines import, imported beforehand: the processes forked to run it need not do so each time."""

from __future__ import annotations

import dis
import inspect
from collections.abc import Callable, Collection, Iterator
from contextlib import suppress
from itertools import pairwise


def import_ahead(function: Callable[..., object], libraries: Collection[str]) -> None:
    """Imports what the function will import of these libraries, and nothing else."""
    for module, names in imports(function):
        if module.partition(".")[0] in libraries:
            with suppress(Exception):  # Whatever a library may raise, the function meets it again, and is asked for it.
                __import__(module, fromlist=names)


def imports(function: Callable[..., object]) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Each module that the function's lines import, with the names that are taken from it; nothing runs."""
    code = getattr(inspect.unwrap(function), "__code__", None)
    steps = (step for step in dis.get_instructions(code) if step.opname != "EXTENDED_ARG") if code else ()
    for before, step in pairwise(steps):
        if step.opname == "IMPORT_NAME":
            yield step.argval, before.argval or ()
