"""Labels and candidates: what is asked, what comes true, and that no ask knows its own outcome."""

from __future__ import annotations

from dataclasses import replace

from tidemill.spec.declaration import Declaration
from tidemill.spec.examine.finding import Findings
from tidemill.spec.examine.scope import MOMENT, ask_scope, check_expression, check_name, source_scope
from tidemill.spec.examine.sql import check_select
from tidemill.spec.examine.views import check_used_source, check_window
from tidemill.spec.expression import Type
from tidemill.spec.flaw import flaw_of
from tidemill.spec.label import Candidates, Label
from tidemill.spec.schema import Schemas, ask_types
from tidemill.spec.source import Source
from tidemill.spec.view import Window

OUTCOME: tuple[Type, ...] = ("boolean", "int", "float")
LOOKS_BACK = frozenset({"last", "lag", "days_since_last"})


def check_candidates(findings: Findings, declaration: Declaration) -> None:
    """The SQL of every candidates: it reads declared sources and gives the entity and the item."""
    sources = tuple(source.name for source in declaration.sources)
    for candidates in declaration.candidates:
        path = f"candidates {candidates.name}"
        entity, item = candidates.entity, candidates.item
        check_select(findings, f"{path} > who", candidates.who, sources, gives=entity)
        if not candidates.what:
            findings.mistake(f"{path} > what", "nothing-given", word="what")
        for position, what in enumerate(candidates.what):
            check_select(findings, f"{path} > what[{position}]", what, sources, gives=(item,))
        if item in entity:
            findings.mistake(f"{path} > item", "name-twice", name=item, kind="key")


def check_labels(findings: Findings, declaration: Declaration, schemas: Schemas) -> None:
    """Every label of the system."""
    for label in declaration.labels:
        path = f"label {label.name}"
        check_asked(findings, f"{path} > asked", label.asked, declaration, schemas)
        scope = ask_scope(label, schemas)
        check_expression(findings, f"{path} > outcome", label.outcome, scope, expected=OUTCOME)
        check_expression(findings, f"{path} > known", label.known, scope, expected=MOMENT)
        check_expression(findings, f"{path} > matures", label.matures, scope, expected=MOMENT)
        check_ahead(findings, path, label, declaration, schemas)
        check_keys(findings, f"{path} > by", label, schemas)
        check_maturity(findings, path, label)


def check_asked(
    findings: Findings, path: str, asked: Source | Candidates, declaration: Declaration, schemas: Schemas
) -> None:
    """Who is asked is declared, and a sample is one."""
    if isinstance(asked, Source):
        check_used_source(findings, path, asked, declaration, schemas)
        return
    if asked.name not in {candidates.name for candidates in declaration.candidates}:
        findings.mistake(path, "foreign", kind="candidates", name=asked.name)
    if not 0 < asked.share <= 1:
        findings.mistake(path, "share-outside", share=asked.share)


def check_ahead(findings: Findings, path: str, label: Label, declaration: Declaration, schemas: Schemas) -> None:
    """The windows that a label looks ahead with."""
    for name, window in label.ahead:
        within = f"{path} > ahead.{name}"
        check_looks_ahead(findings, within, window)
        if window.of is None:
            findings.mistake(within, "of-missing", name=name)
            continue
        check_used_source(findings, f"{within} > of", window.of, declaration, schemas)
        check_window(findings, within, window, source_scope(window.of, schemas))
        if own_row_only(label, window):
            findings.mistake(f"{path} > by", "by-own-key", by=label.by)


def check_keys(findings: Findings, path: str, label: Label, schemas: Schemas) -> None:
    """The keys that join windows ahead to the ask: columns of both."""
    ask = replace(ask_scope(label, schemas), names=ask_types(label.asked, schemas))
    scopes = [ask, *(source_scope(window.of, schemas) for _, window in label.ahead if window.of)]
    for column in label.by:
        for scope in scopes:
            if not check_name(findings, path, column, scope):
                break
    if label.ahead and not label.by:
        findings.mistake(path, "by-missing")
    if label.by and not label.ahead:
        findings.mistake(path, "by-without-ahead")


def check_looks_ahead(findings: Findings, path: str, window: Window) -> None:
    """A window ahead has a length and no step, and counts rows rather than looking back at one."""
    if window.kind in LOOKS_BACK:
        findings.mistake(path, "ahead-looks-back", kind=window.kind)
    elif window.step_us and not flaw_of(window.step_us):
        findings.mistake(f"{path} > step", "ahead-step")


def own_row_only(label: Label, window: Window) -> bool:
    """Whether the keys pick the asked row alone, which a window ahead leaves out."""
    asked, of = label.asked, window.of
    return (
        isinstance(asked, Source)
        and of is not None
        and asked.dataset == of.dataset
        and set(label.by) >= set(of.key) > set()
    )


def check_maturity(findings: Findings, path: str, label: Label) -> None:
    """A `known` that hangs on the outcome would let early outcomes in first; whole cohorts must mature together."""
    if label.known is None:
        if label.matures is not None:
            findings.mistake(f"{path} > matures", "matures-without-known")
        return
    own = label.asked.time if isinstance(label.asked, Source) else ""
    hangs_on = set(label.known.names) - {"asked_at", own}
    shared = hangs_on & (set(label.outcome.names) | {name for name, _ in label.ahead})
    if shared and label.matures is None:
        findings.mistake(f"{path} > matures", "matures-missing", columns=tuple(sorted(shared)))
    elif hangs_on and label.matures is None:
        findings.note(f"{path} > known", "known-by-column", columns=tuple(sorted(hangs_on)))
