"""How a chain of reasons looks: the answer on top, below it what it came from, down to rows and code."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from rich.console import Group, RenderableType
from rich.text import Text

from tidemill.app.why import Answered, Chain, StageChange
from tidemill.facts.data import DatasetVersion, TrainingSet
from tidemill.facts.model import Score
from tidemill.facts.run import Run, StageRun
from tidemill.facts.signal import Firing
from tidemill.interfaces.cli import gates, screen
from tidemill.interfaces.cli.figure import figure, number, span, when
from tidemill.interfaces.cli.grid import Grid
from tidemill.tell.words import sentence, way_out

DIGEST = 12
"""Hex digits of a digest that are shown."""
RUN_SHOWN = 17
"""Letters of a run's id that are shown: the millisecond in which it began, by which `why` finds it too."""
PARTS: Mapping[str, str] = {"test": "", "block": " inside blocks"}
"""Parts of the rows whose figures are shown, and how they are called beside the metric."""
LONGEST = 60
"""Letters of a key's part that are shown."""


def chain_page(chain: Chain, zone: str) -> Iterator[RenderableType]:
    """The links that the chain has, from what was asked about down to the code."""
    yield Text(chain.subject, style="name")
    if chain.answer is not None:
        yield from answer(chain.answer, zone)
    if chain.version is not None:
        yield screen.section("Version", version(chain, zone))
    if chain.evaluation is not None:
        yield screen.section("Held-out rows said", scores(chain.evaluation.scores))
    if chain.validation is not None and chain.validation.verdicts:
        yield screen.section("The gate said", gates.table(chain.validation.verdicts))
    if chain.run is not None:
        yield screen.section("Run", run(chain.run, chain.firing, zone))
    if chain.stages:
        yield screen.section("Stages", stages(chain.stages, zone))
    if chain.training_set is not None:
        yield screen.section("Training set", training_set(chain.training_set, zone))
    if chain.datasets:
        yield screen.section("Data", datasets(chain.datasets, zone))
    for profile in chain.profiles[:1]:
        if profile.findings:
            yield screen.section(f"Found in {profile.dataset}@v{profile.number}", gates.findings(profile.findings))
    if chain.code:
        yield screen.section("Code", code(chain.code))
    if chain.decisions:
        rows = screen.pairs(
            (when(event.at_us, zone), f"{sentence(event.code, event.fields)}  ({event.by})")
            for event in chain.decisions
        )
        yield screen.section("Decided", rows)


def answer(found: Answered, zone: str) -> Iterator[RenderableType]:
    """What was asked and what was answered."""
    keys = ", ".join(f"{name} {value}" for name, value in found.keys.items())
    shown = "" if found.item is None else f", item {found.item} at position {found.position}"
    said = [
        ("id", found.id),
        ("asked", f"{when(found.at_us, zone)}, {keys}{shown}"),
        ("answered", f"{found.version} ({found.arm}), routing policy {found.policy}"),
        ("score", number(found.score)),
        ("decision", found.decision or ""),
        ("flags", ", ".join(found.flags)),
    ]
    yield screen.section("Answer", screen.pairs((name, text) for name, text in said if text))
    rows = Grid("feature", ".value")
    for name, value in found.features.items():
        rows.add(name, Text("null", style="quiet") if value is None else str(value))
    yield screen.section("It stood on", rows)


def version(chain: Chain, zone: str) -> RenderableType:
    """The artifact: what it is, where it stands, what it learnt from."""
    made = chain.version
    if made is None:
        return Text()
    state = screen.mark(chain.release.state) if chain.release else Text("never released", style="quiet")
    role = (
        f"refit of {made.tested} with every window moved to the present" if made.tested else "tested on held-out rows"
    )
    return screen.pairs(
        [
            ("name", Text.assemble((made.name, "name"), "  ", state)),
            ("made", f"{when(made.at_us, zone)}, {role}"),
            ("learnt", f"{number(made.train_rows)} rows up to {when(made.trained_until_us, zone)}"),
            ("with", ", ".join(f"{name}={value}" for name, value in made.parameters.items()) or "no parameters"),
            ("bundle", made.bundle[:DIGEST]),
            ("needs", ", ".join(made.environment.get("requirements", "").split())),
        ]
    )


def scores(found: Iterable[Score]) -> RenderableType:
    """Each figure, and beside it those of others on the same rows."""
    every = [score for score in found if score.part in PARTS]
    others = list(dict.fromkeys(score.against for score in every if score.against))
    rows = Grid("metric", "this version (interval)", *(f">?{name.replace('_', ' ')}" for name in others), ">?rows")
    for own in every:
        if not own.against:
            same = {one.against: one.value for one in every if (one.metric, one.part) == (own.metric, own.part)}
            beside = [number(same[name]) if same.get(name) is not None else "" for name in others]
            rows.add(own.metric + PARTS[own.part], figure(own.value, own.low, own.high), *beside, number(own.n))
    return rows


def run(found: Run, firing: Firing | None, zone: str) -> RenderableType:
    """What started it and how it ended."""
    took = span((found.ended_us - found.at_us) / 1000) if found.ended_us else "not over"
    said: list[tuple[str, RenderableType]] = [
        ("id", found.id),
        ("began", f"{when(found.at_us, zone)}, {took}"),
        ("state", screen.mark(found.state)),
        ("cause", found.cause),
    ]
    if firing is not None:
        evidence = ", ".join(f"{name} {value}" for name, value in firing.evidence.items())
        said.append(("trigger", f"{firing.trigger}: {evidence}"))
    if found.error:
        code = str(found.error["code"])
        said.append(("error", Text.assemble(sentence(code, found.error), (f" {way_out(code, found.error)}", "quiet"))))
        said.append(("at", f"{found.error['stage']} of {found.error['subject']}: {code}"))
    said.append(("declared", f"digest {found.declaration[:DIGEST]}"))
    return screen.pairs(said)


def stages(found: Iterable[StageRun], zone: str) -> RenderableType:
    """The stages that this run did itself; others were taken from earlier runs."""
    rows = Grid("stage", "of", "ended", ">took")
    for one in found:
        rows.add(one.stage, one.subject, when(one.at_us, zone), span(one.took_ms))
    return rows


def training_set(found: TrainingSet, zone: str) -> RenderableType:
    """The parts of the split with their times, what was verified, and what the figures stand on."""
    rows = Grid("part", ">rows", ">positive", "from", "to")
    for part in found.parts:
        rate = "" if part.positives is None or not part.rows else f"{part.positives / part.rows:.2%}"
        rows.add(part.name, number(part.rows), rate, when(part.first_us, zone), when(part.last_us, zone))
    said = f"digest {found.digest[:DIGEST]}, label {found.label}, {len(found.features)} features"
    proved = [f"✓ {one.subject}: {sentence(one.code, one.fields)}" for one in found.proof]
    lines = [Text(line, style="quiet") for line in proved]
    return Group(Text(said, style="quiet"), rows, *lines, *([gates.findings(found.card)] if found.card else []))


def datasets(found: Iterable[DatasetVersion], zone: str) -> RenderableType:
    """The versions and how far each source had been read."""
    rows = Grid("version", ">rows", "known until", "landed", "content")
    for one in found:
        rows.add(
            one.name, number(one.rows), when(one.known_until_us, zone), when(one.at_us, zone), one.content[:DIGEST]
        )
    return rows


def code(found: Mapping[str, str]) -> RenderableType:
    """Modules by digest, libraries by version."""
    modules = [(name, value[:DIGEST]) for name, value in found.items() if name.startswith("code:")]
    locked = ", ".join(f"{name.partition(':')[2]} {value}" for name, value in found.items() if name.startswith("lock:"))
    rows = [(name.partition(":")[2], value) for name, value in modules]
    return screen.pairs([*rows, ("libraries", locked)] if locked else rows)


def stage_page(change: StageChange, zone: str) -> RenderableType:
    """One subject of a stage: when it ran last, and the parts of its key that were not what they had been."""
    title = f"{change.stage} {change.subject}"
    ran = f"ran {when(change.newest.at_us, zone)} in {change.newest.run}"
    if change.before is None:
        return screen.section(title, Text(f"{ran}: it had never run before", style="quiet"))
    rows = Grid("part of the key", ".before", ".now")
    for one in change.changes:
        rows.add(one.part, short(one.before), short(one.after))
    said = f"{ran}; before it {when(change.before.at_us, zone)} in {change.before.run}"
    return screen.section(title, Text(said, style="quiet"), rows)


def short(value: str | None) -> Text:
    """A value or digest, cut; one that was not there says so."""
    if value is None:
        return Text("not there", style="quiet")
    is_digest = len(value) == 64 and set(value) <= set("0123456789abcdef")
    return Text(value[:DIGEST] if is_digest else value[:LONGEST])
