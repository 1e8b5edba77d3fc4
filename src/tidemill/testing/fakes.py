"""Fakes of what tests must hold in their hands: time, and messages that go out."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from tidemill.errors import ServeError

MICROSECOND = timedelta(microseconds=1)


class VirtualClock:
    """A clock that moves only when it is told to; waiting for it moves it."""

    def __init__(self, now_us: int = 0) -> None:
        self._now_us = now_us

    @classmethod
    def at(cls, text: str) -> VirtualClock:
        """At that moment of ISO 8601; without a zone it is UTC."""
        moment = datetime.fromisoformat(text)
        moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
        return cls((moment - datetime(1970, 1, 1, tzinfo=UTC)) // MICROSECOND)

    def now_us(self) -> int:
        return self._now_us

    def wait(self, us: int) -> None:
        self._now_us += max(us, 0)

    def advance(self, *, days: float = 0, hours: float = 0, minutes: float = 0, seconds: float = 0) -> None:
        """Moves on by that much, never back."""
        self.wait(timedelta(days=days, hours=hours, minutes=minutes, seconds=seconds) // MICROSECOND)


@dataclass(frozen=True, slots=True, kw_only=True)
class Sent:
    """A message as it went out."""

    url: str
    subject: str
    text: str
    document: bytes


class FakeNotifier:
    """Keeps what it sends; refuses the first `refuse` messages."""

    def __init__(self, *, refuse: int = 0) -> None:
        self.sent: list[Sent] = []
        self._refuse = refuse

    def send(self, url: str, *, subject: str, text: str, document: bytes) -> None:
        if self._refuse:
            self._refuse -= 1
            raise ServeError("notice-failed", address=url, words="refused")
        self.sent.append(Sent(url=url, subject=subject, text=text, document=document))
