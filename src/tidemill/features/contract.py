"""A whole contract as one aggregate SELECT over the rows that landed since a moment, and the rows that break it.

Rows count as readers see them: the newest of each key and time, without deleted ones, so that a correction heals.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from tidemill.features.plan import Dialect, identity, names, quoted
from tidemill.features.sqlparts import literal
from tidemill.features.sqltime import local
from tidemill.spec.contract.record import FITS, Contract, Rule
from tidemill.spec.expression import Type
from tidemill.spec.source import Source

EXAMPLES = 3


def measurable(rule: Rule, columns: Mapping[str, Type]) -> bool:
    """Whether its columns are there and of a type that it can be about."""
    needed = rule.holds.names if rule.holds is not None else (rule.column,) if rule.column else rule.of
    if any(name not in columns for name in needed):
        return False
    return not rule.column or columns[rule.column] in FITS.get(rule.kind, (columns[rule.column],))


def contract_sql(contract: Contract, source: Source, dialect: Dialect, *, first_row: int, several: bool) -> str:
    """One row: `rows`, `landed` (deleted and corrected ones too), `since_us`, `until_us`, and a list `broken`.

    `broken` has a number for each rule of the contract that is measurable: rows that break it, for `type` rows that
    are null, for `unique` rows that may repeat another of their pass, for the rest 0. `several`: more than one pass
    landed.
    """
    time = quoted(source.time)
    types = dialect.columns[source.dataset]
    counts = [count_sql(rule, source, dialect) for rule in contract.rules if measurable(rule, types)]
    return (
        f"select count(*) filter (where _last) as rows, count(*) as landed, "
        f"epoch_us(min({time}) filter (where _last)) as since_us, "
        f"epoch_us(max({time}) filter (where _last)) as until_us, "
        f"[{', '.join(counts)}]::bigint[] as broken from ({fresh(source, first_row, several=several)})"
    )


def examples_sql(rules: Sequence[Rule], source: Source, dialect: Dialect, *, first_row: int, several: bool) -> str:
    """One row with a list `examples`: for each of these rules how the first three rows that break it are called.

    Times are those of the system's zone. What names a row is put into words for those alone: for each row that is
    looked at it would be most of the work.
    """
    called = tuple(enumerate(dict.fromkeys((*source.key, source.time))))
    types = dialect.columns[source.dataset]
    kept = ", ".join(
        f"c{place} := {local(quoted(name), dialect.zone) if types[name] == 'timestamp' else quoted(name)}"
        for place, name in called
    )
    parts = ", ".join(
        f"{literal(name + ' ')} || coalesce(cast(found.c{place} as varchar), 'null')" for place, name in called
    )
    lists = [
        f"[concat_ws(', ', {parts}) for found in arg_min(struct_pack({kept}), _row, {EXAMPLES}) "
        f"filter (where _last and {broken_sql(rule, source, dialect)})]"
        for rule in rules
    ]
    return f"select [{', '.join(lists)}] as examples from ({fresh(source, first_row, several=several)})"


def repeats_sql(rule: Rule, source: Source, columns: Sequence[str], *, first_row: int) -> str:
    """One row: `rows` that repeat another of the last pass that brought these columns' values.

    Of a source with a key, rows of one pass that are equal in every column are one, as readers see them. This costs
    more than `contract_sql` does: it is for a rule that rows seem to break.
    """
    of = names(rule.of)
    each = f"count(distinct row({names(columns)}))" if source.key else "count(*)"
    newest = f"qualify _batch = max(_batch) over (partition by {of})"
    came = f"select * from {quoted(source.dataset)} where _row >= {first_row} and _op <> 'D' {newest}"
    return f"select coalesce(sum(n - 1), 0)::bigint as rows from (select {each} as n from ({came}) group by {of})"


def fresh(source: Source, first_row: int, *, several: bool) -> str:
    """The rows landed from a number on, each with `_last`: whether it is what readers see."""
    newest = f"row_number() over (partition by {names(identity(source))} order by _row desc) = 1"
    last = f"_op <> 'D' and {newest}" if several else "_op <> 'D'"
    return f"select *, {last} as _last from {quoted(source.dataset)} where _row >= {first_row}"


def count_sql(rule: Rule, source: Source, dialect: Dialect) -> str:
    """The number of a rule."""
    if rule.kind == "unique":
        return f"count(*) - count(distinct ({names(('_batch', *rule.of))}))"
    if rule.column or rule.holds is not None:
        return f"count(*) filter (where _last and {broken_sql(rule, source, dialect)})"
    return "0"


def broken_sql(rule: Rule, source: Source, dialect: Dialect) -> str:
    """The condition of a row that breaks the rule; a null breaks none but `nulls`."""
    if rule.holds is not None:
        return f"not coalesce({dialect.sql(rule.holds, source.dataset)}, true)"
    name = quoted(rule.column)
    is_float = dialect.columns[source.dataset][rule.column] == "float"
    if rule.kind in {"nulls", "type"}:
        return f"({name} is null or not isfinite({name}::double))" if is_float else f"{name} is null"
    if rule.kind == "values":
        return f"{name} not in ({', '.join(literal(value) for value in rule.among)})"
    if rule.kind == "matches":
        return f"not regexp_full_match({name}, {literal(rule.text)})"
    value = f"length({name})" if rule.kind == "length" else name
    outside = [
        f"{value} {sign} {end!r}::double" for sign, end in (("<", rule.least), (">", rule.most)) if end is not None
    ]
    finite = f"isfinite({name}::double) and " if is_float else ""
    return f"{finite}({' or '.join(outside)})"
