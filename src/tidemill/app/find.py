"""Loads the one System of a system file."""

from __future__ import annotations

import importlib.util
import sys
import tomllib
import traceback
from dataclasses import dataclass, replace
from difflib import get_close_matches
from pathlib import Path
from types import ModuleType

from tidemill.app.reviewed import read_contracts
from tidemill.errors import SettingsError, TidemillError
from tidemill.spec.declaration import Declaration
from tidemill.spec.system import System

TOML = "tidemill.toml"
DEFAULT = "system.py"


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """A loaded system: its declaration, where it stands, and the module that declared it."""

    declaration: Declaration
    system: System
    file: Path
    module: ModuleType

    @property
    def folder(self) -> Path:
        """The system's folder."""
        return self.file.parent


def system_file(argument: str | None, folder: Path) -> Path:
    """The argument, else `system =` of tidemill.toml, else system.py. SettingsError `no-system-file`."""
    name = argument or toml_of(folder).get("system") or DEFAULT
    file = (folder / str(name)).resolve()
    if not file.is_file():
        near = get_close_matches(file.name, [path.name for path in file.parent.glob("*.py") if path.is_file()], n=1)
        raise SettingsError("no-system-file", file=str(name), nearest=near[0] if near else "")
    return file


def toml_of(folder: Path) -> dict[str, object]:
    """What tidemill.toml of that folder says; empty without one. SettingsError `toml-unreadable`."""
    file = folder / TOML
    if not file.is_file():
        return {}
    try:
        return tomllib.loads(file.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise SettingsError("toml-unreadable", file=TOML, words=str(error)) from error


def find(argument: str | None = None, folder: Path | None = None) -> Found:
    """A file's system. SettingsError `no-system-file`, `file-raised`, `no-system`, `many-systems`."""
    file = system_file(argument, folder or Path.cwd())
    module = loaded(file)
    systems = {id(value): value for value in vars(module).values() if isinstance(value, System)}
    if len(systems) != 1:
        code = "no-system" if not systems else "many-systems"
        raise SettingsError(code, file=file.name, names=[system.name for system in systems.values()])
    (system,) = systems.values()
    declaration = replace(system.declared(), contracts=read_contracts(file.parent))
    return Found(declaration=declaration, system=system, file=file, module=module)


def loaded(file: Path) -> ModuleType:
    """The file as a module of its own name; helpers beside it can be imported by it."""
    name = file.stem if file.stem.isidentifier() else "system"
    spec = importlib.util.spec_from_file_location(name, file)
    if spec is None or spec.loader is None:
        raise SettingsError("no-system-file", file=file.name, nearest="")
    folder = str(file.parent)
    if folder not in sys.path:
        sys.path.insert(0, folder)
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    try:
        spec.loader.exec_module(module)
    except TidemillError:
        raise
    except (Exception, SystemExit) as error:
        raise SettingsError(
            "file-raised",
            file=file.name,
            error=type(error).__name__,
            words=words_of(error),
            place=place_of(error, file),
        ) from error
    return module


def words_of(error: BaseException) -> str:
    """What the error says, on one line."""
    return " ".join((error.msg if isinstance(error, SyntaxError) else str(error)).split())


def place_of(error: BaseException, file: Path) -> str:
    """`shop.py:12`: the last line of the file, or of a file beside it, that led to the error."""
    if isinstance(error, SyntaxError) and error.filename:
        return f"{Path(error.filename).name}:{error.lineno}"
    steps = [step for step in traceback.extract_tb(error.__traceback__) if Path(step.filename).parent == file.parent]
    return f"{Path(steps[-1].filename).name}:{steps[-1].lineno}" if steps else file.name
