"""`tidemill check`: every mistake of a declaration at once; of a good one, what follows from it."""

from __future__ import annotations

import click

from tidemill.app.check import Checked, check
from tidemill.app.context import sources
from tidemill.app.find import find
from tidemill.interfaces.cli import option, screen
from tidemill.interfaces.cli.declared import page
from tidemill.interfaces.cli.fault import FAILED
from tidemill.loop.fingerprint import Code
from tidemill.spec.examine import Mistake, Note
from tidemill.tell.words import sentence, way_out


@click.command("check")
@click.argument("file", required=False)
@option.as_json
def command(*, file: str | None, as_json: bool) -> int:
    """Examines FILE (a system file) and the sources that it names.

    Says every mistake at once, each with its line, its path and the way out. Of a declaration without a mistake it
    prints what a caller sends, which windows are kept with their steps, and what each model can see. A source that
    cannot be reached from here is a note, not a mistake.
    """
    found = find(file)
    checked = check(found, sources(found.folder), Code(found.folder).of)
    if as_json:
        screen.show_json(checked_document(checked))
    else:
        screen.show(*page(checked))
    return FAILED if checked.examination.mistakes else 0


def checked_document(checked: Checked) -> dict[str, object]:
    """The whole answer as plain data."""
    said = checked.examination
    return {
        "file": checked.found.file.name,
        "mistakes": [document_of(mistake) for mistake in said.mistakes],
        "notes": [document_of(note) for note in said.notes],
        "unset": checked.unset,
        "sources": [
            {
                "name": one.source.name,
                "columns": one.columns,
                "trouble": one.trouble and sentence(one.trouble.code, one.trouble.fields),
            }
            for one in checked.sources
        ],
        "description": checked.description,
    }


def document_of(found: Mistake | Note) -> dict[str, object]:
    """A mistake or note with its words."""
    words = {"says": sentence(found.code, found.fields), "do": way_out(found.code, found.fields)}
    return {"code": found.code, "path": found.path, "place": found.place, "fields": found.fields, **words}
