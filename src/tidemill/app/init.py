"""Writes new projects from templates; nothing that is there is ever written over."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path

from tidemill.errors import SettingsError

SUFFIX = ".template"
SYSTEM = "system.py"


def cases() -> tuple[str, ...]:
    """The projects that can be written without a table of one's own."""
    folders = (case for case in templates().iterdir() if case.is_dir())
    return tuple(sorted(case.name for case in folders if case.joinpath(f"{SYSTEM}{SUFFIX}").is_file()))


def templates() -> Traversable:
    """The folder of all templates."""
    return files("tidemill.app").joinpath("templates")


def texts_of(case: str) -> dict[str, str]:
    """Name and text of each file of a template."""
    parts = (part for part in templates().joinpath(case).iterdir() if part.name.endswith(SUFFIX))
    return {part.name.removesuffix(SUFFIX): part.read_text(encoding="utf-8") for part in parts}


def write_case(case: str, folder: Path) -> tuple[Path, ...]:
    """The files of that case's project, written. SettingsError `file-there`, `not-writable`."""
    return written(texts_of(case), folder)


def written(texts: Mapping[str, str], folder: Path) -> tuple[Path, ...]:
    """The files, all or none. SettingsError `file-there` with every file that already is, `not-writable`."""
    paths = {folder / name: text for name, text in sorted(texts.items())}
    if there := present(paths):
        raise SettingsError("file-there", files=there, folder=str(folder))
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for path, text in paths.items():
            path.write_text(text, encoding="utf-8")
    except OSError as error:
        raise SettingsError("not-writable", folder=str(folder), reason=error.strerror or str(error)) from error
    return tuple(paths)


def present(paths: Iterable[Path]) -> list[str]:
    """Names of those that are there."""
    return [path.name for path in paths if path.exists()]
