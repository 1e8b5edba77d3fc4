"""What a SELECT says of itself: where a column of it comes from, and in which order its windows see their rows."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sqlglot import exp


def keeps(sql: str, column: str) -> bool:
    """Whether that column, wherever the SELECT names one so, is a table's column of the name, on the same clock.

    Casts, what `date_trunc` leaves, and the least or greatest of a group are. False also where it cannot be told.
    """
    from sqlglot import exp

    tree = _parsed(sql)
    if tree is None or tree.find(exp.Pivot):
        return False
    named = column.casefold()
    made = [alias.this for alias in tree.find_all(exp.Alias) if alias.alias.casefold() == named]
    if any(name.name.casefold() == named for alias in tree.find_all(exp.TableAlias) for name in alias.columns):
        return False
    both = tree.find_all(exp.SetOperation)
    return all(_is_own(one, named) for one in made) and all(_agree(one, named) for one in both)


def untied(sql: str) -> str:
    """The SELECT with an order among rows that its windows, ordered aggregates and limits do not tell apart.

    It is that of all that the rows hold. "" for what cannot be read.
    """
    from sqlglot import exp
    from sqlglot.dialects.duckdb import DuckDB

    tree = _parsed(sql)
    if tree is None:
        return ""
    for order in list(tree.find_all(exp.Order)):
        select = order.find_ancestor(exp.Select)
        if select is not None and _matters(order, select):
            for more in _held(order, select):
                order.append("expressions", exp.Ordered(this=more, nulls_first=False))
    return tree.sql(dialect=DuckDB)


def _parsed(sql: str) -> exp.Expr | None:
    """The one statement of the text."""
    from sqlglot.dialects.duckdb import DuckDB
    from sqlglot.errors import SqlglotError

    try:
        (tree,) = DuckDB().parse(sql)
    except (SqlglotError, ValueError):
        return None
    return tree


def _is_own(made: exp.Expr, column: str) -> bool:
    """Whether an expression is the column but for what leaves a moment on its clock."""
    from sqlglot import exp

    while isinstance(made, exp.Paren | exp.Cast | exp.TimestampTrunc | exp.DateTrunc | exp.Min | exp.Max):
        made = made.this
    return isinstance(made, exp.Column) and made.name.casefold() == column


def _agree(both: exp.SetOperation, column: str) -> bool:
    """Whether both sides have the column in the same place, or are matched by name."""
    left, right = ([name.casefold() for name in side.named_selects] for side in (both.left, both.right))
    if both.args.get("by_name") or left == right:
        return True
    return "*" not in left + right and column in left and column in right and left.index(column) == right.index(column)


def _matters(order: exp.Order, select: exp.Select) -> bool:
    """Whether it is seen which of equal rows comes first: not where a frame takes all of them by their distance."""
    spec = order.parent.args.get("spec") if order.parent else None
    frame = spec.args if spec else {}
    bounds = {str(frame.get(end)) for end in ("start", "end")} - {"None", "UNBOUNDED", "CURRENT ROW"}
    ranged = str(frame.get("kind")).upper() == "RANGE" and bounds
    return not ranged and (order.parent is not select or bool(select.args.get("limit")))


def _held(order: exp.Order, select: exp.Select) -> Iterator[exp.Expr]:
    """What tells rows of the SELECT apart: all of their tables' columns; once they are grouped, what groups them."""
    from sqlglot import exp

    if select.args.get("group") and not order.find_ancestor(exp.AggFunc):
        made = (exp.AggFunc, exp.Window, exp.Star, exp.Query)
        yield from (item.unalias().copy() for item in select.expressions if not item.find(*made))
        return
    source = select.args.get("from_")
    tables = [source.this] if source else []
    for place, table in enumerate((*tables, *(join.this for join in select.args.get("joins") or ()))):
        if not table.alias_or_name and isinstance(table, exp.Subquery):
            table.set("alias", exp.TableAlias(this=exp.to_identifier(f"_tidemill_{place}")))
        if table.alias_or_name:
            yield exp.func("hash", exp.column(table.alias_or_name, quoted=True))
