"""The first look at a table in the terminal."""

from __future__ import annotations

from collections.abc import Iterator

from rich.console import Group, RenderableType
from rich.text import Text

from tidemill.app.attempt.record import Attempt
from tidemill.interfaces.report.attempt import lead
from tidemill.interfaces.report.attempt_words import (
    NAMES,
    every_text,
    figure,
    headline,
    interval,
    next_steps,
    says,
    state_said,
    way_rows,
)
from tidemill.interfaces.report.terminal import blocks, head, said, table
from tidemill.measure.estimate import Interval
from tidemill.spec.zones import zone_info
from tidemill.tell.words import sentence, way_out

STEPS = 4
"""Next steps that are shown; the page has all."""


def try_terminal(attempt: Attempt, *, language: str = "en") -> RenderableType:
    """Verdicts, figures, leaks, ways to retrain, next steps."""
    parts: list[RenderableType] = [
        head(f"{attempt.wanted.file.name}: {headline(attempt)}", lead(attempt, zone_info(attempt.wanted.zone)))
    ]
    parts += [
        said(state_said(one), says(one, language), way_out(one.code, one.fields, language=language))
        for one in attempt.said
    ]
    parts += [
        Text(),
        figures(attempt),
        Text(),
        *course(attempt),
        *leaks(attempt, language),
        *ways(attempt),
        *steps(attempt),
    ]
    return Group(*parts)


def figures(attempt: Attempt) -> RenderableType:
    """The same recipe asked in every way."""
    told, way = attempt.honesty, attempt.ways[attempt.again]
    rows: list[tuple[str, Interval | None]] = [
        ("random split, leaks left in", told.with_leaks),
        ("random split", told.random),
        ("in time order, trained once", told.in_time),
        (f"in time order, trained {every_text(attempt, way)}", way.pooled.interval() if way.every else None),
        (f"no model, the last {told.rate_rows:,} outcomes", told.rate_alone),
        ("inside stretches, trained once", attempt.ways[0].inside.interval()),
        (f"inside stretches, trained {every_text(attempt, way)}", way.inside.interval() if way.every else None),
    ]
    shown = [(name, figure(one.value), interval(one)) for name, one in rows if one is not None]
    return table(("what a model is worth", NAMES[attempt.metric], "95 % interval"), shown, numbers=(1,))


def course(attempt: Attempt) -> Iterator[RenderableType]:
    """Quality over time as two lines of blocks."""
    known = [(one.never, one.again) for one in attempt.stretches if one.never is not None and one.again is not None]
    if len(known) > 1:
        values = [value for pair in known for value in pair]
        low = min(values) - 0.1 * (max(values) - min(values))
        again = every_text(attempt, attempt.ways[attempt.again])
        rows = [
            ("trained once", blocks([pair[0] for pair in known], len(known), low=low)),
            (f"trained {again}", blocks([pair[1] for pair in known], len(known), low=low)),
        ]
        yield table((f"{NAMES[attempt.metric]} over time", ""), rows)
        yield Text()


def leaks(attempt: Attempt, language: str) -> Iterator[RenderableType]:
    """Why columns are left out."""
    if attempt.chosen.left_out:
        yield Text("left out of the request", style="dim")
        for one in attempt.chosen.left_out:
            leaking = str(one.fields.get("column")) in attempt.chosen.leaks
            yield said("bad" if leaking else "none", sentence(one.code, one.fields, language=language))
        yield Text()


def ways(attempt: Attempt) -> Iterator[RenderableType]:
    """Ways to retrain."""
    metric = NAMES[attempt.metric]
    heads = ("learns from", "trained again", "trainings", metric, f"{metric} inside", "less loss than once", "")
    rows = [
        (row.learns, row.again, row.trainings, row.pooled, row.inside, f"{row.saved} {row.saved_ci}".strip(), row.mark)
        for row in way_rows(attempt)
    ]
    yield table(heads, rows, numbers=(2, 3, 4))
    yield Text()


def steps(attempt: Attempt) -> Iterator[RenderableType]:
    """What to type next."""
    yield Text("next", style="dim")
    for says_it, command in next_steps(attempt)[:STEPS]:
        yield Text.assemble(("  " + command, "bold"), ("  " + says_it, "dim"))
