"""Contracts: the dataset that each is for, the columns that its rules name, and what could not be read in its file."""

from __future__ import annotations

from dataclasses import replace

from tidemill.spec.contract.record import FITS, Contract, Rule
from tidemill.spec.declaration import Declaration
from tidemill.spec.examine.finding import Findings
from tidemill.spec.examine.scope import CONDITION, check_expression, source_scope
from tidemill.spec.expression import Type
from tidemill.spec.nearest import nearest
from tidemill.spec.schema import Schemas, columns_of
from tidemill.spec.source import Source


def check_contracts(findings: Findings, declaration: Declaration, schemas: Schemas) -> None:
    """Every contract, and every rule of one that could be read."""
    sources = {source.dataset: source for source in declaration.roots}
    for contract in declaration.contracts:
        path = f"contract {contract.dataset}"
        for flaw in contract.flaws:
            findings.flaw(path, flaw)
        source = sources.get(contract.dataset)
        if source is None:
            near = nearest(contract.dataset, sources)
            fields = {"dataset": contract.dataset, "file": contract.file, "known": tuple(sources), "nearest": near}
            findings.found(path, "contract.of-no-source", fields, f"{contract.file}:1")
            continue
        for rule in contract.rules:
            check_rule(findings, contract, rule, source, schemas)


def check_rule(findings: Findings, contract: Contract, rule: Rule, source: Source, schemas: Schemas) -> None:
    """The columns that a rule names, as far as the source's columns are known."""
    path, columns = f"contract {contract.dataset} > {rule.name}", columns_of(source, schemas)
    if rule.holds is not None:
        before = len(findings.mistakes)
        check_expression(findings, path, rule.holds, source_scope(source, schemas), expected=CONDITION)
        findings.mistakes[before:] = [replace(one, place=rule.place) for one in findings.mistakes[before:]]
        return
    for name in (rule.column, *rule.of) if columns else ():
        if name and name not in columns:
            fields = {"column": name, "dataset": source.dataset, "nearest": nearest(name, columns)}
            findings.found(path, "contract.column-unknown", fields, rule.place)
        elif name:
            check_fit(findings, path, rule, columns[name])


def check_fit(findings: Findings, path: str, rule: Rule, given: Type) -> None:
    """The type of the rule's column."""
    fits = FITS.get(rule.kind, (given,))
    if given != "unknown" and given not in fits:
        fields = {"rule": rule.kind, "column": rule.column, "given": given, "expected": fits}
        findings.found(path, "contract.rule-unfit", fields, rule.place)
