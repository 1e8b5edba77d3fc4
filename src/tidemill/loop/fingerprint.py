"""What a stage's code is: a digest for each module that it stands on, and the versions of the rest. Never a path."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from functools import partial
from inspect import unwrap
from pathlib import Path
from types import CodeType, FunctionType, MethodType
from typing import Any

from tidemill.facts.codec import canonical, digest
from tidemill.loop.closure import Closure, Finder, closure, home_of
from tidemill.loop.lock import lock_of
from tidemill.loop.syntax import SyntaxCache
from tidemill.spec.declaration import Declaration

SHORT = 60
REMEMBERED = "syntax.json"
PLAIN = (str, int, float, bool, type(None))


class Code:
    """Fingerprints of the functions of one system whose file lies in `root`.

    What was parsed is remembered in the folder `cache` (None: nowhere), once `save` is called.
    """

    def __init__(self, root: Path, cache: Path | None = None) -> None:
        self.root = root
        self._syntax = SyntaxCache(None if cache is None else cache / REMEMBERED)
        self._finders: dict[tuple[Path, Path], Finder] = {}
        self._known: dict[int, tuple[object, dict[str, str]]] = {}

    def team(self, function: Callable[..., object]) -> dict[str, str]:
        """Parts of a key that a team's function gives.

        `function`: which one of its module. `code:<module>`: the digest of each first-party module that it stands on
        (under `root`, or in its own top package), without comments, layout and docstrings. `closure:<name>`: what it
        was made with. `lock:<distribution>`: installed versions of what these modules import, and of what that needs.
        """
        return self._once(function, lambda: self._team(function))

    def house(self, stage: Callable[..., object]) -> dict[str, str]:
        """Parts of a key that a stage of ours gives: one digest of all our modules that it stands on, and versions."""
        return self._once(stage, lambda: self._house(stage))

    def of(self, system: Declaration) -> str:
        """The digest of a whole declaration: its canonical JSON with the fingerprints of its functions."""
        return digest([system, [self.team(model.function) for model in system.models]])

    def save(self) -> None:
        """Writes what was parsed for the next process."""
        self._syntax.save()

    def _once(self, function: object, fresh: Callable[[], dict[str, str]]) -> dict[str, str]:
        if id(function) not in self._known:
            self._known[id(function)] = (function, fresh())
        return self._known[id(function)][1]

    def _closure(self, start: Path, root: Path | None) -> Closure:
        home = home_of(start)
        place = (root or home, home)
        if place not in self._finders:
            self._finders[place] = Finder(*place)
        return closure(start, self._finders[place], self._syntax)

    def _team(self, function: Callable[..., object]) -> dict[str, str]:
        parts: dict[str, str] = {}
        foreign: set[str] = set()
        for place, one in enumerate(functions(function)):
            path = Path(one.__code__.co_filename)
            if not place:
                parts["function"] = one.__qualname__
            parts |= {f"closure:{name}": value for name, value in made_with(one)}
            if not path.is_file():
                parts[f"code:{one.__module__}"] = typed_in(one.__code__)
                continue
            found = self._closure(path, self.root)
            parts |= {f"code:{name}": value for name, value in found.code.items()}
            foreign |= found.foreign
        arguments = canonical(bound(function))
        return parts | ({"closure:arguments": short(arguments)} if arguments != b"[]" else {}) | locked(foreign)

    def _house(self, stage: Callable[..., object]) -> dict[str, str]:
        found = self._closure(Path(unwrap(stage).__code__.co_filename), None)
        return {f"code:{stage.__module__}": digest(found.code)} | locked(found.foreign)


def locked(foreign: set[str] | frozenset[str]) -> dict[str, str]:
    """`lock:<distribution>` -> version."""
    return {f"lock:{name}": version for name, version in lock_of(sorted(foreign)).items()}


def functions(function: object, seen: frozenset[int] = frozenset()) -> Iterator[FunctionType]:
    """The plain functions that a callable is made of: unwrapped, behind `partial` and methods, closed over."""
    while isinstance(function, partial | MethodType):
        function = function.func if isinstance(function, partial) else function.__func__
    if not isinstance(function, FunctionType) and not isinstance(function, type) and callable(function):
        function = getattr(type(function), "__call__", None)  # noqa: B004 - the function behind it is wanted
    if not isinstance(function, FunctionType) or id(function) in seen:
        return
    inner = unwrap(function)
    if inner is not function:
        yield from functions(inner, seen)
    yield function
    for cell in function.__closure__ or ():
        if isinstance(value := held(cell), FunctionType | partial | MethodType) and value is not inner:
            yield from functions(value, seen | {id(function)})


def made_with(function: FunctionType) -> Iterator[tuple[str, str]]:
    """Names and plain values that a function closes over; of others what they are."""
    for name, cell in zip(function.__code__.co_freevars, function.__closure__ or (), strict=True):
        value = held(cell)
        if not isinstance(value, FunctionType | partial | MethodType):
            yield name, short(canonical(value)) if is_plain(value) else type(value).__qualname__


def held(cell: Any) -> object:
    """What a cell holds; None while it is empty."""
    try:
        return cell.cell_contents
    except ValueError:
        return None


def bound(function: object) -> list[object]:
    """What a callable carries besides code: arguments that `partial` fixed, attributes of a method's object."""
    given: list[object] = []
    while isinstance(function, partial):
        given += [*function.args, *sorted(function.keywords.items())]
        function = function.func
    owner = function.__self__ if isinstance(function, MethodType) else function
    if not isinstance(owner, FunctionType | type):
        given += sorted(getattr(owner, "__dict__", {}).items())
    return [value if is_plain(value) else type(value).__qualname__ for value in given]


def is_plain(value: object) -> bool:
    """Whether JSON can hold it whole."""
    if isinstance(value, tuple | list | set | frozenset):
        return all(is_plain(item) for item in value)
    if isinstance(value, dict):
        return all(isinstance(key, str) and is_plain(item) for key, item in value.items())
    return isinstance(value, PLAIN)


def short(text: bytes) -> str:
    """A value as text where it is short, else its digest."""
    return text.decode() if len(text) <= SHORT else hashlib.sha256(text).hexdigest()


def typed_in(code: CodeType) -> str:
    """A function that stands in no file counts by what it was compiled to."""
    constants = [typed_in(each) if isinstance(each, CodeType) else repr(each) for each in code.co_consts]
    return digest([code.co_code.hex(), constants, list(code.co_names)])
