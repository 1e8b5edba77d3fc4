"""Notifier: brings one message to one address."""

from __future__ import annotations

from typing import Protocol


class Notifier(Protocol):
    """One way of sending."""

    def send(self, url: str, *, subject: str, text: str, document: bytes) -> None:
        """Sends or raises ServeError `notice-failed`; `document` is the JSON of the notice."""
        ...
