"""Rules that put rows aside, as promises of the source: extraction treats them like those that were declared."""

from __future__ import annotations

from dataclasses import replace

from tidemill.spec.contract.record import Constant, Contract, Rule
from tidemill.spec.expression import Expression
from tidemill.spec.read import expression
from tidemill.spec.source import Source


def promising(source: Source, contract: Contract | None) -> Source:
    """The source with what its contract puts rows aside for; the same source without such a rule."""
    if contract is None or not contract.aside:
        return source
    return replace(source, expect=(*source.expect, *(promise(rule) for rule in contract.aside)))


def promise(rule: Rule) -> Expression:
    """What a row keeps, in the dialect; its text is the reason that stands beside a row that was put aside."""
    if rule.holds is not None:
        return rule.holds
    name = '"' + rule.column.replace('"', '""') + '"'
    if rule.kind == "nulls":
        return expression(f"{name} is not null")
    if rule.kind == "values":
        return expression(f"{name} in ({', '.join(constant(value) for value in rule.among)})")
    value = f"length({name})" if rule.kind == "length" else name
    ends = ((">=", rule.least), ("<=", rule.most))
    return expression(" and ".join(f"{value} {sign} {constant(end)}" for sign, end in ends if end is not None))


def constant(value: Constant) -> str:
    """The value as the dialect writes it; whole numbers without a fraction."""
    if isinstance(value, str):
        return "'" + value.replace("'", "''") + "'"
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(int(value)) if float(value).is_integer() and abs(value) < 2**53 else repr(value)
