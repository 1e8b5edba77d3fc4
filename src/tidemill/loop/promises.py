"""What the rows of a version seem to promise, and what a contract that is in force would become by newer rows."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from tidemill.facts.data import DatasetVersion
from tidemill.lifecycle.explore.sample import sample_of
from tidemill.measure.contract.infer import infer
from tidemill.measure.contract.judge import bound_text
from tidemill.ports.tables import Tables
from tidemill.spec.contract.record import Contract, Rule
from tidemill.spec.source import Source


@dataclass(frozen=True, slots=True, kw_only=True)
class Move:
    """A rule whose bound newer rows would move; one that would come (`before` None) or go (`after` None)."""

    rule: str
    before: str | None
    after: str | None
    breaks: str


def proposed(version: DatasetVersion, source: Source, tables: Tables, now_us: int) -> Contract:
    """The contract that the version's landed rows seem to promise; those put aside have no say."""
    return Contract(dataset=version.dataset, seen=version.name, rules=infer(sample_of(version, source, tables, now_us)))


def moves(contract: Contract, newer: Contract) -> Iterator[Move]:
    """Rules of the contract with another bound in the newer one, then those that only one of them has.

    What a person wrote by hand (checks, and kinds of rules that are never proposed) is not said to go.
    """
    new = {rule.identity: rule for rule in newer.rules}
    for rule in contract.rules:
        found = new.pop(rule.identity, None)
        if found is None and rule.kind not in {"check", "length", "matches"}:
            yield Move(rule=rule.name, before=bound_text(rule), after=None, breaks=rule.severity)
        elif found is not None and replace(found, severity=rule.severity) != rule:
            yield Move(rule=rule.name, before=shown(rule, found), after=shown(found, rule), breaks=rule.severity)
    for rule in new.values():
        yield Move(rule=rule.name, before=None, after=bound_text(rule), breaks=rule.severity)


def shown(rule: Rule, other: Rule) -> str:
    """The bound; of words only those that the other has not."""
    if rule.kind != "values":
        return bound_text(rule)
    return ", ".join(str(value) for value in rule.among if value not in other.among) or f"{len(rule.among)} values"
