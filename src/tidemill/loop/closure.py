"""The first-party modules that a module stands on, however they are imported."""

from __future__ import annotations

import sys
import sysconfig
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from tidemill.loop.syntax import SyntaxCache

FOREIGN = frozenset({"site-packages", "dist-packages"})
HOUSE = "tidemill"


@dataclass(frozen=True, slots=True, kw_only=True)
class Module:
    """One module: its dotted name, its file, and whether the file is a package's `__init__.py`."""

    name: str
    file: Path
    is_package: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Closure:
    """`code`: digest by module name, the first module among them. `foreign`: top names of what else is imported."""

    code: dict[str, str]
    foreign: frozenset[str]


class Finder:
    """Finds first-party modules: those under `root`, and those of the top package that lies in `home`.

    Modules of the standard library and of installed packages are never first-party, wherever they lie. No module is
    imported to find it.
    """

    def __init__(self, root: Path, home: Path) -> None:
        self.root = root.resolve()
        self.home = home.resolve()
        self._known: dict[str, tuple[Module, ...]] = {}

    @cached_property
    def folders(self) -> tuple[Path, ...]:
        """Where top names are looked for: beside the system file and the top package, on Python's path under root."""
        paths = [Path(entry).resolve() for entry in sys.path if entry]
        own = (path for path in paths if path.is_relative_to(self.root) and not is_foreign(path))
        return tuple(dict.fromkeys((self.root, self.home, *own)))

    def first(self, file: Path) -> Module:
        """The module in a file of the home."""
        parts = file.resolve().relative_to(self.home).with_suffix("").parts
        is_package = parts[-1] == "__init__"
        return Module(name=".".join(parts[:-1] if is_package else parts), file=file.resolve(), is_package=is_package)

    def modules(self, name: str) -> tuple[Module, ...]:
        """The module of that dotted name after the packages that it is in; () if it is not first-party.

        `x.*`: every module directly in x. A name of something in a module gives that module and its packages.
        """
        if name not in self._known:
            self._known[name] = self._found(name)
        return self._known[name]

    def _found(self, name: str) -> tuple[Module, ...]:
        parent, _, last = name.rpartition(".")
        before = self.modules(parent) if parent else ()
        if before and not before[-1].is_package:
            return before
        folders = [folder.joinpath(*parent.split(".")) for folder in self.folders] if parent else self.folders
        if last == "*":
            names = dict.fromkeys(each for folder in folders for each in inside(folder))
            return (*before, *(module for each in names for module in self.modules(f"{parent}.{each}")))
        for folder in folders:
            for file in (folder / last / "__init__.py", folder / f"{last}.py"):
                if file.is_file():
                    return (*before, Module(name=name, file=file.resolve(), is_package=file.name == "__init__.py"))
        return before


def closure(start: Path, finder: Finder, cache: SyntaxCache) -> Closure:
    """The module at `start` and all first-party modules that it imports, and these import, and so on.

    Tidemill is not the team's: it counts by its version; of its own modules only its face is left out.
    """
    first = finder.first(start)
    parent = first.name.rpartition(".")[0]
    waiting = [first, *(finder.modules(parent) if parent and first.name.partition(".")[0] != HOUSE else ())]
    seen = {module.file: module for module in waiting}
    foreign: set[str] = set()
    while waiting:
        module = waiting.pop()
        for name in cache.of(module.file).imports:
            wanted = absolute(name, module)
            top = wanted.partition(".")[0]
            is_house = wanted == HOUSE or (top == HOUSE and first.name.partition(".")[0] != HOUSE)
            found = () if is_house else finder.modules(wanted)
            if not found:
                foreign.add(top)
            for each in found:
                if each.file not in seen and each.name != HOUSE:
                    seen[each.file] = each
                    waiting.append(each)
    code = {module.name: cache.of(file).digest for file, module in seen.items()}
    return Closure(code=dict(sorted(code.items())), foreign=frozenset(foreign - sys.stdlib_module_names - {HOUSE, ""}))


def inside(folder: Path) -> list[str]:
    """Names of the modules directly in a folder."""
    packages = [file.parent.name for file in folder.glob("*/__init__.py")]
    return sorted([*packages, *(file.stem for file in folder.glob("*.py") if file.stem != "__init__")])


def home_of(file: Path) -> Path:
    """The folder that the top package of a file lies in; for a file in no package its own folder."""
    folder = file.resolve().parent
    while (folder / "__init__.py").is_file():
        folder = folder.parent
    return folder


def is_foreign(folder: Path) -> bool:
    """Whether the folder is one of installed packages or of the standard library."""
    standard = {Path(sysconfig.get_paths()[name]).resolve() for name in ("stdlib", "platstdlib")}
    return bool(FOREIGN & set(folder.parts)) or folder in standard or folder.parent in standard


def absolute(name: str, module: Module) -> str:
    """A name with leading dots as seen from a module, written out."""
    level = len(name) - len(name.lstrip("."))
    if not level:
        return name
    package = module.name.split(".") if module.is_package else module.name.split(".")[:-1]
    start = package[: max(len(package) - (level - 1), 0)]
    return ".".join([*start, *filter(None, [name[level:]])])
