"""Refuses at once what no declaration can mean: a value of an impossible Python type."""

from __future__ import annotations

from collections.abc import Iterable
from types import UnionType
from typing import get_args

from tidemill.errors import DeclarationError
from tidemill.spec.place import place_of_call


def must_be(value: object, kinds: type | UnionType, path: str) -> None:
    """Raises `declaration.wrong-type` with path, place, expected and given type unless the value is of these kinds."""
    if not isinstance(value, kinds):
        raise DeclarationError(
            "wrong-type", path=path, place=place_of_call(), expected=kind_text(kinds), given=type(value).__name__
        )


def must_all_be(values: Iterable[object], kinds: type | UnionType, path: str) -> None:
    """`must_be` for each value, with its position in the path; the values are several, not one."""
    if not isinstance(values, Iterable) or isinstance(values, str):
        raise DeclarationError(
            "wrong-type",
            path=path,
            place=place_of_call(),
            expected=f"a list of {kind_text(kinds)}",
            given=type(values).__name__,
        )
    for position, value in enumerate(values):
        must_be(value, kinds, f"{path}[{position}]")


def kind_text(kinds: type | UnionType) -> str:
    """`Source or Candidates`."""
    return " or ".join(kind.__name__ for kind in get_args(kinds) or (kinds,))
