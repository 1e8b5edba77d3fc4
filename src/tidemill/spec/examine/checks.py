"""Checks, wherever they stand: the metric fits the label, the bound the metric, and slices name what exists."""

from __future__ import annotations

from collections.abc import Iterator

from tidemill.spec.check import HIGHER_IS_BETTER, SERVING, AtLeast, AtMost, Check, Fair, Metric, NotWorse, Per
from tidemill.spec.declaration import Declaration
from tidemill.spec.examine.finding import Findings
from tidemill.spec.examine.flaws import placed
from tidemill.spec.examine.scope import CONDITION, Scope, check_expression, check_name, model_scope
from tidemill.spec.expression import Call, Constant, Expression, Node
from tidemill.spec.expression import Column as Leaf
from tidemill.spec.flaw import flaw_of
from tidemill.spec.label import Candidates
from tidemill.spec.model import Model
from tidemill.spec.nearest import nearest
from tidemill.spec.schema import Schemas, outcome_type

EVENT = frozenset(
    {"roc_auc", "average_precision", "log_loss", "brier", "ece", "accuracy", "precision", "recall", "f1"}
)  # fmt: skip
RANKING = frozenset({"ndcg@5", "ndcg@10", "ndcg@20", "map@10", "recall@10"})
NUMBER = frozenset({"mae", "rmse", "mape", "bias", "r2"})
SHARES = (EVENT | RANKING | {"conversion", "error_rate"}) - {"log_loss"}
"""Metrics between 0 and 1."""
ANY_SIGN = frozenset({"bias", "r2"})


def check_checks(findings: Findings, declaration: Declaration, schemas: Schemas) -> None:
    """Every check and metric of every model, each record once however often it is used."""
    for model in declaration.models:
        scope = model_scope(model, declaration, schemas)
        kind = label_kind(model, schemas)
        for position, metric in enumerate(model.metrics):
            check_metric(findings, f"model {model.name} > metrics[{position}]", metric, model, kind, scope)
        seen: set[int] = set()
        for path, check in checks_of(declaration, model):
            if id(check) not in seen:
                seen.add(id(check))
                check_one(findings, path, check, model, kind, scope)


def checks_of(declaration: Declaration, model: Model) -> Iterator[tuple[str, Check]]:
    """Gates, requirements, monitors and failed-check triggers of one model, with their paths."""
    path = f"model {model.name}"
    yield from ((f"{path} > gates[{position}]", check) for position, check in enumerate(model.gates))
    if model.release is not None:
        require = model.release.require
        yield from ((f"{path} > release > require[{position}]", check) for position, check in enumerate(require))
    for pairs, word in ((declaration.monitors, "monitor"), (declaration.triggers, "retrain")):
        mine = tuple(pair for pair in pairs if pair[0] == model.name)
        yield from ((where, check) for where, check in placed(mine, word) if isinstance(check, Check))


def label_kind(model: Model, schemas: Schemas) -> str:
    """`event`, `number`, or `unknown` where the schema does not decide it."""
    return {"boolean": "event", "int": "number", "float": "number"}.get(outcome_type(model.label, schemas), "unknown")


def check_one(findings: Findings, path: str, check: Check, model: Model, kind: str, scope: Scope) -> None:
    """One check of one model."""
    if isinstance(check, AtLeast | AtMost):
        check_metric(findings, path, check.metric, model, kind, scope)
        check_bound(findings, path, check)
        check_slices(findings, path, check, model, scope)
    elif isinstance(check, NotWorse):
        check_metric(findings, path, check.metric, model, kind, scope)
    elif isinstance(check, Fair):
        check_expression(findings, f"{path} > group", check.group, scope)
        check_decision(findings, path, check.decision, model)


def check_metric(findings: Findings, path: str, metric: Metric, model: Model, kind: str, scope: Scope) -> None:
    """The metric can be measured on this label and these asks."""
    name = metric.metric if isinstance(metric, Per) else metric
    if flaw_of(name):
        return
    ranks = isinstance(model.label.asked, Candidates)
    if kind == "number" and name in EVENT:
        findings.mistake(path, "metric-of-event", metric=name, label=model.label.name)
    elif kind == "event" and name in NUMBER:
        findings.mistake(path, "metric-of-number", metric=name, label=model.label.name)
    elif name in RANKING and not ranks and not isinstance(metric, Per):
        findings.mistake(path, "metric-without-groups", metric=name)
    elif name == "conversion" and not ranks:
        findings.mistake(path, "metric-without-lists", metric=name)
    if name == "gpu_memory_mib":
        findings.note(path, "gpu-not-active")
    if isinstance(metric, Per):
        check_name(findings, path, metric.column, scope)
        if name in SERVING or name == "conversion":
            findings.mistake(path, "metric-of-whole", metric=name)


def check_bound(findings: Findings, path: str, check: AtLeast | AtMost) -> None:
    """The bound can be met and can be missed; a bound on the good side is worth a note."""
    name = check.metric.metric if isinstance(check.metric, Per) else check.metric
    if flaw_of(name) or flaw_of(check.bound):
        return
    low = None if name in ANY_SIGN else 0.0
    high = 1.0 if name in SHARES or name == "r2" else None
    if (low is not None and check.bound < low) or (high is not None and check.bound > high):
        findings.mistake(path, "bound-outside", metric=name, bound=check.bound, low=low, high=high)
    elif name != "bias" and (name in HIGHER_IS_BETTER) != isinstance(check, AtLeast):
        findings.note(path, "bound-direction", metric=name)


def check_slices(findings: Findings, path: str, check: AtLeast | AtMost, model: Model, scope: Scope) -> None:
    """`by` and `where` are about asks; figures of the server as a whole have none."""
    name = check.metric.metric if isinstance(check.metric, Per) else check.metric
    if name in SERVING and (check.by or check.where):
        findings.mistake(path, "metric-of-whole", metric=name)
        return
    if check.by is not None:
        check_name(findings, f"{path} > by", check.by, scope)
    check_expression(findings, f"{path} > where", check.where, scope, expected=CONDITION)
    if check.where is not None:
        for decision in decisions_in(check.where):
            check_decision(findings, f"{path} > where", decision, model)


def check_decision(findings: Findings, path: str, decision: str, model: Model) -> None:
    """A decision that is spoken of is one that the model makes."""
    made = [name for name, _ in model.decide]
    if not made:
        findings.mistake(path, "decide-missing", decision=decision)
    elif decision not in made:
        findings.mistake(path, "decision-unknown", decision=decision, nearest=nearest(decision, made))


def decisions_in(where: Expression) -> Iterator[str]:
    """Texts that `decision` is compared with."""
    yield from compared(where.tree)


def compared(node: Node) -> Iterator[str]:
    """Texts beside a `decision` column in one comparison or `in`, anywhere in the tree."""
    if not isinstance(node, Call):
        return
    if any(isinstance(argument, Leaf) and argument.name == "decision" for argument in node.args):
        constants = (argument.value for argument in node.args if isinstance(argument, Constant))
        yield from (value for value in constants if isinstance(value, str))
    for argument in node.args:
        yield from compared(argument)
