"""A contract and its rules: what rows of a dataset are to be like, and what happens where they are not."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Literal

from tidemill.spec.expression import Expression
from tidemill.spec.flaw import Flaw

Constant = str | float | bool
"""A value as the file may name it."""

Severity = Literal["stop", "warn", "put-aside"]
Kind = Literal[
    "type", "nulls", "range", "length", "values", "matches",
    "unique", "volume", "fresh", "put_aside", "new_columns", "check",
]  # fmt: skip

USUAL: Mapping[Kind, Severity] = MappingProxyType(
    {
        "type": "stop", "unique": "stop", "put_aside": "stop", "check": "stop",
        "nulls": "warn", "range": "warn", "length": "warn", "values": "warn", "matches": "warn",
        "volume": "warn", "fresh": "warn", "new_columns": "warn",
    }
)  # fmt: skip
"""What a rule does where the file does not say it.

What makes training wrong for sure ends a run: a column that is gone, a row that is there twice, half of the rows put
aside, and what a person wrote as a check. What may be the world and not a defect (another range, a new word, fewer
rows) is told.
"""

OF_COLUMN: tuple[Kind, ...] = ("type", "nulls", "range", "length", "values", "matches")
OF_TABLE: tuple[Kind, ...] = ("unique", "volume", "fresh", "put_aside", "new_columns")
BY_ROW: tuple[Kind, ...] = ("nulls", "range", "length", "values", "matches", "check")
"""Rules that a single row keeps or breaks."""
SHARES: tuple[Kind, ...] = ("nulls", "values", "put_aside")
"""Rules whose `most` is a share of rows, which chance alone may go beyond a little."""
ASIDE: tuple[Kind, ...] = ("nulls", "range", "length", "values", "check")
"""Rules that can put rows aside when they land: those that are an expression of the dialect."""

FITS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "range": ("int", "float"), "length": ("text",), "matches": ("text",),
        "values": ("text", "int", "float", "boolean"),
    }
)  # fmt: skip
"""The types of columns that a rule can be about; any where its kind is not named."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """One promise. Which fields it has follows from its kind.

    `type`: `text` is the type. `nulls`, `put_aside`: `most` is a share. `range`, `length`: `least` and `most`, either
    may be open. `values`: `among`, and as `most` the share of rows that may say something else. `matches`: `text` is a
    regular expression for the whole value. `unique`: `of`. `volume`: rows a day, `least` to `most`. `fresh`: `most` is
    microseconds. `check`: `holds`, with `text` as written.
    """

    kind: Kind
    severity: Severity
    column: str = ""
    least: float | None = None
    most: float | None = None
    among: tuple[Constant, ...] = ()
    text: str = ""
    of: tuple[str, ...] = ()
    holds: Expression | None = None
    _place: str = field(default="", repr=False, compare=False)

    @property
    def name(self) -> str:
        """How it is called: `price: range`, `unique`, `check ends >= begins`."""
        if self.kind == "check":
            return f"check {self.text}"
        return f"{self.column}: {self.kind}" if self.column else self.kind

    @property
    def identity(self) -> tuple[str, ...]:
        """What makes it the same rule in another contract."""
        return (self.kind, self.column, self.text if self.kind == "check" else "")

    @property
    def place(self) -> str:
        """`contracts/events.toml:7`."""
        return self._place


@dataclass(frozen=True, slots=True, kw_only=True)
class Contract:
    """All that a dataset promises. `seen`: the version that it was made from. `flaws`: what could not be read in it.

    A contract with a flaw is never applied.
    """

    dataset: str
    seen: str = ""
    rules: tuple[Rule, ...] = ()
    flaws: tuple[Flaw, ...] = ()
    _file: str = field(default="", repr=False, compare=False)

    @property
    def file(self) -> str:
        """`contracts/events.toml`."""
        return self._file

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns that it says anything about, in its order."""
        return tuple(dict.fromkeys(rule.column for rule in self.rules if rule.column))

    @property
    def aside(self) -> tuple[Rule, ...]:
        """The rules that put rows aside."""
        return tuple(rule for rule in self.rules if rule.severity == "put-aside")

    def rule(self, kind: Kind, column: str = "") -> Rule | None:
        """The rule of that kind, None for none."""
        return next((rule for rule in self.rules if (rule.kind, rule.column) == (kind, column)), None)
