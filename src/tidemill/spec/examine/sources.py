"""Sources: their key, times, promises and parts, against the columns that are really there."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from tidemill.spec.declaration import Declaration
from tidemill.spec.examine.finding import Findings
from tidemill.spec.examine.scope import CONDITION, MOMENT, check_expression, check_name, source_scope
from tidemill.spec.nearest import nearest
from tidemill.spec.schema import Schemas, columns_of
from tidemill.spec.source import Source, SqlTable
from tidemill.spec.zones import zone_names


def check_sources(findings: Findings, declaration: Declaration, schemas: Schemas) -> None:
    """Every source and named part; a note for each whose schema could not be read."""
    for source in declaration.sources:
        path = f"source {source.name}"
        if source.name == source.dataset:
            check_root(findings, path, source, schemas)
        check_expression(
            findings, f"{path} > where", source.condition, source_scope(source, schemas), expected=CONDITION
        )


def check_root(findings: Findings, path: str, source: Source, schemas: Schemas) -> None:
    """A source as landed."""
    scope = source_scope(source, schemas)
    columns = columns_of(source, schemas)
    if not columns:
        findings.note(path, "schema-unread", source=source.name)
    for position, column in enumerate(source.key):
        check_name(findings, f"{path} > key[{position}]", column, scope)
    times = {"time": source.time} if source.since is None else {"time": source.time, "since": source.since}
    for field, column in times.items():
        if check_name(findings, f"{path} > {field}", column, scope):
            given, said = columns.get(column, "unknown"), {"column": column, "where": source.dataset}
            if given not in (*MOMENT, "unknown"):
                findings.found(f"{path} > {field}", "data.time-type", {**said, "type": given})
    check_expression(findings, f"{path} > known", source.known, scope, expected=MOMENT)
    check_deletions(findings, path, source)
    check_expression(findings, f"{path} > deleted", source.deleted, scope, expected=CONDITION)
    for position, promise in enumerate(source.expect):
        check_expression(findings, f"{path} > expect[{position}]", promise, scope, expected=CONDITION)


def check_deletions(findings: Findings, path: str, source: Source) -> None:
    """Which row is deleted, or gone, is told by its key."""
    reconcile = source.table.reconcile_us if isinstance(source.table, SqlTable) else None
    for word, said in (("deleted", source.deleted), ("reconcile", reconcile)):
        if said is not None and not source.key:
            findings.mistake(f"{path} > {word}", "key-missing", word=word, source=source.name)


def check_zone(findings: Findings, declaration: Declaration, naive: Mapping[str, Collection[str]]) -> None:
    """The zone is a zone; where none was named, no time may be naive."""
    path = f"system {declaration.name} > zone"
    if declaration.zone not in zone_names():
        near = nearest(declaration.zone, sorted(zone_names()))
        findings.mistake(path, "zone-unknown", zone=declaration.zone, nearest=near)
    for source in declaration.roots:
        columns = sorted(naive.get(source.dataset, ()))
        if columns and not declaration.zone_said:
            findings.mistake(path, "zone-missing", source=source.name, columns=tuple(columns))
