"""A person's hand on the loop: promote, roll back, pause and resume, each recorded with who and why."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from tidemill.app.context import open_context, open_mill
from tidemill.app.find import Found
from tidemill.app.settings import Settings, person
from tidemill.errors import SettingsError
from tidemill.facts.release import Release
from tidemill.loop import act
from tidemill.loop.decision import Decision
from tidemill.loop.mill import Mill
from tidemill.ports.context import Context
from tidemill.ports.ledger import Ledger


@dataclass(frozen=True, slots=True, kw_only=True)
class Hand:
    """One act: on which system, and why. Who does it comes from the environment."""

    settings: Settings
    found: Found
    why: str

    @property
    def who(self) -> str:
        """The person's name."""
        return person()

    @contextmanager
    def opened(self) -> Iterator[tuple[Mill, Context]]:
        """The system and its ports. SettingsError `no-reason` for an empty reason."""
        if not self.why.strip():
            raise SettingsError("no-reason")
        ctx = open_context(self.settings)
        try:
            yield open_mill(self.settings, self.found), ctx
        finally:
            ctx.online.close()
            ctx.ledger.close()


def promote(hand: Hand, model: str, ordinal: int) -> Decision:
    """Makes that version champion, whatever its evidence. The errors of `act.promoted`."""
    with hand.opened() as (mill, ctx):
        return act.promoted(mill, model, ordinal, ctx, who=hand.who, why=hand.why)


def roll_back(hand: Hand, model: str, ordinal: int | None) -> Decision:
    """Takes that version (None: the champion) out of traffic. The errors of `act.taken_back`; RunError `no-release`."""
    with hand.opened() as (mill, ctx):
        chosen = champion(mill.system.name, model, ctx.ledger) if ordinal is None else ordinal
        return act.taken_back(mill, model, chosen, ctx, who=hand.who, why=hand.why)


def pause(hand: Hand, model: str) -> None:
    """Holds promotions and retraining of the model ("" for all of the system)."""
    with hand.opened() as (mill, ctx):
        act.paused(mill, model, ctx, who=hand.who, why=hand.why)


def resume(hand: Hand, model: str) -> None:
    """Lets the model ("" for all of the system) go on."""
    with hand.opened() as (mill, ctx):
        act.resumed(mill, model, ctx, who=hand.who, why=hand.why)


def champion(system: str, model: str, ledger: Ledger) -> int:
    """The ordinal of the version that answers. SettingsError `nobody-answers`."""
    found = ledger.find(Release, system=system, model=model, state="champion")
    if not found:
        raise SettingsError("nobody-answers", model=model)
    return found[-1].ordinal
