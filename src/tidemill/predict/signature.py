"""What a bundle needs to answer without the system file: its inputs, views, scope, decisions and golden rows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from tidemill.facts.codec import Reader
from tidemill.facts.data import ColumnType
from tidemill.ports.flavor import FeatureColumn
from tidemill.spec.expression import Call, Column, Constant, Expression, Named
from tidemill.spec.label import Candidates
from tidemill.spec.source import Files, FilesQuery, Source, SqlQuery, SqlTable
from tidemill.spec.view import Lookup, OnRequest, Request, View, Window


@dataclass(frozen=True, slots=True, kw_only=True)
class Golden:
    """One remembered ask with its score: answered again before a version is let in.

    `request`: raw request columns (timestamps int microseconds UTC); `looked_up`: `view.feature` -> value.
    """

    request: Mapping[str, object]
    looked_up: Mapping[str, object]
    asked_at_us: int
    score: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Signature:
    """The contract of one model version.

    `features`: matrix columns in order, named `view.feature`. `views`: all views that they or request columns need.
    `request`: raw columns a caller sends, with types of the asked source. `keys`: entity columns of looked-up views.
    `looked_up`: `view.feature` of every feature of those views, chosen or not, with the type it has in an expression.
    `asked`: the source (its condition is the scope, its expectations flag broken requests) or candidates asked.
    `decide`: decision name -> expression over `score`, first true wins. `sticky`: columns whose values route a request.
    """

    v: int = 1
    system: str
    model: str
    kind: Literal["binary", "number"]
    zone: str
    label: str
    features: tuple[FeatureColumn, ...]
    views: tuple[View, ...]
    request: tuple[ColumnType, ...]
    keys: tuple[ColumnType, ...]
    looked_up: tuple[ColumnType, ...] = ()
    asked: Source | Candidates
    decide: tuple[tuple[str, Expression], ...] = ()
    sticky: tuple[str, ...] = ()
    flavor: str
    config: Mapping[str, object]
    golden: tuple[Golden, ...] = ()

    @property
    def lookups(self) -> tuple[Lookup, ...]:
        """The looked-up views, in order."""
        return tuple(view for view in self.views if isinstance(view, Lookup))


DECLARED = (Source, SqlTable, SqlQuery, Files, FilesQuery, Candidates, Lookup, Request, OnRequest, Window)
EXPRESSED = (Expression, Named, Column, Constant, Call)

reader = Reader((Signature, Golden, FeatureColumn, ColumnType, *DECLARED, *EXPRESSED))
"""Reads a signature back from the canonical JSON of `bundle.json`."""
