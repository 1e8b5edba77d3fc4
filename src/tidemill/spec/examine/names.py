"""Names: well formed, and one for one thing."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable

from tidemill.spec.declaration import Declaration
from tidemill.spec.examine.finding import Findings
from tidemill.spec.examine.flaws import view_word
from tidemill.spec.view import OnRequest

WORD = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
SYSTEM = re.compile(r"[A-Za-z][A-Za-z0-9_-]*")
LONGEST = 64
RESERVED = frozenset({"predict", "outcomes", "events", "v2", "health", "ready", "live", "metrics", "ui", "docs"})
"""First parts of addresses that the server keeps for itself."""


def check_names(findings: Findings, declaration: Declaration) -> None:
    """Says which names cannot be used in addresses, files and SQL, and which stand for two things."""
    if not SYSTEM.fullmatch(declaration.name) or len(declaration.name) > LONGEST:
        findings.mistake(f"system {declaration.name}", "name-bad", name=declaration.name)
    if not declaration.owner.strip():
        findings.mistake(f"system {declaration.name}", "owner-missing")
    check_kind(findings, "source", (source.name for source in declaration.sources))
    check_views(findings, declaration)
    check_kind(findings, "candidates", (candidates.name for candidates in declaration.candidates))
    check_kind(findings, "label", (label.name for label in declaration.labels))
    check_kind(findings, "model", (model.name for model in declaration.models))
    check_kind(findings, "rank", (endpoint.name for endpoint in declaration.endpoints))
    for endpoint in declaration.endpoints:
        if endpoint.name in RESERVED:
            findings.mistake(f"rank {endpoint.name}", "name-reserved", name=endpoint.name)


def check_views(findings: Findings, declaration: Declaration) -> None:
    """Views of all three kinds share one set of names; so do the features of each."""
    heads = {view.name: f"{view_word(view)} {view.name}" for view in declaration.views}
    named = (view.name for view in declaration.views if not isinstance(view, OnRequest) or view.code)
    check_kind(findings, "view", named, heads)
    for view in declaration.views:
        if not isinstance(view, OnRequest):
            for name, times in Counter(view.chosen).items():
                if times > 1:
                    findings.mistake(heads[view.name], "name-twice", name=name, kind="feature")
                elif "." in name:
                    findings.mistake(heads[view.name], "name-bad", name=name)


def check_kind(findings: Findings, kind: str, names: Iterable[str], heads: dict[str, str] | None = None) -> None:
    """Names of one kind of thing."""
    for name, times in Counter(names).items():
        path = heads[name] if heads else f"{kind} {name}"
        if not WORD.fullmatch(name) or len(name) > LONGEST:
            findings.mistake(path, "name-bad", name=name)
        if times > 1:
            findings.mistake(path, "name-twice", name=name, kind=kind)
