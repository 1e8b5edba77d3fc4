"""A gate's verdicts become a release, a refusal with its numbers, or a wait in shadow."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.unit.loop.kit import NOON, validation, version
from tidemill.facts.model import Evaluation, Outcome, Score
from tidemill.loop.gate import decide, refit_verdict
from tidemill.tell.words import sentence


@pytest.mark.parametrize(
    ("outcomes", "state", "code", "left"),
    [
        (("passed", "passed"), "validated", "verdict.passed", ()),
        (("passed", "undecided"), "validated", "verdict.undecided", ("not_worse roc_auc margin 0.01",)),
        (("undecided", "failed"), "refused", "verdict.refused", ("roc_auc >= 0.7",)),
    ],
)
def test_the_worst_verdict_decides(outcomes: tuple[Outcome, ...], state: str, code: str, left: tuple[str, ...]) -> None:
    decision = decide(validation(*outcomes), version(1), NOON)
    (release,) = decision.releases
    assert (release.state, decision.code, release.ordinal) == (state, code, 1)
    assert release.fields["open"] == left


@pytest.mark.parametrize(
    ("outcomes", "said"),
    [
        (("passed", "passed"), "risk@7 passed its gate: all 2 checks hold."),
        (("passed",), "risk@7 passed its gate: roc_auc >= 0.7 holds."),
        ((), "risk@7 passed: its model declares no gates."),
    ],
)
def test_a_pass_says_what_held(outcomes: tuple[Outcome, ...], said: str) -> None:
    decision = decide(validation(*outcomes), version(7), NOON)
    assert sentence(decision.code, decision.fields) == said


def test_a_refusal_says_its_numbers() -> None:
    decision = decide(validation("passed", "failed", "failed"), version(7), NOON)
    said = sentence(decision.code, decision.fields)
    assert said.startswith("risk@7 refused: not_worse roc_auc margin 0.01 does not hold, 0.65 (0.6 to 0.68) on 400 ")
    assert said.endswith("outcomes; 1 more failed.")


def test_a_wait_says_what_is_missing() -> None:
    decision = decide(validation("undecided"), version(7), NOON)
    said = sentence(decision.code, decision.fields)
    assert (
        said
        == "risk@7 is not decided: roc_auc >= 0.7 stands at 0.65 (0.6 to 0.68) on 400 outcomes; about 3,000 are needed."
    )


def evaluation(*scores: tuple[str, float | None, float | None, float | None]) -> Evaluation:
    made = tuple(
        Score(metric=name, part="test", value=value, low=low, high=high, n=50) for name, value, low, high in scores
    )
    return Evaluation(system="bank", model="risk", bundle="b", training_set="t", champion="", scores=made, at_us=NOON)


@pytest.mark.parametrize(
    ("metric", "tested", "refit", "outcome"),
    [
        ("roc_auc", (0.80, 0.78, 0.82), 0.95, "passed"),
        ("roc_auc", (0.80, 0.78, 0.82), 0.75, "passed"),  # within a width below the interval
        ("roc_auc", (0.80, 0.78, 0.82), 0.50, "failed"),  # a constant answers
        ("log_loss", (0.40, 0.38, 0.42), 0.30, "passed"),
        ("log_loss", (0.40, 0.38, 0.42), 0.69, "failed"),
        ("ndcg@10 per customer_id", (0.40, 0.38, 0.42), 0.1, "failed"),
        ("bias", (0.0, -0.1, 0.1), 9.0, "undecided"),  # neither high nor low is good
        ("roc_auc", (0.80, None, None), 0.1, "undecided"),
    ],
)
def test_a_refit_that_broke_on_the_way_is_noticed(
    metric: str, tested: tuple[float, float | None, float | None], refit: float, outcome: Outcome
) -> None:
    verdict = refit_verdict(evaluation((metric, *tested)), evaluation((metric, refit, None, None)))
    assert verdict.outcome == outcome


def test_the_figure_that_fell_farthest_is_named() -> None:
    before = evaluation(("roc_auc", 0.8, 0.78, 0.82), ("brier", 0.1, 0.09, 0.11))
    after = evaluation(("roc_auc", 0.7, None, None), ("brier", 0.9, None, None))
    found = refit_verdict(before, after)
    assert found.check == "refit brier <= 0.13"
    assert found.value == 0.9
    other = replace(after, scores=(replace(after.scores[0], against="champion"), after.scores[1]))
    assert refit_verdict(before, other).check == found.check
