"""Models: their features fit their asks, and no request tells its own outcome."""

from __future__ import annotations

from inspect import Parameter as Argument
from inspect import signature

from tidemill.spec.declaration import Declaration
from tidemill.spec.examine.finding import Findings
from tidemill.spec.examine.scope import CONDITION, Scope, ask_scope, check_expression
from tidemill.spec.function import GIVEN, TYPES, hyperparameters
from tidemill.spec.label import Candidates
from tidemill.spec.model import Model, Tunable
from tidemill.spec.nearest import nearest
from tidemill.spec.needs import asked_keys, lookups, raw_columns, request_columns
from tidemill.spec.schema import Schemas
from tidemill.spec.source import Source
from tidemill.spec.view import Lookup, OnRequest, Request, View


def check_models(findings: Findings, declaration: Declaration, schemas: Schemas) -> None:
    """Every model: label, features, decisions, and the training function itself."""
    labels = {label.name for label in declaration.labels}
    for model in declaration.models:
        path = f"model {model.name}"
        if model.label.name not in labels:
            findings.mistake(f"{path} > label", "foreign", kind="label", name=model.label.name)
        check_features(findings, path, model, declaration, schemas)
        check_decisions(findings, path, model)
        check_training(findings, path, model)


def check_features(findings: Findings, path: str, model: Model, declaration: Declaration, schemas: Schemas) -> None:
    """Each view of the model against its asks."""
    if not model.features:
        findings.mistake(f"{path} > features", "nothing-given", word="features")
    originals = {view.name: view for view in declaration.views}
    seen: set[str] = set()
    for position, view in enumerate(model.features):
        within = f"{path} > features[{position}]"
        if view.name in seen:
            findings.mistake(within, "name-twice", name=view.name, kind="view")
        seen.add(view.name)
        check_chosen(findings, within, view, originals.get(view.name))
        if isinstance(view, Request):
            check_request_of(findings, within, view, model)
        elif isinstance(view, OnRequest):
            check_arguments(findings, within, view, model)
    ask = ask_scope(model.label, schemas)
    for view in lookups(model, declaration):
        check_looked_up(findings, path, view, ask, model)


def check_chosen(findings: Findings, path: str, view: View, original: View | None) -> None:
    """Names given to `only` and `drop` are features of the view; something is left."""
    if isinstance(view, OnRequest):
        return
    for name in view.chosen:
        if name.startswith("?"):
            known = original.chosen if isinstance(original, Lookup | Request) else view.chosen
            findings.mistake(
                path, "feature-unknown", feature=name[1:], view=view.name, nearest=nearest(name[1:], known)
            )
    if not any(not name.startswith("?") for name in view.chosen):
        findings.mistake(path, "features-none")


def check_request_of(findings: Findings, path: str, view: Request, model: Model) -> None:
    """A request view reads the asked row, and no column of it that the outcome is made from."""
    label, asked = model.label, model.label.asked
    if isinstance(asked, Candidates):
        findings.mistake(path, "request-of-candidates", view=view.name, candidates=asked.name)
        return
    if view.source.dataset != asked.dataset:
        findings.mistake(path, "request-of-other", view=view.name, source=view.source.dataset, asked=asked.dataset)
        return
    ahead = {name for name, _ in label.ahead}
    for column in raw_columns(view):
        if column in ahead:
            findings.mistake(path, "ahead-as-feature", name=column)
        elif not label.ahead:
            check_leak(findings, path, column, model)


def check_leak(findings: Findings, path: str, column: str, model: Model) -> None:
    """A column sent with the request must not be one that tells the outcome or when it is known."""
    label = model.label
    own = label.asked.time if isinstance(label.asked, Source) else ""
    told = set(label.outcome.names)
    when = set(label.known.names) - {own} if label.known else set()
    if column in told | when:
        part = "outcome" if column in told else "known"
        findings.mistake(path, "request-tells-outcome", column=column, part=part, label=label.name)


def check_arguments(findings: Findings, path: str, view: OnRequest, model: Model) -> None:
    """A scalar function asks for what the caller sends: request columns, keys of candidates, or `asked_at`."""
    asked = model.label.asked
    keys = (*asked.entity, asked.item) if isinstance(asked, Candidates) else ()
    known = (*request_columns(model), *keys, "asked_at")
    for name in view.parameters:
        if name not in known:
            findings.mistake(path, "argument-unknown", argument=name, function=view.name, nearest=nearest(name, known))


def check_looked_up(findings: Findings, path: str, view: Lookup, ask: Scope, model: Model) -> None:
    """A view is looked up by columns that the ask has."""
    position = next((place for place, own in enumerate(model.features) if own.name == view.name), None)
    within = f"{path} > features" if position is None else f"{path} > features[{position}]"
    for column, _ in view.bound:
        if column not in view.entity:
            findings.mistake(
                within, "entity-unknown", column=column, view=view.name, nearest=nearest(column, view.entity)
            )
    for column in asked_keys(view):
        if not ask.knows(column):
            known = [name for name in ask.names if name != "asked_at"]
            findings.mistake(
                within, "key-not-asked", column=column, view=view.name, where=ask.where, nearest=nearest(column, known)
            )


def check_decisions(findings: Findings, path: str, model: Model) -> None:
    """Decisions are conditions on the score; the last one should catch what the others leave."""
    scope = Scope(where="decide", names={"score": "float"})
    for decision, when in model.decide:
        check_expression(findings, f"{path} > decide.{decision}", when, scope, expected=CONDITION)
    if model.decide and model.decide[-1][1].text.strip().casefold() != "true":
        findings.note(f"{path} > decide", "decide-open", last=model.decide[-1][0])


def check_training(findings: Findings, path: str, model: Model) -> None:
    """The training function takes `train` and `valid`, then hyperparameters with a type and a default."""
    arguments = tuple(signature(model.function).parameters.values())
    by_position = {Argument.POSITIONAL_ONLY, Argument.POSITIONAL_OR_KEYWORD}
    if len([argument for argument in arguments[:GIVEN] if argument.kind in by_position]) < GIVEN:
        findings.mistake(path, "function-arguments", given=tuple(argument.name for argument in arguments))
        return
    for argument in hyperparameters(model.function):
        if argument.default is Argument.empty:
            findings.mistake(path, "parameter-without-default", parameter=argument.name)
            continue
        if argument.annotation is not Argument.empty and argument.annotation not in TYPES:
            findings.mistake(path, "parameter-type", parameter=argument.name)
        if isinstance(argument.default, Tunable):
            check_range(findings, path, argument.name, argument.default)
    check_trials(findings, path, model)


def check_range(findings: Findings, path: str, name: str, tunable: Tunable) -> None:
    """A range rises, is above zero where it is logarithmic, and is not given beside choices."""
    bounds = (tunable.low, tunable.high)
    if tunable.choices:
        if bounds != (None, None):
            findings.mistake(path, "range-and-choices", parameter=name)
    elif tunable.low is None or tunable.high is None or not tunable.low < tunable.high:
        findings.mistake(path, "range-empty", parameter=name, low=tunable.low, high=tunable.high)
    elif tunable.log and tunable.low <= 0:
        findings.mistake(path, "range-log", parameter=name, low=tunable.low)


def check_trials(findings: Findings, path: str, model: Model) -> None:
    """A search has something to search."""
    if model.trials < 1:
        findings.mistake(f"{path} > trials", "rows-outside", rows=model.trials)
    elif model.trials > 1 and not any(parameter.tunable for parameter in model.parameters):
        findings.mistake(f"{path} > trials", "trials-without-tune", trials=model.trials)
