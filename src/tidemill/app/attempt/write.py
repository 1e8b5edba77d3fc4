"""The system file of an attempt, in the words of the declaration, as a person would write it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from tidemill.app.attempt.plan import VALID, Plan
from tidemill.app.attempt.record import Chosen, Target, Timing, Wanted
from tidemill.app.attempt.table import slug
from tidemill.facts.data import Finding
from tidemill.features.plan import quoted
from tidemill.spec import written
from tidemill.tell.words import sentence

WIDTH = 118
ROUNDS = 100
LEAF = 40
"""Rows that a leaf of a tree needs, where there are thousands of rows."""
FEWEST_EVERY = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Names:
    """What things are called in the file."""

    system: str
    label: str
    model: str


def names_of(wanted: Wanted, target: Target) -> Names:
    """Names from the file and the label."""
    event = slug(f"{target.column}_{target.positive}", "outcome") if target.positive else slug(target.column, "outcome")
    label = slug(target.column, "outcome") if target.positive in {"true", "1", ""} else event
    system = slug(wanted.name or wanted.file.stem, "table")
    return Names(system=system, label=label, model="scorer" if target.kind == "event" else "estimator")


def system_text(
    wanted: Wanted, timing: Timing, target: Target, chosen: Chosen, *, rows: int, plan: Plan | None = None
) -> str:
    """The whole file; without a plan with numbers that hold for any table."""
    names = names_of(wanted, target)
    plan = plan or Plan()
    parts = [
        head(wanted, target, names),
        source(wanted, timing, chosen),
        request(chosen),
        label(target, names),
        model(target, names, plan, rows),
        watch(names, plan),
    ]
    return "\n".join(parts)


def head(wanted: Wanted, target: Target, names: Names) -> str:
    """Docstring, import, system."""
    asked = f"will {target.column} be {target.positive}?" if target.positive else f"how much is {target.column}?"
    said = asked.replace("\\", "").replace('"', "'")
    return (
        f'"""{names.system}: {said} Written by `tidemill try`; change what you know better."""\n\n'
        f"import tidemill as tm\n\n"
        f'system = tm.System({quote(names.system)}, owner="you@example.com", zone={quote(wanted.zone)})\n'
    )


def source(wanted: Wanted, timing: Timing, chosen: Chosen) -> str:
    """Where the rows are, what names and orders them."""
    files = f"tm.files({quote(str(wanted.file.resolve()))})"
    key = f"key={quote(chosen.key)}, " if chosen.key else ""
    time = f"{key}time={quote(timing.name or timing.column)}"
    if not timing.made and not chosen.reserved:
        return f'rows = system.source(\n    "rows", {files},\n    {time})\n'
    gone = f" exclude ({', '.join(map(quoted, chosen.reserved))})" if chosen.reserved else ""
    made = f", {timing.made} as {timing.name}" if timing.made else ""
    sql = quote(f"select *{gone}{made} from raw")
    query = f"tm.query(\n        {sql},\n        raw={files})"
    return f'{"".join(why(timing, chosen))}rows = system.source(\n    "rows", {query},\n    {time})\n'


def why(timing: Timing, chosen: Chosen) -> Iterator[str]:
    """What the query is for."""
    if timing.kind == "order":
        yield "# The table has an order but no time: a second a step stands for it\n"
    if timing.kind == "epoch":
        yield "# The table has its time as a number\n"
    if chosen.reserved:
        yield "# Names that begin with an underscore are kept for what extraction adds\n"


def request(chosen: Chosen) -> str:
    """What a caller sends, and why the rest is left out."""
    items = [
        quote(written.name(column) if slugged == column else f"{written.name(column)} as {slugged}")
        for column, slugged in chosen.features
    ]
    left = "".join(f"#   {reason(one)}\n" for one in chosen.left_out)
    said = (
        f"# What a caller sends. Left out, because a model must not see it or cannot learn from it:\n{left}"
        if left
        else "# What a caller sends\n"
    )
    return f'{said}row = system.request("row", rows, columns=[\n{wrapped(items)}])\n'


def reason(finding: Finding) -> str:
    """Why a column is left out, on one line."""
    return " ".join(sentence(finding.code, finding.fields).split())[:WIDTH]


def wrapped(items: list[str]) -> str:
    """Items with commas, as many as fit on a line."""
    lines, line = [], ""
    for item in items:
        if line and len(line) + len(item) + 6 > WIDTH:
            lines.append(line)
            line = ""
        line += f"{item}, "
    return "".join(f"    {line.rstrip()}\n" for line in [*lines, line] if line)


def model(target: Target, names: Names, plan: Plan, rows: int) -> str:
    """The recipe with its split, gates and release."""
    history = f", history={plan.history:_}" if plan.history else ""
    leaf = max(5, min(LEAF, rows // 100))
    kind = "LGBMClassifier(" if target.kind == "event" else 'LGBMRegressor(objective="l1", '
    return (
        f"\n{no_floor(plan)}@system.model(\n"
        f"    label=outcome, features=[row],\n"
        f"    split=tm.by_time(valid={VALID:g}, test={plan.test:g}{history}),\n"
        f"    gates=[{gates(target, plan)}],\n"
        f'    release=tm.canary("20%", require=[tm.at_most("error_rate", 0.001)]))\n'
        f"def {names.model}(train: tm.Data, valid: tm.Data) -> object:\n"
        f"    import lightgbm as lgb\n\n"
        f"    model = lgb.{kind}n_estimators={ROUNDS}, learning_rate=0.05, min_child_samples={leaf},\n"
        f"        colsample_bytree=0.8, random_state=1, n_jobs=1, verbosity=-1)\n"
        f"    return model.fit(train.X, train.y)\n"
    )


def no_floor(plan: Plan) -> str:
    """Says it where no floor is asked for although figures were had."""
    if plan.floor is not None or plan.newest is None:
        return ""
    return "# No floor for AUC: on the newest rows it is not shown to be better than guessing\n"


def gates(target: Target, plan: Plan) -> str:
    """What a version must show before it answers."""
    found = []
    if plan.floor is not None:
        found.append(
            f'tm.at_least("roc_auc", {plan.floor:g})'
            if target.kind == "event"
            else f'tm.at_most("mae", {plan.floor:g})'
        )
    loss = "log_loss" if target.kind == "event" else "mae"
    found.append(f"tm.not_worse({quote(loss)}, margin={plan.margin:g})")
    return ", ".join([*found, 'tm.at_most("p99_ms", 100)'])


def label(target: Target, names: Names) -> str:
    """What is predicted."""
    outcome = f"system.label({quote(names.label)}, asked=rows, outcome={quote(target.outcome)})"
    later = "known=\"asked_at + interval '30 days'\""
    return f"# The outcome is taken as known at once. If it comes later, say so: {later}\noutcome = {outcome}\n"


def watch(names: Names, plan: Plan) -> str:
    """What is watched and what starts a retraining."""
    every = f"tm.new_rows(outcome, {plan.every:_}), " if plan.every else ""
    return (
        f'\ndrift, gap = tm.no_drift(), tm.at_most("rate_gap", 0.2)\n'
        f"system.monitor({names.model}, drift, gap)\n"
        f"system.retrain({names.model}, {every}drift, gap)\n"
    )


def quote(text: str) -> str:
    """A Python string, in whichever quotes need the fewest escapes."""
    safe = text.replace("\\", "\\\\").replace("\n", "\\n")
    if '"' not in safe:
        return f'"{safe}"'
    if "'" not in safe:
        return f"'{safe}'"
    return '"' + safe.replace('"', '\\"') + '"' if safe.endswith('"') else f'"""{safe}"""'
