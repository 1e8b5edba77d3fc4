"""From the text of an expression to its tree: sqlglot's grammar, a white list of its nodes, nothing else."""

from __future__ import annotations

from typing import TYPE_CHECKING, NoReturn

from tidemill.errors import ExpressionError
from tidemill.spec.arguments import checked
from tidemill.spec.dialect import DEEPEST
from tidemill.spec.expression import Call, Column, Constant, Expression, Named, Node
from tidemill.spec.literal import interval, months, number
from tidemill.spec.tokens import CALL, OPEN, marked

if TYPE_CHECKING:
    from sqlglot import exp

TWO_SIDED = {
    "Add": "+", "Sub": "-", "Mul": "*", "Div": "/", "IntDiv": "//", "Mod": "%",
    "EQ": "=", "NEQ": "<>", "LT": "<", "LTE": "<=", "GT": ">", "GTE": ">=", "And": "and", "Or": "or",
}  # fmt: skip

PARTS = {"this", "expression", "expressions", "low", "high", "ifs", "true", "default", "table", "negate", "quoted"}
"""Arguments of sqlglot's nodes that are read here; any other that is set is something the dialect does not have."""

DEFAULTS = {"typed", "safe", "is_string"}
"""Arguments that say how sqlglot's DuckDB divides and what a literal is; the operators' meaning is ours."""


def parse(text: str) -> Expression:
    """The parsed expression.

    ExpressionError: `does-not-parse`, `not-in-dialect`, `unknown-function` (text, position, and what was found there);
    `wrong-arguments`, `constant-needed`, `argument-outside`, `number-outside`, `interval-unread`, `calendar-interval`,
    `too-deep` (text and what is wrong).
    """
    top = syntax(text)
    if type(top).__name__ == "Alias":
        raise ExpressionError("not-in-dialect", text=text, construct="as", position=None)
    return Expression(text=text.strip(), tree=grown(text, top))


def parse_named(text: str) -> Named:
    """The parsed select item: `expr as name`, or a column, which is named for itself; `no-name` for anything else.

    The expression's text is the part before `as`. Errors as those of `parse`.
    """
    top = syntax(text)
    if type(top).__name__ != "Alias":
        tree = grown(text, top)
        if not isinstance(tree, Column):
            raise ExpressionError("no-name", text=text)
        return Named(name=tree.name, expression=Expression(text=text.strip(), tree=tree))
    tree = grown(text, top.this)
    return Named(name=top.alias, expression=Expression(text=text[: alias_start(text)].strip(), tree=tree))


def alias_start(text: str) -> int:
    """Where the `as` of a select item stands."""
    return marked(text)[-2].start - 1


def syntax(text: str) -> exp.Expr:
    """The one expression as sqlglot reads it."""
    from sqlglot.dialects.duckdb import DuckDB
    from sqlglot.errors import ParseError

    tokens = marked(text)
    try:
        trees = DuckDB().parser().parse(tokens, OPEN + text)
    except ParseError as error:
        told = error.errors[0]
        found = str(told.get("highlight") or "").strip() or None
        # The context before the mistake is cut at a hundred characters: only a short text has a sure place.
        place = len(str(told.get("start_context") or "")) if found and len(text) < 100 else None
        raise ExpressionError("does-not-parse", text=text, position=place, found=found) from error
    except RecursionError as error:
        raise ExpressionError("too-deep", text=text, deepest=DEEPEST) from error
    if len(trees) != 1 or trees[0] is None:
        raise ExpressionError("does-not-parse", text=text, position=None, found=None)
    return trees[0]


def grown(text: str, top: exp.Expr) -> Node:
    """The tree of ours from sqlglot's, with errors that name the text."""
    try:
        tree = Growth(text).node(top)
    except RecursionError as error:
        raise ExpressionError("too-deep", text=text, deepest=DEEPEST) from error
    if depth(tree) > DEEPEST:
        raise ExpressionError("too-deep", text=text, deepest=DEEPEST)
    return tree


def written(given: exp.Expr) -> str:
    """The part of an expression as sqlglot would write it, less the mark of our calls."""
    return given.sql(dialect="duckdb").replace(CALL.upper(), "").replace(CALL, "")


def depth(node: Node) -> int:
    """Levels of the tree, 1 for a leaf; level by level, so that no depth is too much for it."""
    levels, row = 0, [node]
    while row:
        levels += 1
        row = [argument for item in row if isinstance(item, Call) for argument in item.args]
    return levels


class Growth:
    """Our tree from sqlglot's, node by node."""

    def __init__(self, text: str) -> None:
        self.text = text

    def node(self, given: exp.Expr) -> Node:
        """Our node for sqlglot's, by the name of its class."""
        if any(value and name not in PARTS | DEFAULTS for name, value in given.args.items()):
            self._refuse(written(given))
        match type(given).__name__:
            case "Paren":
                return self.node(given.this)
            case "Column":
                return Column(name=given.name, view=given.args["table"].name if given.args.get("table") else "")
            case "Literal":
                return self._literal(given)
            case "Boolean":
                return Constant(value=bool(given.this), type="boolean")
            case "Null":
                return Constant(value=None, type="unknown")
            case "Neg":
                return self._negative(given)
            case "Not":
                return self._opposite(given)
            case "Is":
                return self._null_test(given)
            case "In":
                return self._membership(given)
            case "Like":
                return self._maybe_not(given, self._call("like", given.this, given.args["expression"]))
            case "Between":
                return self._call("between", given.this, given.args["low"], given.args["high"])
            case "Case":
                return self._case(given)
            case "Anonymous":
                return self._function(given)
            case kind if kind in TWO_SIDED:
                return self._two_sided(TWO_SIDED[kind], given)
            case _:
                return self._refuse(written(given))

    def _call(self, name: str, *given: exp.Expr) -> Call:
        """An operator with its arguments."""
        return checked(self.text, Call(name=name, args=tuple(self.node(argument) for argument in given)))

    def _two_sided(self, name: str, given: exp.Expr) -> Node:
        """`a + b`; a chain of `and` or of `or` as one call; a time and months of the calendar."""
        left, right = given.this, given.args["expression"]
        if name in {"and", "or"}:
            return Call(name=name, args=tuple(self.node(part) for part in given.flatten(unnest=False)))
        if name in {"+", "-"} and (later := self._months(right)) is not None:
            return self._add_months(left, later if name == "+" else -later)
        if name == "+" and (later := self._months(left)) is not None:
            return self._add_months(right, later)
        return self._call(name, left, right)

    def _months(self, given: exp.Expr) -> int | None:
        """Months of an interval whose length the calendar decides, None for anything else."""
        if type(given).__name__ != "Anonymous" or str(given.this) != CALL + "interval":
            return None
        return months(self.text, str(given.expressions[0].this))

    def _add_months(self, moment: exp.Expr, later: int) -> Call:
        """A time or date so many months of the calendar later."""
        return Call(name="add_months", args=(self.node(moment), Constant(value=later, type="int")))

    def _literal(self, given: exp.Expr) -> Constant:
        """A text or a number."""
        return Constant(value=given.this, type="text") if given.args.get("is_string") else number(self.text, given.this)

    def _negative(self, given: exp.Expr) -> Node:
        """The negative of a number is a constant too, so that -9223372036854775808 can be written."""
        inner = given.this
        if type(inner).__name__ == "Literal" and not inner.args.get("is_string"):
            return number(self.text, "-" + inner.this)
        return self._call("neg", inner)

    def _opposite(self, given: exp.Expr) -> Call:
        """`not x`; `x is not null` is a test of its own."""
        inner = self.node(given.this)
        if isinstance(inner, Call) and inner.name == "is_null" and type(given.this).__name__ == "Is":
            return Call(name="is_not_null", args=inner.args)
        return Call(name="not", args=(inner,))

    def _maybe_not(self, given: exp.Expr, call: Call) -> Call:
        """Some versions of sqlglot keep the `not` of `not like` inside the node."""
        return Call(name="not", args=(call,)) if given.args.get("negate") else call

    def _null_test(self, given: exp.Expr) -> Call:
        """`x is null`; nothing else is."""
        if type(given.args["expression"]).__name__ != "Null":
            self._refuse(written(given))
        return self._call("is_null", given.this)

    def _membership(self, given: exp.Expr) -> Call:
        """`x in (a, b)`."""
        candidates = given.args.get("expressions")
        if not candidates:
            self._refuse(written(given))
        return self._maybe_not(given, self._call("in", given.this, *candidates))

    def _case(self, given: exp.Expr) -> Call:
        """Condition, value, ..., else; `case x when y` compares, and no else is NULL."""
        parts: list[Node] = []
        for branch in given.args["ifs"]:
            condition = self.node(branch.this)
            if given.this is not None:
                condition = Call(name="=", args=(self.node(given.this), condition))
            parts += [condition, self.node(branch.args["true"])]
        otherwise = given.args.get("default")
        parts.append(self.node(otherwise) if otherwise is not None else Constant(value=None, type="unknown"))
        return Call(name="case", args=tuple(parts))

    def _function(self, given: exp.Expr) -> Node:
        """A function of the dialect, a cast or an interval."""
        name = str(given.this).removeprefix(CALL)
        arguments = given.expressions
        if name == "interval":
            return interval(self.text, str(arguments[0].this))
        if name != "cast":
            return self._call(name, *arguments)
        if len(arguments) != 2 or type(arguments[1]).__name__ != "Literal":
            self._refuse("cast without `as` and a type")
        return self._call(f"cast_{arguments[1].this}", arguments[0])

    def _refuse(self, construct: str) -> NoReturn:
        """Something that sqlglot can read and the dialect does not have."""
        raise ExpressionError("not-in-dialect", text=self.text, construct=construct, position=None)
