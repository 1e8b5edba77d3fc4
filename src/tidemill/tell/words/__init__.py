"""From a code with fields to a sentence and the way out, per language.

The words of a code stand in `tidemill.tell.words.<language>.<family>` as `CODES`: code -> (sentence, way out), two
templates of tidemill.tell.words.template. The way out is "" where nothing is to be done.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from importlib import import_module
from importlib.util import find_spec

from tidemill.tell.words.template import fill

FAMILIES = (
    "declaration",
    "contract",
    "expression",
    "settings",
    "source",
    "data",
    "store",
    "run",
    "busy",
    "model",
    "request",
    "serve",
    "finding",
    "card",
    "proof",
    "verdict",
    "event",
    "demo",
    "replay",
)
"""Families of codes: those of `tidemill.errors`, then what is no error."""


def sentence(code: str, fields: Mapping[str, object], *, language: str = "en") -> str:
    """What is the case, in one or two sentences. Never raises: an unworded code is said as code and fields."""
    return _said(code, fields, part=0, language=language) or _plain(code, fields)


def way_out(code: str, fields: Mapping[str, object], *, language: str = "en") -> str:
    """What to do about it; "" where there is nothing to do or no words are known. Never raises."""
    return _said(code, fields, part=1, language=language)


@cache
def codes(family: str, language: str = "en") -> Mapping[str, tuple[str, str]]:
    """The words of one family in that language: code -> (sentence, way out); empty where none are written."""
    name = f"tidemill.tell.words.{language}.{family}"
    if family not in FAMILIES or find_spec(name) is None:
        return {}
    words: Mapping[str, tuple[str, str]] = import_module(name).CODES
    return words


def _said(code: str, fields: Mapping[str, object], *, part: int, language: str) -> str:
    """The filled template of that part, in the language or else in English; "" if there is none or it lacks a field."""
    family = code.partition(".")[0]
    for spoken in dict.fromkeys((language, "en")):
        words = codes(family, spoken).get(code)
        said = None if words is None else fill(words[part], fields)
        if said is not None:
            return said
    return ""


def _plain(code: str, fields: Mapping[str, object]) -> str:
    """What is known of a code without words: `data.column-missing (column='x')`."""
    return f"{code} ({', '.join(f'{name}={value!r}' for name, value in fields.items())})" if fields else code
