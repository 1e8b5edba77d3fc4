"""How an error ends: one sentence, where, the way out, its code; and the exit code of its family."""

from __future__ import annotations

import json
import os
import textwrap
import traceback
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from shutil import get_terminal_size
from tempfile import mkstemp

import click

from tidemill.errors import BusyError, RunError, SettingsError, TidemillError
from tidemill.facts.codec import plain
from tidemill.tell.words import sentence, way_out

FAILED, USAGE, REFUSED, BUSY, STOPPED = 1, 2, 3, 4, 130
"""Exit codes; 130 is a person's Ctrl-C, as shells count it."""

WIDEST = 100
WHERE = ("place", "where", "file", "path")
"""Fields that say where, the first one wins."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """An error in words."""

    sentence: str
    where: str
    way_out: str
    code: str


def ended(error: click.Abort | click.ClickException | TidemillError, *, as_json: bool) -> int:
    """Says what went wrong; the exit code."""
    if isinstance(error, click.Abort):
        return stopped()
    if isinstance(error, click.exceptions.NoArgsIsHelpError):
        click.echo(error.format_message(), err=True)
        return USAGE
    if isinstance(error, click.ClickException):
        show(usage_error(error), as_json=as_json)
        return USAGE
    show(error, as_json=as_json)
    return exit_code(error)


def stopped() -> int:
    """Says that a person stopped it; the exit code."""
    click.echo(click.style("Stopped. What was finished is kept.", dim=True), err=True)
    return STOPPED


def exit_code(error: TidemillError) -> int:
    """The exit code of its code."""
    return code_of(error.code)


def code_of(code: str) -> int:
    """4 when another process holds something, 2 when the command line or its settings cannot be had, else 1."""
    return {BusyError.family: BUSY, SettingsError.family: USAGE}.get(code.partition(".")[0], FAILED)


def usage_error(error: click.ClickException) -> SettingsError:
    """What click found wrong with the command line, as an error of ours."""
    context = getattr(error, "ctx", None)
    command = context.command_path if context else "tidemill"
    if isinstance(error, click.NoSuchOption):
        near = list(error.possibilities or ())
        return SettingsError(
            "option-unknown", command=command, option=error.option_name, nearest=near[0] if near else ""
        )
    return SettingsError("command-misused", command=command, words=error.format_message().rstrip("."))


def told(code: str, fields: Mapping[str, object]) -> Told:
    """The words of a code; where it is, unless the sentence has said it."""
    said = sentence(code, fields)
    where = next((str(fields[name]) for name in WHERE if fields.get(name)), "")
    return Told(sentence=said, where="" if where in said else where, way_out=way_out(code, fields), code=code)


def show(error: TidemillError, *, as_json: bool) -> None:
    """Writes the error to standard error."""
    words = told(error.code, error.fields)
    if as_json:
        document = {"code": error.code, "fields": plain(error.fields), "says": words.sentence, "do": words.way_out}
        click.echo(json.dumps({"error": document}, ensure_ascii=False), err=True)
        return
    click.echo(click.style("✗ ", fg="red", bold=True) + click.style(folded(words.sentence, 2), bold=True), err=True)
    for name, text in (("where", words.where), ("do", words.way_out), ("code", words.code)):
        if text:
            click.echo(click.style(f"  {name:<7}", dim=True) + folded(text, 9), err=True)


def stumbled(error: BaseException) -> None:
    """Says that Tidemill itself went wrong, and where its traceback is; of Ctrl-C before anything began just that."""
    if isinstance(error, KeyboardInterrupt):
        stopped()
        return
    handle, name = mkstemp(prefix="tidemill-", suffix=".txt")
    with os.fdopen(handle, "w", encoding="utf-8", errors="replace") as file:
        file.write("".join(traceback.format_exception(error)))
    last = traceback.extract_tb(error.__traceback__)[-1:]
    place = f"{Path(last[0].filename).name}:{last[0].lineno}" if last else ""
    words = " ".join(str(error).split())
    show(RunError("stumbled", error=type(error).__name__, words=words, place=place, file=name), as_json=False)


def folded(text: str, indent: int) -> str:
    """The text in lines that fit the terminal, those after the first indented."""
    width = min(get_terminal_size().columns, WIDEST)
    lines = textwrap.wrap(text, max(width - indent, 20), break_long_words=False, break_on_hyphens=False)
    return ("\n" + " " * indent).join(lines)
