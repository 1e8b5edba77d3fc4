"""Writes new projects from templates; nothing that is there is ever written over."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from importlib.resources import files
from pathlib import Path

from tidemill.errors import SettingsError

SUFFIX = ".template"


def cases() -> tuple[str, ...]:
    """The projects that can be written without a table of one's own."""
    return tuple(sorted(case.name for case in files("tidemill.app").joinpath("templates").iterdir() if case.is_dir()))


def write_case(case: str, folder: Path) -> tuple[Path, ...]:
    """The files of that case's project, written. KeyError for no case; SettingsError `file-there`, `not-writable`."""
    if case not in cases():
        raise KeyError(case)
    parts = files("tidemill.app").joinpath("templates", case).iterdir()
    return written(
        {part.name.removesuffix(SUFFIX): part.read_text(encoding="utf-8") for part in parts if part.is_file()}, folder
    )


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
