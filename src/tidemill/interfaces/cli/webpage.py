"""`--html`: a page that a command writes where it is told to, which is known to be possible before any work is done."""

from __future__ import annotations

import errno
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import click

from tidemill.errors import SettingsError

F = TypeVar("F", bound=Callable[..., Any])


def option(says: str) -> Callable[[F], F]:
    """The option; SettingsError `page-unwritten` as soon as the command line is read."""
    kind = click.Path(path_type=Path, dir_okay=False)
    return click.option("--html", type=kind, callback=_demanded, help=says)


def write(html: str, file: Path) -> Path:
    """Writes the page and gives where. SettingsError `page-unwritten`."""
    try:
        file.write_text(html, encoding="utf-8")
    except OSError as error:
        raise SettingsError("page-unwritten", file=str(file), words=error.strerror or str(error)) from error
    return file


def _demanded(_: click.Context, __: click.Parameter, file: Path | None) -> Path | None:
    """The same file, into which a page can be written as far as can be told without touching it."""
    if file is not None and (fault := _fault(file)):
        raise SettingsError("page-unwritten", file=str(file), words=os.strerror(fault))
    return file


def _fault(file: Path) -> int:
    """Why nothing can be written there, as the system counts faults; 0 where nothing stands against it."""
    if not file.parent.is_dir():
        return errno.ENOTDIR if file.parent.exists() else errno.ENOENT
    return 0 if os.access(file if file.exists() else file.parent, os.W_OK) else errno.EACCES
