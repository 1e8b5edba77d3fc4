"""Begins a project with a table of one's own: understands its time and label, and writes the system file for it."""

from __future__ import annotations

from pathlib import Path

from tidemill.app.attempt import write
from tidemill.app.attempt.attempt import SYSTEM, looked
from tidemill.app.attempt.record import Wanted
from tidemill.app.init import texts_of, written
from tidemill.app.wiring import make
from tidemill.ports.context import Progress

TABLE = "table"


def from_table(wanted: Wanted, progress: Progress) -> tuple[Path, ...]:
    """The project's files, written. The errors of `attempt.looked`; SettingsError `file-there`, `not-writable`.

    What nothing but figures can tell (floors, how often to retrain) stands there with numbers that hold for any table;
    `tidemill try` finds better ones.
    """
    look = looked(wanted, make("compute.duckdb"), progress)
    text = write.system_text(wanted, look.timing, look.target, look.chosen, rows=look.raw.rows.num_rows)
    return written({**texts_of(TABLE), SYSTEM: text}, wanted.folder)
