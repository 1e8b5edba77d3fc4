"""Splits, releases, endpoints, triggers and alerts: sizes that can be met, names that are declared."""

from __future__ import annotations

from itertools import pairwise

from tidemill.spec.check import NewRows
from tidemill.spec.declaration import Declaration
from tidemill.spec.examine.finding import Findings
from tidemill.spec.examine.flaws import placed
from tidemill.spec.examine.scope import check_name, model_scope
from tidemill.spec.flaw import flaw_of
from tidemill.spec.label import Candidates
from tidemill.spec.model import ByGroup, ByTime, Canary, Model, RankEndpoint, Split
from tidemill.spec.nearest import nearest
from tidemill.spec.needs import asked_keys, lookups
from tidemill.spec.schema import Schemas


def check_splits(findings: Findings, declaration: Declaration, schemas: Schemas) -> None:
    """Every model's split and release."""
    for model in declaration.models:
        path = f"model {model.name} > split"
        scope = model_scope(model, declaration, schemas)
        check_parts(findings, path, model.split)
        if isinstance(model.split, ByTime) and model.split.together is not None:
            check_name(findings, f"{path} > together", model.split.together, scope)
        if isinstance(model.split, ByGroup):
            check_name(findings, f"{path} > column", model.split.column, scope)
        if model.release is not None:
            check_canary(findings, f"model {model.name} > release", model.release)
        if not model.gates:
            findings.note(f"model {model.name} > gates", "gates-none")


def check_parts(findings: Findings, path: str, split: Split) -> None:
    """Shares of one whole leave something to train on."""
    parts = [part for part in (split.valid, split.test) if isinstance(part, float)]
    if sum(parts) >= 1:
        findings.mistake(path, "split-leaves-nothing", valid=split.valid, test=split.test)


def check_canary(findings: Findings, path: str, release: Canary) -> None:
    """Shares of traffic rise."""
    shares = [share for share in release.shares if not flaw_of(share)]
    if any(low >= high for low, high in pairwise(shares)):
        findings.mistake(path, "shares-not-rising", shares=tuple(shares))


def check_endpoints(findings: Findings, declaration: Declaration) -> None:
    """Every ranking endpoint and scheduled batch."""
    models = {model.name: model for model in declaration.models}
    for endpoint in declaration.endpoints:
        path = f"rank {endpoint.name}"
        model = models.get(endpoint.model)
        if model is None:
            findings.mistake(path, "foreign", kind="model", name=endpoint.model)
        else:
            check_ranked(findings, path, endpoint, model, declaration)
        if endpoint.top < 1:
            findings.mistake(f"{path} > top", "rows-outside", rows=endpoint.top)
        if not 0 <= endpoint.explore <= 1:
            findings.mistake(f"{path} > explore", "share-outside", share=endpoint.explore)
    for score in declaration.scores:
        if score.model not in models:
            findings.mistake(f"score {score.model}", "foreign", kind="model", name=score.model)


def check_ranked(findings: Findings, path: str, endpoint: RankEndpoint, model: Model, declaration: Declaration) -> None:
    """The model was asked about the same candidates, and can tell their items apart."""
    asked = model.label.asked
    if not isinstance(asked, Candidates) or asked.name != endpoint.candidates.name:
        findings.mistake(
            path, "rank-other-candidates", model=model.name, candidates=endpoint.candidates.name, asked=asked.name
        )
        return
    keys = {key for view in lookups(model, declaration) for key in asked_keys(view)}
    if asked.item not in keys:
        findings.mistake(path, "rank-items-alike", model=model.name, item=asked.item)


def check_triggers(findings: Findings, declaration: Declaration) -> None:
    """Monitors, triggers and addresses of alerts."""
    models = [model.name for model in declaration.models]
    known = {
        "source": [source.name for source in declaration.sources],
        "label": [label.name for label in declaration.labels],
    }
    for word, pairs in (("monitor", declaration.monitors), ("retrain", declaration.triggers)):
        for name in dict.fromkeys(name for name, _ in pairs):
            if name not in models:
                findings.mistake(f"{word} {name}", "foreign", kind="model", name=name)
    for path, trigger in placed(declaration.triggers, "retrain"):
        if isinstance(trigger, NewRows) and trigger.of not in known[trigger.kind]:
            findings.mistake(
                path, "foreign", kind=trigger.kind, name=trigger.of, nearest=nearest(trigger.of, known[trigger.kind])
            )
    for notify in declaration.notifies:
        if not notify.url.startswith(("http://", "https://", "mailto:", "${")):
            findings.mistake(f"notify {notify.url}", "notify-url", url=notify.url)


def check_not_yet(findings: Findings, declaration: Declaration) -> None:
    """Words that are recorded and that no run acts on yet."""
    for model in declaration.models:
        if model.trials > 1:
            findings.note(f"model {model.name} > trials", "trials-not-active", trials=model.trials)
    for score in declaration.scores:
        findings.note(f"score {score.model}", "score-not-active")
