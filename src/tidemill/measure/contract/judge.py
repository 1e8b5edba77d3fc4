"""What was counted on new rows becomes a report: each rule kept or broken, with value, bound and importance."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias

from tidemill.facts.codec import digest
from tidemill.facts.data import NOT_YET, ContractReport, Finding, Kept, Value
from tidemill.measure.contract.chance import exceeds
from tidemill.spec.contract.record import OF_TABLE, SHARES, Contract, Rule
from tidemill.spec.duration import duration_text

DAY_US = 86_400_000_000
SPAN_US = 7 * DAY_US
"""The shortest span over which rows a day are told: whole weeks have every weekday."""
GONE = 30
"""Rows that come without a single value before a column that was at most half empty is called gone: 0.5 ** 30."""
HALF = 0.5
IMPORTANCE: Mapping[str, float] = {"stop": 1.0, "warn": 0.7, "put-aside": 0.7}
SHOWN = 8
"""Values of a list that a bound shows."""
Seen: TypeAlias = tuple[Value, bool | None, int | None]
"""What was seen, whether it breaks the rule (None: not measured), and how many rows do."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """New rows in numbers. `counts`: by rule, those of `features.contract`; a rule without one was not measurable.

    `came`: all that landed or was put aside. `since_us`, `until_us`: the span of time that they cover, from the last
    version that passed. `columns`: types of the version.
    """

    rows: int
    landed: int
    came: int
    since_us: int | None
    until_us: int | None
    watermark_us: int
    now_us: int
    columns: Mapping[str, str]
    counts: Mapping[Rule, int]


def judged(contract: Contract, measured: Measured) -> tuple[Kept, ...]:
    """Each rule in the contract's order, without examples."""
    return tuple(kept(rule, contract, measured) for rule in contract.rules)


def kept(rule: Rule, contract: Contract, measured: Measured) -> Kept:
    """One rule."""
    value, broken, rows = seen(rule, contract, measured)
    return Kept(
        rule=rule.name,
        kind=rule.kind,
        column=rule.column,
        breaks=rule.severity,
        outcome="unmeasured" if broken is None else "broken" if broken else "kept",
        value=value,
        bound=bound_text(rule),
        rows=rows,
        of=measured.came if rule.kind == "put_aside" else measured.rows,
    )


def seen(rule: Rule, contract: Contract, measured: Measured) -> Seen:
    """What was seen of the rule's subject."""
    if rule.kind in OF_TABLE and rule.kind != "unique":
        return of_all(rule, contract, measured)
    if rule.kind == "type":
        return of_type(rule, contract, measured)
    if rule not in measured.counts:
        missing = rule.column and rule.column not in measured.columns
        return ("missing" if missing else measured.columns.get(rule.column)), True, None
    hits = measured.counts[rule]
    if rule.kind in SHARES:
        return share(hits, measured.rows), exceeds(hits, measured.rows, rule.most or 0.0), hits
    return hits, hits > 0, hits


def of_type(rule: Rule, contract: Contract, measured: Measured) -> Seen:
    """Whether the column is there: it has its type, and is not empty in all rows if it is mostly filled."""
    found = measured.columns.get(rule.column)
    if found != rule.text:
        return found or "missing", True, None
    nulls = contract.rule("nulls", rule.column)
    filled = nulls is not None and nulls.most is not None and nulls.most <= HALF
    if filled and measured.rows >= GONE and measured.counts.get(rule, 0) == measured.rows:
        return "empty", True, measured.rows
    return found, False, None


def of_all(rule: Rule, contract: Contract, measured: Measured) -> Seen:
    """A rule about all rows together: days of age, rows a day, columns that came, the share that was put aside."""
    if rule.kind == "fresh":
        if measured.watermark_us == NOT_YET:
            return "not known", True, None
        age = measured.now_us - measured.watermark_us
        return round(age / DAY_US, 2), age > (rule.most or 0), None
    if rule.kind == "new_columns":
        new = [name for name in measured.columns if name not in contract.columns]
        return ", ".join(new) or None, bool(new), None
    if rule.kind == "put_aside":
        aside = measured.came - measured.landed
        return share(aside, measured.came), exceeds(aside, measured.came, rule.most or 0.0), aside
    return of_volume(rule, measured)


def of_volume(rule: Rule, measured: Measured) -> Seen:
    """Rows a day over the span."""
    if measured.since_us is None or measured.until_us is None or measured.until_us - measured.since_us < SPAN_US:
        return None, None, None
    daily = measured.rows * DAY_US / (measured.until_us - measured.since_us)
    low = rule.least is not None and daily < rule.least
    return round(daily, 2), low or (rule.most is not None and daily > rule.most), None


def share(hits: int, n: int) -> float:
    """As a fraction; 0 of nothing."""
    return hits / n if n else 0.0


def bound_text(rule: Rule) -> str:
    """What was promised, in a few signs: `<= 0.02`, `0 to 1200`, `in A, B`."""
    if rule.kind in {"type", "check", "matches"}:
        return rule.text
    if rule.kind == "unique":
        return f"unique {', '.join(rule.of)}"
    if rule.kind == "fresh":
        return f"<= {duration_text(int(rule.most or 0))}"
    if rule.kind == "values":
        more = ", ..." if len(rule.among) > SHOWN else ""
        return f"in {', '.join(str(value) for value in rule.among[:SHOWN])}{more}"
    if rule.least is not None and rule.most is not None:
        return f"{rule.least:.12g} to {rule.most:.12g}"
    return (
        f">= {rule.least:.12g}" if rule.least is not None else f"<= {rule.most:.12g}" if rule.most is not None else ""
    )


def report(contract: Contract, rules: Sequence[Kept], *, first_row: int, rows: int) -> ContractReport:
    """The whole of it."""
    severities = {rule.breaks for rule in rules if rule.outcome == "broken"}
    outcome: Literal["kept", "warned", "stopped"] = (
        "stopped" if "stop" in severities else "warned" if severities else "kept"
    )
    return ContractReport(
        contract=digest(contract.rules),
        file=contract.file,
        first_row=first_row,
        rows=rows,
        outcome=outcome,
        rules=tuple(rules),
    )


def findings(dataset: str, found: ContractReport) -> tuple[Finding, ...]:
    """One for each rule that is broken, most important first."""
    broken = [rule for rule in found.rules if rule.outcome == "broken"]
    return tuple(
        Finding(
            code="finding.contract-broken",
            subject=f"{dataset}.{rule.column}" if rule.column else dataset,
            importance=IMPORTANCE[rule.breaks],
            fields={"dataset": dataset, "file": found.file, **told(rule)},
        )
        for rule in sorted(broken, key=lambda rule: -IMPORTANCE[rule.breaks])
    )


def told(rule: Kept) -> dict[str, Value | tuple[Value, ...]]:
    """What is said of a broken rule."""
    return {
        "column": rule.column,
        "rule": rule.rule,
        "value": rule.value,
        "bound": rule.bound,
        "rows": rule.rows,
        "of": rule.of if rule.rows is not None else None,
        "examples": rule.examples,
    }
