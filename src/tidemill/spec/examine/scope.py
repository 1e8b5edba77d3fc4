"""Which names an expression may use where it stands, and what is said of the others."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field

from tidemill.errors import ExpressionError
from tidemill.spec.declaration import Declaration
from tidemill.spec.examine.finding import Findings
from tidemill.spec.expression import Column, Expression, Type
from tidemill.spec.expression import columns_of as leaves
from tidemill.spec.flaw import flaw_of
from tidemill.spec.label import Label
from tidemill.spec.model import Model
from tidemill.spec.nearest import nearest
from tidemill.spec.needs import features_of, full_name, lookups
from tidemill.spec.schema import Schemas, ahead_types, ask_types, columns_of, feature_types, qualified
from tidemill.spec.source import Source
from tidemill.spec.view import Lookup, Request

CONDITION: tuple[Type, ...] = ("boolean",)
MOMENT: tuple[Type, ...] = ("timestamp", "date")


@dataclass(frozen=True, slots=True, kw_only=True)
class Scope:
    """Names with their types. `features`: by `view.feature`. `ambiguous`: short names that two views have.

    `open`: the schema could not be read, so a name that is not here may still be a column.
    """

    where: str
    names: Mapping[str, Type]
    features: Mapping[str, Type] = field(default_factory=dict)
    ambiguous: frozenset[str] = frozenset()
    open: bool = False

    def knows(self, name: str) -> bool:
        """Whether the name, as written, may be used here."""
        return name in self.names or name in self.features or (self.open and "." not in name)


def source_scope(source: Source, schemas: Schemas) -> Scope:
    """The columns of one source."""
    columns = columns_of(source, schemas)
    return Scope(where=f"source {source.dataset}", names=columns, open=not columns)


def ask_scope(label: Label, schemas: Schemas) -> Scope:
    """The columns of one ask, with `asked_at` and the values looked ahead to."""
    names = ask_types(label.asked, schemas)
    unread = isinstance(label.asked, Source) and not columns_of(label.asked, schemas)
    where = f"source {label.asked.dataset}" if isinstance(label.asked, Source) else f"candidates {label.asked.name}"
    return Scope(where=where, names=names | ahead_types(label, schemas), open=unread)


def request_scope(view: Request, declaration: Declaration, schemas: Schemas) -> Scope:
    """The columns of the asked row, `asked_at`, and the features of every looked-up view by their full names."""
    columns = columns_of(view.source, schemas)
    looked_up = [other for other in declaration.views if isinstance(other, Lookup)]
    renamed = [other for model in declaration.models for other in model.features if isinstance(other, Lookup)]
    return Scope(
        where=f"source {view.source.dataset}",
        names={**columns, "asked_at": "timestamp"},
        features=qualified([*renamed, *looked_up], schemas),
        open=not columns,
    )


def model_scope(model: Model, declaration: Declaration, schemas: Schemas) -> Scope:
    """What a check may slice by: columns of the ask, the model's features by full or unique short name, its answer."""
    ask = ask_scope(model.label, schemas)
    read = lookups(model, declaration)
    full: dict[str, Type] = {}
    short: list[tuple[str, Type]] = []
    for view in model.features:
        types = feature_types(view, schemas, read)
        for name in features_of(view):
            full[full_name(view, name)] = types.get(name, "unknown")
            short.append((name, types.get(name, "unknown")))
    times = Counter(name for name, _ in short)
    ahead = {name for name, _ in model.label.ahead}
    columns = {name: kind for name, kind in ask.names.items() if name not in ahead}
    names = {**{name: kind for name, kind in short if times[name] == 1}, **columns}
    return Scope(
        where=f"model {model.name}",
        names={**names, "score": "float", "decision": "text"},
        features=full,
        ambiguous=frozenset(name for name in times if times[name] > 1) - columns.keys(),
        open=ask.open,
    )


def check_name(findings: Findings, path: str, name: str, scope: Scope) -> bool:
    """Says of a name that may not be used why, with the nearest that may; whether it may."""
    if name in scope.ambiguous:
        full = sorted(known for known in scope.features if known.endswith(f".{name}"))
        findings.mistake(path, "name-ambiguous", column=name, meant=tuple(full))
        return False
    if scope.knows(name):
        return True
    view, _, feature = name.partition(".")
    views = {known.partition(".")[0] for known in scope.features}
    if not feature:
        known = (*scope.names, *(full.rpartition(".")[2] for full in scope.features))
        findings.mistake(path, "column-unknown", column=name, where=scope.where, nearest=nearest(name, known))
    elif view not in views:
        findings.mistake(path, "view-unknown", view=view, nearest=nearest(view, views))
    else:
        own = [full.partition(".")[2] for full in scope.features if full.startswith(f"{view}.")]
        findings.mistake(path, "feature-unknown", feature=feature, view=view, nearest=nearest(feature, own))
    return False


def check_expression(
    findings: Findings, path: str, expression: Expression | None, scope: Scope, *, expected: tuple[Type, ...] = ()
) -> None:
    """Says of an expression which names it may not use, where its types do not fit, and whether its own is expected."""
    from tidemill.spec.types import type_of

    if expression is None or flaw_of(expression):
        return
    written = dict.fromkeys(written_name(leaf) for leaf in leaves(expression.tree))
    unknown = [name for name in written if not check_name(findings, path, name, scope)]
    if unknown:
        return
    known = {**scope.features, **scope.names}
    try:
        found = type_of(expression.tree, {name: known.get(name, "unknown") for name in written})
    except ExpressionError as error:
        findings.found(path, error.code, error.fields)
        return
    if expected and found not in (*expected, "unknown"):
        findings.mistake(path, "type-unfit", text=expression.text, given=found, expected=expected)


def written_name(leaf: Column) -> str:
    """`past.rpm_1` or `rpm`."""
    return f"{leaf.view}.{leaf.name}" if leaf.view else leaf.name
