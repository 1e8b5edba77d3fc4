"""The type of every part of an expression, with conversions written out: what both back ends are made from."""

from __future__ import annotations

import re
from calendar import monthrange
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from tidemill.errors import ExpressionError
from tidemill.spec.dialect import CASTS, DATE_TEXT, FINEST_OF_A_DATE, TIME_TEXT, TRUNC_UNITS, ZONE_TEXT
from tidemill.spec.expression import Call, Column, Constant, Node, Type
from tidemill.spec.nearest import nearest
from tidemill.spec.signatures import ALIKE, CAST_FROM, SIGNATURES, Signature

SPOKEN = {"neg": "-", "add_months": "+", **{f"cast_{kind}": f"cast as {kind}" for kind in CASTS}}
NULL_TESTS = frozenset({"is_null", "is_not_null"})
NARROW_FIRST: tuple[Type, ...] = ("boolean", "int", "float", "date", "timestamp", "interval", "text")


@dataclass(frozen=True, slots=True, kw_only=True)
class Typed:
    """A node with its type; `args` are typed and converted to what the operator takes, so their types tell its variant.

    The type is "unknown" for NULL, for what is only made of NULLs, and for what depends on a column of unknown type.
    """

    node: Node
    type: Type
    args: tuple[Typed, ...] = ()

    @property
    def name(self) -> str:
        """The operator's name; "" for a column or a constant."""
        return self.node.name if isinstance(self.node, Call) else ""

    @property
    def constant(self) -> bool:
        """Whether it is a constant."""
        return isinstance(self.node, Constant)


def type_of(node: Node, columns: Mapping[str, Type]) -> Type:
    """The type of the expression over columns of these types, qualified as `names` has them (`past.rpm_1`).

    ExpressionError `unknown-name` (name, nearest), `type-mismatch` (function, given, expected) or `constant-unread`
    (constant, expected). A column of type "unknown" fits everywhere.
    """
    return typed(node, columns).type


def typed(node: Node, columns: Mapping[str, Type]) -> Typed:
    """The whole tree with its types; errors as those of `type_of`."""
    if isinstance(node, Constant):
        return Typed(node=node, type=node.type)
    if isinstance(node, Column):
        return column(node, columns)
    args = tuple(typed(argument, columns) for argument in node.args)
    if node.name in SIGNATURES:
        return listed(node, args)
    if node.name in CAST_FROM:
        return cast(node, args[0])
    if node.name in ALIKE:
        return alike(node, args)
    if node.name in {"and", "or"}:
        return Typed(node=node, type="boolean", args=tuple(condition(node.name, argument) for argument in args))
    if node.name in NULL_TESTS:
        return Typed(node=node, type="boolean", args=args)
    return case(node, args)


def settled(node: Node, columns: Mapping[str, Type]) -> Typed:
    """The whole tree for a back end, which must know what it computes with.

    ExpressionError `type-unknown` (function, given) besides those of `type_of`: a word other than `is null` stands over
    a column of unknown type.
    """
    tree = typed(node, columns)
    waiting = [tree]
    while waiting:
        part = waiting.pop()
        unknown = any(isinstance(argument.node, Column) and argument.type == "unknown" for argument in part.args)
        if unknown and part.name not in NULL_TESTS:
            raise ExpressionError("type-unknown", function=spoken(part.name), given=types(part.args))
        waiting += part.args
    return tree


def column(node: Column, columns: Mapping[str, Type]) -> Typed:
    """A column with its declared type."""
    name = f"{node.view}.{node.name}" if node.view else node.name
    if name not in columns:
        raise ExpressionError("unknown-name", name=name, nearest=nearest(name, columns))
    return Typed(node=node, type=columns[name])


def listed(node: Call, args: tuple[Typed, ...]) -> Typed:
    """An operator whose types are listed: the first signature that its arguments can be converted to."""
    fitting = [signature for signature in variants(node) if fits(args, signature[0])]
    if not fitting:
        expected = " | ".join(" ".join(taken) for taken, _ in variants(node))
        raise ExpressionError("type-mismatch", function=spoken(node.name), given=types(args), expected=expected)
    taken, given = fitting[0]
    if any(argument.type == "unknown" for argument in args) and len({result for _, result in fitting}) > 1:
        given = "unknown"
    converted = tuple(convert(argument, to) for argument, to in zip(args, taken, strict=True))
    return Typed(node=node, type=given, args=converted)


def variants(node: Call) -> tuple[Signature, ...]:
    """The signatures of the operator; a date cannot be cut finer than to its day."""
    signatures = SIGNATURES[node.name]
    unit = node.args[0]
    if node.name == "date_trunc" and isinstance(unit, Constant):
        finer = TRUNC_UNITS[: TRUNC_UNITS.index(FINEST_OF_A_DATE)]
        return signatures[1:] if unit.value in finer else signatures
    return signatures


def fits(args: Sequence[Typed], taken: Sequence[Type]) -> bool:
    """Whether there are as many arguments and each can be converted."""
    return len(args) == len(taken) and all(can(argument, to) for argument, to in zip(args, taken, strict=True))


def cast(node: Call, argument: Typed) -> Typed:
    """A cast that the matrix allows; a constant date or time must be one."""
    allowed = CAST_FROM[node.name]
    if argument.type not in allowed and argument.type != "unknown":
        raise ExpressionError(
            "type-mismatch", function=spoken(node.name), given=argument.type, expected=" | ".join(allowed)
        )
    to = allowed[0]
    if argument.type == "unknown" and undecided(argument):
        return Typed(node=node, type=to, args=(argument,))
    return convert(argument, to) if can(argument, to) else Typed(node=node, type=to, args=(argument,))


def alike(node: Call, args: tuple[Typed, ...]) -> Typed:
    """An operator whose arguments are brought to one type."""
    joint = unified(node.name, args)
    if node.name == "bucket" and joint not in {"int", "float", "unknown"}:
        raise ExpressionError("type-mismatch", function="bucket", given=types(args), expected="int | float")
    converted = tuple(convert(argument, joint) for argument in args)
    return Typed(node=node, type=ALIKE[node.name] or joint, args=converted)


def case(node: Call, args: tuple[Typed, ...]) -> Typed:
    """Conditions are boolean, values brought to one type."""
    values = (*args[1:-1:2], args[-1])
    joint = unified("case", values)
    conditions = [condition("case", argument) for argument in args[:-1:2]]
    pairs = zip(conditions, (convert(value, joint) for value in values[:-1]), strict=True)
    parts = (*(part for pair in pairs for part in pair), convert(values[-1], joint))
    return Typed(node=node, type=joint, args=parts)


def condition(name: str, argument: Typed) -> Typed:
    """The argument if it can be true or false."""
    if not can(argument, "boolean"):
        raise ExpressionError("type-mismatch", function=spoken(name), given=argument.type, expected="boolean")
    return convert(argument, "boolean")


def unified(name: str, args: Sequence[Typed]) -> Type:
    """The type that all the arguments can be brought to; "unknown" if none of them has a type."""
    met = {argument.type for argument in args} - {"unknown"}
    for to in NARROW_FIRST:
        if to in met and all(can(argument, to) for argument in args):
            return to
    if met:
        raise ExpressionError("type-mismatch", function=spoken(name), given=types(args), expected="values of one type")
    return "unknown"


def can(argument: Typed, to: Type) -> bool:
    """Whether the argument is of the type or is converted to it unasked."""
    if argument.type == to or "unknown" in {argument.type, to}:
        return True
    if argument.type == "text" and to in {"date", "timestamp"}:
        return argument.constant
    return (argument.type, to) in {("int", "float"), ("date", "timestamp")}


def convert(argument: Typed, to: Type) -> Typed:
    """The argument as that type, the conversion written out as a cast; a constant int becomes a float at once."""
    if to in {argument.type, "unknown"}:
        return argument
    if isinstance(argument.node, Constant):
        value = argument.node.value
        if value is None or (argument.type, to) == ("int", "float"):
            node = Constant(value=None if value is None else float(value), type=to)
            return Typed(node=node, type=to)
        if argument.type == "text" and not readable(str(value), to):
            raise ExpressionError("constant-unread", constant=value, expected=to)
    elif argument.type == "unknown":
        return argument if undecided(argument) else Typed(node=Constant(value=None, type=to), type=to)
    return Typed(node=Call(name=f"cast_{to}", args=(argument.node,)), type=to, args=(argument,))


def undecided(part: Typed) -> bool:
    """Whether its type is unknown because of a column; a part without type or such a column is always null."""
    if part.type != "unknown" or isinstance(part.node, Column):
        return part.type == "unknown"
    return any(undecided(argument) for argument in part.args)


def readable(text: str, to: Type) -> bool:
    """Whether the text is a date, or a date with or without a time of day, as a cast reads it."""
    if not re.fullmatch(DATE_TEXT if to == "date" else f"{DATE_TEXT}({TIME_TEXT}({ZONE_TEXT})?)?", text):
        return False
    year, month, day = (int(part) for part in text[:10].split("-"))
    return month <= 12 and 1 <= day <= monthrange(year, month)[1]


def types(args: Sequence[Typed]) -> str:
    """The types of the arguments in order."""
    return " ".join(argument.type for argument in args)


def spoken(name: str) -> str:
    """The word as a person writes it: `cast as int`, `-`."""
    return SPOKEN.get(name, name)
