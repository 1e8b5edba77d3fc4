"""Leak suspects as findings: who reads them, what the outcome is made of."""

from __future__ import annotations

import numpy as np
import pytest

from tidemill.facts.data import Finding
from tidemill.measure.column import read
from tidemill.measure.survey.leaks import Outcomes, judged, leak_findings
from tidemill.tell.words import sentence

N = 4_000


def asked(**more: object) -> Outcomes:
    random = np.random.default_rng(4)
    y = (random.random(N) < 0.2).astype(float)
    columns = {
        "honest": y + random.normal(0, 2, N),
        "late": y + random.normal(0, 0.35, N),
        "renamed": np.where(y == 1.0, "CHGOFF", "PIF").astype(object),
        "truth": y,
    }
    return Outcomes(
        dataset="loans", label="lost", columns={name: read(values) for name, values in columns.items()},
        y=np.where(np.arange(N) < 50, np.nan, y), asked_us=np.arange(N), made_of=("truth", "elsewhere"), **more,  # type: ignore[arg-type] # whatever the test changes
    )  # fmt: skip


def found(outcomes: Outcomes) -> list[Finding]:
    return list(leak_findings(outcomes, judged(outcomes)))


def test_a_leak_is_told_from_the_outcome_and_from_the_honest() -> None:
    findings = {one.subject: one for one in found(asked())}
    assert {subject: one.code for subject, one in findings.items()} == {
        "loans.late": "finding.leak-suspect",
        "loans.renamed": "finding.leak-is-outcome",
        "loans.truth": "finding.outcome-column",
    }
    late = findings["loans.late"]
    assert late.fields["rows"] == N - 50
    assert late.fields["strength"] == pytest.approx(0.98, abs=0.02)
    assert "reads it" not in sentence(late.code, late.fields)


def test_a_leak_that_a_model_reads_is_the_most_important_finding() -> None:
    late = next(one for one in found(asked(read_by={"late": ("risk",)})) if one.subject == "loans.late")
    assert late.importance == 1.0
    assert "risk reads it." in sentence(late.code, late.fields)
