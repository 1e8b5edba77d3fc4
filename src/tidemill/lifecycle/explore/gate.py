"""The data gate: the contract of a dataset on the rows that landed since the last version that passed it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import cast

from tidemill.facts.data import ContractReport, Kept
from tidemill.features.contract import contract_sql, examples_sql, measurable, repeats_sql
from tidemill.features.plan import Dialect, quoted
from tidemill.lifecycle.explore.given import Given
from tidemill.measure.contract.judge import Measured, judged, report
from tidemill.ports.context import Context
from tidemill.ports.tables import ROW
from tidemill.spec.contract.record import BY_ROW, Contract, Rule
from tidemill.spec.expression import Type


def held(given: Given, ctx: Context) -> ContractReport | None:
    """The report; None without a contract. One aggregate query, and one more for what seems to be broken."""
    contract = given.system.contract(given.version.dataset)
    if contract is None:
        return None
    measured = measured_on(contract, given, ctx)
    rules = judged(contract, measured)
    rules = with_examples(contract, rules, given, ctx)
    return report(contract, rules, first_row=first_row(given), rows=measured.rows)


def first_row(given: Given) -> int:
    """The number of the first row that landed after the last version that passed."""
    return 0 if given.accepted is None else given.accepted.rows


def several(given: Given) -> bool:
    """Whether the rows came in more than one pass, so that one may correct another."""
    return given.version.number > 1 + (given.accepted.number if given.accepted else 0)


def dialect_of(given: Given) -> Dialect:
    """How expressions become SQL over the version."""
    columns = {column.name: cast("Type", column.type) for column in given.version.columns}
    return Dialect(zone=given.system.zone, columns={given.version.dataset: columns})


def measured_on(contract: Contract, given: Given, ctx: Context) -> Measured:
    """The new rows in numbers."""
    version, first, dialect = given.version, first_row(given), dialect_of(given)
    columns = dialect.columns[version.dataset]
    row: Mapping[str, object] = {"rows": 0, "landed": 0, "since_us": None, "until_us": None, "broken": []}
    if version.files:
        sql = contract_sql(contract, given.source, dialect, first_row=first, several=several(given))
        row = ctx.compute.query(sql, {version.dataset: ctx.tables.paths(version.files)}).to_pylist()[0]
    rules = [rule for rule in contract.rules if measurable(rule, columns)]
    counts = cast("Sequence[int]", row["broken"]) or [0] * len(rules)
    accepted = given.accepted.last_us if given.accepted else None
    return Measured(
        rows=cast("int", row["rows"]),
        landed=cast("int", row["landed"]),
        came=version.rows + version.put_aside - first - healed(given, ctx),
        since_us=cast("int | None", row["since_us"]) if accepted is None else accepted,
        until_us=cast("int | None", row["until_us"]),
        watermark_us=version.watermark_us,
        now_us=given.now_us,
        columns=columns,
        counts={rule: repeats(rule, count, given, ctx) for rule, count in zip(rules, counts, strict=True)},
    )


def repeats(rule: Rule, count: int, given: Given, ctx: Context) -> int:
    """The count of a rule; of `unique` without rows that readers see once, looked at where any seem to repeat."""
    if rule.kind != "unique" or not count:
        return count
    columns = [column.name for column in given.version.columns]
    sql = repeats_sql(rule, given.source, columns, first_row=first_row(given))
    found = ctx.compute.query(sql, {given.version.dataset: ctx.tables.paths(given.version.files)})
    return int(found["rows"][0].as_py())


def healed(given: Given, ctx: Context) -> int:
    """How many of the new rows that were put aside landed later, corrected: such a row came once, not twice."""
    version, key = given.version, given.source.key
    new = version.put_aside - (given.accepted.put_aside if given.accepted else 0)
    if not (new and key and version.files):
        return 0
    same = " and ".join(f"later.{quoted(name)} = aside.{quoted(name)}" for name in key)
    sql = f"""
        select count(*) as rows from aside where aside.{ROW} >= $first and exists (
            select 1 from landed as later where {same} and later.{ROW} > aside.{ROW}
        )
    """
    tables = {"landed": ctx.tables.paths(version.files), "aside": ctx.tables.paths(version.rejected)}
    return int(ctx.compute.query(sql, tables, {"first": first_row(given)})["rows"][0].as_py())


def with_examples(contract: Contract, rules: Sequence[Kept], given: Given, ctx: Context) -> tuple[Kept, ...]:
    """The same rules, those that single rows broke with the names of some."""
    pairs = zip(contract.rules, rules, strict=True)
    broken: list[Rule] = [rule for rule, found in pairs if found.outcome == "broken" and found.rows and is_by_row(rule)]
    if not broken:
        return tuple(rules)
    sql = examples_sql(broken, given.source, dialect_of(given), first_row=first_row(given), several=several(given))
    found = ctx.compute.query(sql, {given.version.dataset: ctx.tables.paths(given.version.files)})
    named = dict(zip([rule.name for rule in broken], found["examples"][0].as_py(), strict=True))
    return tuple(replace(rule, examples=tuple(named.get(rule.rule) or ())) for rule in rules)


def is_by_row(rule: Rule) -> bool:
    """Whether single rows break it."""
    return rule.kind in BY_ROW
