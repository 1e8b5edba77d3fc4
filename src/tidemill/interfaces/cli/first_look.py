"""`tidemill try`: the first look at any table, with a report to show and a system file that serves at once."""

from __future__ import annotations

from pathlib import Path

import click
from rich.text import Text

from tidemill.app.attempt.attempt import attempt
from tidemill.app.attempt.record import Wanted
from tidemill.interfaces.cli import option, screen
from tidemill.interfaces.cli.waiting import waiting
from tidemill.interfaces.report.attempt import try_html
from tidemill.interfaces.report.attempt_text import try_terminal

REPORT = "report.html"


@click.command("try")
@click.argument("rows", metavar="FILE", type=click.Path(path_type=Path))
@option.attempted
@option.into
@option.as_json
def command(
    *, rows: Path, time: str, label: str, positive: str | None, zone: str, into: Path | None, as_json: bool
) -> None:
    """Looks at the table in FILE (CSV, JSONL or Parquet) as a model would, in a minute or two.

    Which columns know the answer; how good a model honestly is when it is asked about later rows, beside the flattering
    figure of a random split; how fast it ages, what retraining would have recovered and how often it should happen. A
    report and a system file, which then runs and serves, are written into a folder.
    """
    folder = into or Path(rows.stem)
    wanted = Wanted(file=rows, time=time, label=label, folder=folder, positive=positive, zone=zone)
    with waiting(f"trying {rows.name}") as progress:
        found = attempt(wanted, progress=progress)
    report = folder / REPORT
    report.write_text(try_html(found), encoding="utf-8")
    if as_json:
        screen.show_json(found)
        return
    screen.show(try_terminal(found), Text())
    screen.show(
        screen.pairs([("✓", Text(str(report), style="name")), ("✓", Text(str(found.system_file), style="name"))])
    )
