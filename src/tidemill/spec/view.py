"""What a model may see: looked-up views, request views and scalar functions on the request."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Literal

from tidemill.spec.expression import Expression, Named, Type
from tidemill.spec.source import Source

Aggregate = Literal["count", "sum", "mean", "std", "min", "max", "distinct", "last", "lag", "days_since_last"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """One aggregate over an entity's rows strictly before the moment (features) or from it on (`ahead` of a label).

    Visible at t: rows with max(time, known) < t and time >= floor((t - length) / step) * step.
    `length_us` None: all history (`last`, `days_since_last`); `lag`: `rows` back, not older than `length_us`.
    `step_us` 0: exact sliding. `scale`: decimal places of the int64 fixed point of sum, mean, std (None: six).
    """

    kind: Aggregate
    expression: Expression | None = None
    length_us: int | None = None
    where: Expression | None = None
    of: Source | None = None
    step_us: int = 0
    scale: int | None = None
    rows: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Lookup:
    """A view looked up by entity: columns of the entity's newest row and windows over its rows.

    `chosen`: names kept by only/drop, in declared order. `bound`: ask column that stands for each entity column.
    `_owner`, `_description`: what the team says of it; no part of the value, so that saying it changes nothing.
    """

    name: str
    source: Source
    entity: tuple[str, ...]
    columns: tuple[Named, ...] = ()
    windows: tuple[tuple[str, Window], ...] = ()
    max_age_us: int | None = None
    chosen: tuple[str, ...] = ()
    bound: tuple[tuple[str, str], ...] = ()
    _owner: str = field(default="", repr=False, compare=False)
    _description: str = field(default="", repr=False, compare=False)

    @property
    def owner(self) -> str:
        """Who answers for it, "" for who answers for the system."""
        return self._owner

    @property
    def description(self) -> str:
        """What it is for, "" where nothing is said."""
        return self._description

    def only(self, *names: str) -> Lookup:
        """This view with just the named features."""
        return replace(self, chosen=chosen(self.chosen, names, names))

    def drop(self, *names: str) -> Lookup:
        """This view without the named features."""
        return replace(self, chosen=chosen(self.chosen, names, without(self.chosen, names)))

    def on(self, name: str, **entity: str) -> Lookup:
        """This view under another name, by other columns of the ask: `.on("seller", customer_id="seller_id")`."""
        return replace(self, name=name, bound=tuple({**dict(self.bound), **entity}.items()))


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """What the caller sends: expressions over raw columns of the asked row and over looked-up features.

    `_owner`, `_description` as of a Lookup.
    """

    name: str
    source: Source
    columns: tuple[Named, ...]
    chosen: tuple[str, ...] = ()
    _owner: str = field(default="", repr=False, compare=False)
    _description: str = field(default="", repr=False, compare=False)

    @property
    def owner(self) -> str:
        """Who answers for it, "" for who answers for the system."""
        return self._owner

    @property
    def description(self) -> str:
        """What it is for, "" where nothing is said."""
        return self._description

    def only(self, *names: str) -> Request:
        """This view with just the named features."""
        return replace(self, chosen=chosen(self.chosen, names, names))

    def drop(self, *names: str) -> Request:
        """This view without the named features."""
        return replace(self, chosen=chosen(self.chosen, names, without(self.chosen, names)))


@dataclass(frozen=True, slots=True, kw_only=True)
class OnRequest:
    """A scalar Python function of request columns or `asked_at`; `code` is its whole source text, for the bundle."""

    name: str
    function: Callable[..., object]
    parameters: tuple[str, ...]
    returns: Type
    code: str


View = Lookup | Request | OnRequest


def without(present: tuple[str, ...], names: tuple[str, ...]) -> tuple[str, ...]:
    """`present` less `names`, order kept."""
    return tuple(name for name in present if name not in names)


def chosen(present: tuple[str, ...], named: tuple[str, ...], kept: tuple[str, ...]) -> tuple[str, ...]:
    """`kept` in the order of `present`; names the view does not have stay as `?name`, for `check` to say."""
    unknown = tuple(f"?{name}" for name in named if name not in present)
    return tuple(name for name in present if name in kept or name.startswith("?")) + unknown
