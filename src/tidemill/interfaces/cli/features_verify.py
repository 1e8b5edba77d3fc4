"""`tidemill features verify`: what was answered online beside what the data gives, to the last bit."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import click
from rich.console import Group, RenderableType
from rich.text import Text

from tidemill.app.verify import Proof, Verified, verify
from tidemill.interfaces.cli import option, screen
from tidemill.interfaces.cli.desk import opened
from tidemill.interfaces.cli.fault import FAILED
from tidemill.interfaces.cli.figure import counted, number, span, when
from tidemill.interfaces.cli.grid import Grid
from tidemill.interfaces.cli.span import moments
from tidemill.interfaces.cli.waiting import waiting
from tidemill.spec.duration import duration_us
from tidemill.spec.flaw import UnreadInt
from tidemill.tell.words import sentence


@click.command("verify")
@click.option(
    "--sample", type=click.IntRange(1), default=1_000, show_default=True, metavar="N",
    help="At most so many predictions, chosen by the hash of their keys.",
)  # fmt: skip
@click.option("--since", metavar="WHEN", help="Only those received since: a day, a moment, or a length of time (7d).")
@option.file
@option.environment
@option.as_json
def command(*, sample: int, since: str | None, file: str | None, env: str | None, as_json: bool) -> int:
    """Computes logged predictions anew from the data, as of their moment and of the rows that were held then.

    Each feature and score must be what was answered, to the last bit: 0 differences, or the exit code is 1. How far the
    online store was behind is told apart, as freshness. Nothing is written.
    """
    with opened(file, env) as desk:
        since_us = None if since is None else moment_of(since, desk.zone, desk.now_us())
        with waiting("computing predictions anew"):
            found = verify(desk.settings, desk.found, sample=sample, since_us=since_us)
        if as_json:
            screen.show_json(document(found))
        else:
            screen.show(*page(found, desk.zone))
    return 0 if found.proven else FAILED


def moment_of(text: str, zone: str, now_us: int) -> int:
    """The moment that is meant: so long ago, or a day or moment in the zone. SettingsError `date-unread`."""
    length = duration_us(text)
    return moments(text, zone, "--since")[0] if isinstance(length, UnreadInt) else now_us - length


def document(found: Verified) -> dict[str, object]:
    """The whole answer as plain data."""
    return {
        "system": found.system,
        "at_us": found.at_us,
        "since_us": found.since_us,
        "answered": found.answered,
        "sampled": found.sampled,
        "predictions": found.predictions,
        "features": found.features,
        "scores": found.predictions,
        "differences": found.differences,
        "proven": found.proven,
        "versions": found.proofs,
    }


def page(found: Verified, zone: str) -> Iterator[RenderableType]:
    """The verdict, each version, each difference, and how fresh the store was."""
    since = "" if found.since_us is None else f" since {when(found.since_us, zone)}"
    of = f"{number(found.sampled)} of {counted(found.answered, 'scored prediction')}{since}"
    yield Text.assemble((found.system, "name"), (f"  {of}, chosen by the hash of their keys", "quiet"))
    if not found.proofs:
        yield Text.assemble("Nothing has been answered yet.  ", ("tidemill up", "command"))
        return
    yield Text()
    yield verdict(found)
    yield screen.section("By version", versions(found.proofs))
    if found.differences:
        yield screen.section("What differs", differences(found.proofs))
    if any(parity.overflows for parity in found.parities):
        yield screen.section("Sums that do not fit", overflows(found.proofs))
    if any(parity.freshness for parity in found.parities):
        yield screen.section("Freshness", freshness(found.proofs))
    if first := next((one for parity in found.parities for one in parity.first), None):
        yield screen.next_commands([(f"tidemill why {first.prediction}", "where the answer comes from")])


def verdict(found: Verified) -> Text:
    """Whether what was answered is what the data gives."""
    compared = f"{counted(found.predictions, 'prediction')}, {counted(found.features, 'feature')} compared"
    state = "passed" if found.proven else "failed" if found.differences else "undecided"
    differ = f"{number(found.differences)} difference{'' if found.differences == 1 else 's'}"
    return Text.assemble(screen.mark(state, differ), (f"  {compared}", "quiet"))


def versions(proofs: Iterable[Proof]) -> RenderableType:
    """One line a version."""
    rows = Grid(
        "version", ">predictions", ">features", ">differences", ">?forgotten", ">?without a sum", "?.not computed anew"
    )
    for one in proofs:
        found = one.parity
        if found is None:
            trouble = sentence(one.trouble.code, one.trouble.fields) if one.trouble is not None else ""
            rows.add(one.version, number(one.predictions), "", screen.mark("undecided", "unknown"), "", "", trouble)
            continue
        rows.add(
            one.version,
            number(found.predictions),
            number(found.values - found.predictions),
            number(found.differences),
            number(found.forgotten) if found.forgotten else "",
            number(found.overflown) if found.overflown else "",
            "",
        )
    return rows


def differences(proofs: Iterable[Proof]) -> RenderableType:
    """One line a value that differs."""
    rows = Grid(".prediction", ".feature", ".online", ".offline")
    more = 0
    for parity in (one.parity for one in proofs if one.parity is not None):
        more += parity.differences - len(parity.first)
        for one in parity.first:
            rows.add(one.prediction, one.name, value(one.logged), value(one.recomputed))
    if more:
        rows.add(Text(f"and {number(more)} more", style="quiet"), "", "", "")
    return rows


def overflows(proofs: Iterable[Proof]) -> RenderableType:
    """One line a feature of a version that was null because no sum fits; such answers are not compared."""
    rows = Grid("version", "feature", ">predictions")
    for proof in proofs:
        for name, many in proof.parity.overflows.items() if proof.parity is not None else ():
            rows.add(proof.version, name, number(many))
    said = "Answered with null and flagged, for the sum leaves 64 bits; these predictions are not compared."
    return Group(Text(said, style="quiet"), rows)


def value(found: object) -> Text:
    """The value to its last digit."""
    return Text("null", style="quiet") if found is None else Text(str(found))


def freshness(proofs: Iterable[Proof]) -> RenderableType:
    """One line a view of a version that lacked rows when it was asked; that is no difference."""
    rows = Grid("version", "view", ">predictions behind", ">most rows", ">longest")
    for proof in proofs:
        for one in proof.parity.freshness if proof.parity is not None else ():
            if one.behind:
                rows.add(proof.version, one.view, number(one.behind), number(one.rows), span(one.lag_us / 1_000))
    said = "Rows that could be seen and were not held yet when they were asked for: lag, and no difference."
    return Group(Text(said, style="quiet"), rows) if rows.rows else Text("All rows that could be seen were held.")
