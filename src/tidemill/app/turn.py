"""Turns a system's loop: once, or until it is told to stop."""

from __future__ import annotations

from collections.abc import Callable
from threading import Event

from tidemill.app.context import open_context, open_mill
from tidemill.app.find import Found
from tidemill.app.settings import Settings, resolved
from tidemill.app.wiring import make
from tidemill.loop.deliver import Post
from tidemill.loop.tick import Turn, Wheel

SCHEMES = ("http", "https", "smtp", "smtps")


def open_wheel(settings: Settings, found: Found) -> Wheel:
    """The loop of a system over its environment's ports."""
    post = Post(notifiers={scheme: make(f"notifier.{scheme}") for scheme in SCHEMES}, resolve=resolved)
    return Wheel(mill=open_mill(settings, found), ctx=open_context(settings), post=post)


def turn_until(stop: Event, settings: Settings, found: Found, *, every_s: float, told: Callable[[Turn], None]) -> None:
    """Takes a turn about every `every_s` seconds of the machine until `stop` is set; `told` hears of each.

    A turn that another process is taking is passed over. What a turn raises ends the loop, to be started again.
    """
    wheel = open_wheel(settings, found)
    while not stop.is_set():
        told(wheel.turn())
        stop.wait(every_s)
