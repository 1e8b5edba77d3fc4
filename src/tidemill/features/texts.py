"""Texts as the dialect treats them: letter case one character at a time, patterns, parts."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import cache

from tidemill.spec.dialect import SPACE


def lower(text: str) -> str:
    """Each character in lower case by itself (Unicode's simple mapping: as many characters as before)."""
    return text.lower() if text.isascii() else "".join(map(_lower, text))


def upper(text: str) -> str:
    """Each character in upper case by itself (Unicode's simple mapping: as many characters as before)."""
    return text.upper() if text.isascii() else "".join(map(_upper, text))


@cache
def _lower(character: str) -> str:
    """The full mapping where it is one character; of the one letter whose is two, the first."""
    return character.lower()[0]


@cache
def _upper(character: str) -> str:
    """The full mapping where it is one character, else the title case where that is one, else the character itself."""
    if character == "ß":
        return "ẞ"
    return next((found for found in (character.upper(), character.title()) if len(found) == 1), character)


def trim(text: str) -> str:
    """Without white space at both ends."""
    return text.strip(SPACE)


def part(start: int, length: int | None = None) -> Callable[[str], str]:
    """The characters from `start`, counted from 1; without `length` all that follow."""
    first = start - 1
    end = None if length is None else first + length
    return lambda text: text[first:end]


def like(pattern: str) -> Callable[[str], bool]:
    """Whether the whole text is of the pattern: `%` any characters, `_` one, all else itself.

    Between two `%` the leftmost match is taken for good, so that no text takes long.
    """
    first, *rest = (re.escape(piece).replace("_", ".") for piece in pattern.split("%"))
    if not rest:
        match = re.compile(first, re.DOTALL).fullmatch
    else:
        *middle, last = rest
        found = "".join(f"(?>.*?{piece})" for piece in middle)
        match = re.compile(f"{first}{found}.*{last}", re.DOTALL).fullmatch
    return lambda text: match(text) is not None
