"""What a command works on: one system with its settings; what it looks into is opened when it does, and closed."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from difflib import get_close_matches
from functools import cached_property
from pathlib import Path

from tidemill.app.context import open_journal, open_ledger, open_tables
from tidemill.app.find import TOML, Found, find
from tidemill.app.settings import Settings, settings
from tidemill.app.wiring import clock
from tidemill.errors import SettingsError
from tidemill.ports.journal import Journal
from tidemill.ports.ledger import Ledger
from tidemill.ports.tables import Tables
from tidemill.spec.declaration import Declaration


class Desk:
    """One system in one environment."""

    def __init__(self, found: Found, chosen: Settings) -> None:
        self.found = found
        self.settings = chosen

    @property
    def system(self) -> Declaration:
        """The declaration."""
        return self.found.declaration

    @property
    def zone(self) -> str:
        """The zone in which its times are shown."""
        return self.system.zone

    @cached_property
    def ledger(self) -> Ledger:
        """The ledger, open."""
        return open_ledger(self.settings)

    @cached_property
    def tables(self) -> Tables:
        """The dataset versions."""
        return open_tables(self.settings)

    @cached_property
    def journal(self) -> Journal:
        """What the server wrote."""
        return open_journal(self.settings)

    def now_us(self) -> int:
        """The time of the environment's clock."""
        now: int = clock(self.settings.clock).now_us()
        return now

    def named(self, model: str | None) -> str | None:
        """The model of that name, None for none named. SettingsError `model-unknown`."""
        names = [each.name for each in self.system.models]
        if model is not None and model not in names:
            near = get_close_matches(model, names, n=1)
            raise SettingsError("model-unknown", model=model, known=names, nearest=near[0] if near else "")
        return model

    def models(self, model: str | None) -> tuple[str, ...]:
        """That model, or all of them. SettingsError `model-unknown`, `no-models`."""
        if (named := self.named(model)) is not None:
            return (named,)
        if not self.system.models:
            raise SettingsError("no-models", system=self.system.name)
        return tuple(each.name for each in self.system.models)

    def close(self) -> None:
        """Frees what was opened."""
        if "ledger" in vars(self):
            self.ledger.close()


@contextmanager
def opened(file: str | None, environment: str | None) -> Iterator[Desk]:
    """The system of that file (else of tidemill.toml, else system.py) in that environment."""
    found = find(file)
    desk = Desk(found, settings(folder_of_settings(found), found.folder, environment))
    try:
        yield desk
    finally:
        desk.close()


def folder_of_settings(found: Found) -> Path:
    """Where tidemill.toml is looked for: beside the system file, else here."""
    return next((folder for folder in (found.folder, Path.cwd()) if (folder / TOML).is_file()), found.folder)
