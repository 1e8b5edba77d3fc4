"""How columns go with an outcome, as a reader sees it: strengths side by side, the outcome in groups of values."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from tidemill.facts.data import Relation, Share
from tidemill.interfaces.report.page import Markup, Section
from tidemill.tell.draw import number
from tidemill.tell.draw.bars import Bar, bars
from tidemill.tell.draw.frame import Told

STRONGEST = 12
"""Columns that are shown beside each other."""
FEWEST = 30
"""Rows of a group below which its mean is not called the lowest or highest."""
GUESSING = 0.5


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One column in a table: how well it orders the outcome alone, and the ends of its groups."""

    column: str
    strength: str
    share: float
    ends: str


def by_label(relations: Iterable[Relation]) -> dict[str, list[Relation]]:
    """Those of each label, in their order."""
    found: dict[str, list[Relation]] = {}
    for one in relations:
        found.setdefault(one.label, []).append(one)
    return found


def relation_sections(relations: Iterable[Relation]) -> list[Section]:
    """A panel for each label."""
    return [
        Section(title=f"How columns go with {label}", note=about(told), body=strengths(told))
        for label, told in by_label(relations).items()
    ]


def about(told: Sequence[Relation]) -> str:
    """What the strengths are."""
    first = told[0]
    usual = f"{number.share(first.mean)} of" if first.yes_no else f"mean {number.amount(first.mean)} in"
    measure = "AUC" if first.yes_no else "rank correlation"
    return (
        f"{usual} {number.count(first.rows)} known outcomes; {measure} of each column alone, inside stretches of time"
    )


def strengths(told: Sequence[Relation]) -> Markup:
    """The strongest columns, from guessing up, with the bound from which on they know too much."""
    first = told[0]
    low = GUESSING if first.yes_no else 0.0
    rows = [
        Bar(name=one.column, value=reach(one), text=number.fixed(one.strength), tone="bad" if too_much(one) else "tide")
        for one in told[:STRONGEST]
        if one.strength is not None
    ]
    title = Told(title=f"How well each column alone orders {first.label}")
    picture = bars(title, rows, most=1.0, bound=(first.bound - low) / (1.0 - low))
    rest = len(told) - len(rows)
    said = f"Dashed: {first.bound:g}, from which on a column knows too much."
    more = f" {rest} weaker {'column is' if rest == 1 else 'columns are'} below, among the columns." if rest else ""
    return Markup(f'{picture}<p class="small muted p">{said}{more}</p>')


def too_much(one: Relation) -> bool:
    """Whether the column is a leak suspect."""
    return one.strength is not None and one.strength >= one.bound


def reach(one: Relation) -> float:
    """How far from guessing to certainty: 0 to 1."""
    low = GUESSING if one.yes_no else 0.0
    return max(0.0, ((one.strength or low) - low) / (1.0 - low))


def groups_picture(one: Relation) -> Markup:
    """The mean outcome in each group of the column's values, beside that of all rows."""
    low = min(0.0, *(share.mean for share in one.shares)) if one.shares else 0.0
    most = max((share.mean for share in one.shares), default=1.0) - low or 1.0
    rows = [Bar(name=share.value, value=share.mean - low, text=outcome_of(one, share)) for share in one.shares]
    told = Told(title=f"{one.label} by {one.column}")
    usual = f'<p class="small muted">Dotted: {mean_of(one, one.mean)}, as in all rows.</p>'
    return Markup(bars(told, rows, most=most, mark=one.mean - low) + usual)


def outcome_of(one: Relation, share: Share) -> str:
    """The mean with the rows it stands on."""
    return f"{mean_of(one, share.mean)} of {number.count(share.rows)}"


def mean_of(one: Relation, mean: float) -> str:
    """A rate, or an amount."""
    return number.share(mean) if one.yes_no else number.amount(mean)


def lines(told: Sequence[Relation], most: int) -> list[Line]:
    """The strongest columns in words."""
    return [
        Line(column=one.column, strength=number.fixed(one.strength), share=reach(one), ends=ends_of(one))
        for one in told[:most]
        if one.strength is not None
    ]


def ends_of(one: Relation) -> str:
    """The groups with the lowest and the highest mean; of small groups nothing is said."""
    told = [share for share in one.shares if share.rows >= FEWEST]
    if len(told) < 2:
        return ""
    low, high = min(told, key=lambda share: share.mean), max(told, key=lambda share: share.mean)
    return f"{low.value}: {mean_of(one, low.mean)} … {high.value}: {mean_of(one, high.mean)}"
