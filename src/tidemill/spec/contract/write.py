"""A contract as the text of its file: one line a rule, in an order that makes a difference readable."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator

from tidemill.spec.contract.record import Constant, Contract, Rule
from tidemill.spec.duration import duration_text

HEAD = """\
# What the rows of {dataset} promise, as they were in {seen}.
# Read it, correct it, commit it: being here puts it in force.
# else: "stop" ends a run before it trains, "warn" is told, "put-aside" keeps each such row out when it lands.
# `tidemill contract {dataset} --diff` shows what newer rows would promise.
"""
BARE = re.compile(r"[A-Za-z0-9_-]+")


def contract_text(contract: Contract) -> str:
    """The file; reading it gives the contract again."""
    return "\n".join(lines(contract)) + "\n"


def lines(contract: Contract) -> Iterator[str]:
    """Line by line."""
    yield HEAD.format(dataset=contract.dataset, seen=contract.seen)
    yield f"dataset = {said(contract.dataset)}"
    yield f"seen = {said(contract.seen)}"
    table = [rule for rule in contract.rules if not rule.column and rule.kind != "check"]
    if table:
        yield "\n[table]"
        yield from aligned(table)
    for column in contract.columns:
        yield f"\n[column.{key(column)}]"
        yield from aligned([rule for rule in contract.rules if rule.column == column])
    for rule in contract.rules:
        if rule.kind == "check":
            yield "\n[[check]]"
            yield f"holds = {said(rule.text)}"
            yield f"else = {said(rule.severity)}"


def aligned(rules: list[Rule]) -> Iterator[str]:
    """Rules of one table."""
    return (f"{rule.kind} = {rule_text(rule)}" for rule in rules)


def rule_text(rule: Rule) -> str:
    """What stands behind a rule's name."""
    inner = [*bounds(rule), f"else = {said(rule.severity)}"]
    return f"{{ {', '.join(inner)} }}"


def bounds(rule: Rule) -> Iterator[str]:
    """The fields that its kind has."""
    if rule.kind == "type":
        yield f"is = {said(rule.text)}"
    elif rule.kind == "matches":
        yield f"pattern = {said(rule.text)}"
    elif rule.kind == "values":
        yield f"among = [{', '.join(said(value) for value in rule.among)}]"
        yield from ends(rule)
    elif rule.kind == "unique":
        yield f"of = [{', '.join(said(column) for column in rule.of)}]"
    elif rule.kind == "fresh":
        yield f"within = {said(duration_text(int(rule.most or 0)))}"
    else:
        yield from ends(rule)


def ends(rule: Rule) -> Iterator[str]:
    """The least and the most, where they are closed."""
    for name, value in (("least", rule.least), ("most", rule.most)):
        if value is not None:
            yield f"{name} = {said(value)}"


def said(value: Constant) -> str:
    """A value in TOML; whole numbers without a fraction."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float) and value.is_integer() and abs(value) < 2**53:
        return str(int(value))
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")


def key(name: str) -> str:
    """A name as it stands in a header."""
    return name if BARE.fullmatch(name) else said(name)
