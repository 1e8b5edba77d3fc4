"""Turns a system's loop: once, or until it is told to stop."""

from __future__ import annotations

from collections.abc import Callable
from threading import Event
from time import monotonic

from tidemill.app.context import open_context, open_mill
from tidemill.app.find import Found
from tidemill.app.settings import Settings, resolved
from tidemill.app.spawn import Spawner, run_by_command
from tidemill.app.wiring import make
from tidemill.loop.deliver import Post
from tidemill.loop.run import last_of
from tidemill.loop.tick import Turn, Wheel

LOOK_S = 0.2
SCHEMES = ("http", "https", "smtp", "smtps")
MAILTO = "mailto:"
MAIL_SERVER = "TIDEMILL_SMTP"
"""Environment variable with the server that takes mail for `mailto:` addresses: `smtp://host:port`."""


def open_wheel(settings: Settings, found: Found) -> Wheel:
    """The loop of a system over its environment's ports; a turn takes as long as the runs that it starts."""
    return Wheel(mill=open_mill(settings, found), ctx=open_context(settings), post=post())


def spawner(wheel: Wheel, settings: Settings, found: Found) -> Spawner:
    """Who starts the wheel's runs beside it."""
    system, ctx = wheel.mill.system.name, wheel.ctx
    return Spawner(run_by_command(settings, found), lambda model: last_of(system, model, ctx), settings.home / "runs")


def post() -> Post:
    """Who brings notices: webhooks and mail."""
    return Post(notifiers={scheme: make(f"notifier.{scheme}") for scheme in SCHEMES}, resolve=addressed)


def addressed(url: str) -> str:
    """Where a notice goes: references filled in, `mailto:` by way of the mail server of the environment.

    SettingsError `reference-unset` when a reference, or the mail server, is not set.
    """
    found = resolved(url)
    if not found.startswith(MAILTO):
        return found
    server = resolved(f"${{{MAIL_SERVER}}}")
    return f"{server}{'&' if '?' in server else '?'}to={found.removeprefix(MAILTO)}"


def turn_until(stop: Event, settings: Settings, found: Found, *, every_s: float, told: Callable[[Turn], None]) -> None:
    """Takes a turn about every `every_s` seconds of the machine until `stop` is set; `told` hears of each.

    What is pushed to the server in between does not wait for the next: it is taken in every LOOK_S.

    Runs go on in processes of their own, which end with the loop. A turn that another process is taking is passed over.
    What a turn raises ends the loop, to be started again.
    """
    wheel = open_wheel(settings, found)
    wheel.start = runs = spawner(wheel, settings, found)
    try:
        while not stop.is_set():
            told(wheel.turn())
            end = monotonic() + every_s
            while not stop.wait(min(LOOK_S, max(end - monotonic(), 0.0))) and monotonic() < end:
                wheel.take_in()
    finally:
        runs.stop()
