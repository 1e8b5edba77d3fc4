"""Gates as a table: each check with its figure, interval, bound, verdict and reason."""

from __future__ import annotations

from collections.abc import Iterable

from rich.console import RenderableType
from rich.text import Text

from tidemill.facts.data import Finding
from tidemill.facts.model import Verdict
from tidemill.interfaces.cli import screen
from tidemill.interfaces.cli.figure import figure, number
from tidemill.interfaces.cli.grid import Grid
from tidemill.interfaces.report.reason import because
from tidemill.tell.words import sentence, way_out


def table(verdicts: Iterable[Verdict]) -> RenderableType:
    """One line a check."""
    rows = Grid(".check", "value (interval)", ">bound", "verdict", ".why", ">?rows")
    for one in verdicts:
        rows.add(
            one.check,
            figure(one.value, one.low, one.high),
            number(one.bound),
            screen.mark(one.outcome),
            because(one.reason, one.fields),
            number(one.n) if one.n else "",
        )
    return rows


def findings(found: Iterable[Finding]) -> RenderableType:
    """Findings by importance, each with what to do about it."""
    rows = Grid("", ".", ".", headless=True)
    for one in sorted(found, key=lambda finding: -finding.importance):
        words = {"column": one.subject.partition(".")[2] or one.subject, **one.fields}
        said = Text.assemble(sentence(one.code, words), (f" {way_out(one.code, words)}", "quiet"))
        rows.add(weight(one.importance), Text(one.subject, style="name"), said)
    return rows


def weight(importance: float) -> Text:
    """How much a finding weighs, as a sign."""
    if importance >= STOP:
        return Text("✗", style="bad")
    return Text("▲", style="unsure") if importance >= LOOK else Text("·", style="quiet")


STOP, LOOK = 0.8, 0.4
"""Importances from which a finding should stop a person, and from which it is worth a look."""
