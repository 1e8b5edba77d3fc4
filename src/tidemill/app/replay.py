"""Replays a system's loop over its past: what static, retrained and gated models would have answered."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Literal

from tidemill.app.context import open_context
from tidemill.app.find import Found
from tidemill.app.scratch import scratch
from tidemill.app.settings import Settings
from tidemill.app.wiring import make
from tidemill.errors import SettingsError
from tidemill.loop.intake import extracted
from tidemill.loop.replay.drive import replay
from tidemill.loop.replay.record import Period, Replayed, Wanted
from tidemill.loop.street import STREET
from tidemill.ports.context import Progress

Told = Callable[[str, int, int], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What a person asked for. `model` empty: every model; a bound None: the middle, and the end, of the asks."""

    model: str = ""
    since_us: int | None = None
    until_us: int | None = None
    labels: Literal["declared", "at-once"] = "declared"
    period: Period | Literal["auto"] = "month"


def replay_system(settings: Settings, found: Found, asked: Asked, told: Told) -> tuple[Replayed, ...]:
    """One replay per model. Data is extracted into the home as by a run; no version of a replay is kept.

    SettingsError `model-unknown`, `no-models`; what extraction raises; DataError `no-asks`, `no-asks-between`,
    `nothing-mature`.
    """
    system = found.declaration
    names = [model.name for model in system.models]
    if asked.model and asked.model not in names:
        raise SettingsError("model-unknown", model=asked.model, known=names)
    if not names:
        raise SettingsError("no-models", system=system.name)
    with scratch(settings.home) as folder:
        ctx = replace(open_context(settings, progress=told_by(told)), blobs=make("blobs.local", folder))
        versions = tuple(extracted(system, source, ctx, STREET) for source in system.roots)
        return tuple(
            replay(
                Wanted(
                    system=system,
                    model=name,
                    versions=versions,
                    since_us=asked.since_us,
                    until_us=asked.until_us,
                    labels=asked.labels,
                    period=asked.period,
                ),
                ctx,
                told,
            )
            for name in ([asked.model] if asked.model else names)
        )


def told_by(told: Told) -> Progress:
    """Progress of stages, as far as its end is known."""

    def tell(what: str, done: int, total: int | None) -> None:
        if total is not None:
            told(what, done, total)

    return tell
