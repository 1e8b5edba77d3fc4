"""What every Notifier must do; a backend's test inherits the suite and gives its fixtures."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import pytest

from tidemill.errors import ServeError
from tidemill.ports.notifier import Notifier


@dataclass(frozen=True, slots=True, kw_only=True)
class Received:
    """One message as it came in at the other end."""

    subject: str
    text: str
    document: bytes


class NotifierSuite:
    """Inherit and define the fixtures."""

    @pytest.fixture
    def notifier(self) -> Notifier:
        raise NotImplementedError

    @pytest.fixture
    def address(self) -> str:
        """A URL that takes messages."""
        raise NotImplementedError

    @pytest.fixture
    def closed_address(self, free_port: int) -> str:
        """A URL where nobody listens, with the secret `s3cret` in it."""
        raise NotImplementedError

    @pytest.fixture
    def received(self) -> Callable[[], list[Received]]:
        """What has come in so far."""
        raise NotImplementedError

    def test_brings_subject_text_and_document(
        self, notifier: Notifier, address: str, received: Callable[[], list[Received]]
    ) -> None:
        notifier.send(
            address, subject="ranker@7 통과", text="Drift is over.\n두 줄", document=b'{"severity": "warning"}'
        )
        came = received()
        assert [one.subject for one in came] == ["ranker@7 통과"]
        assert "Drift is over.\n두 줄" in came[0].text
        assert came[0].document == b'{"severity": "warning"}'

    def test_brings_one_message_after_another(
        self, notifier: Notifier, address: str, received: Callable[[], list[Received]]
    ) -> None:
        for n in range(3):
            notifier.send(address, subject=f"notice {n}", text="text", document=b"{}")
        assert [one.subject for one in received()] == ["notice 0", "notice 1", "notice 2"]

    def test_a_subject_cannot_smuggle_in_a_second_line(
        self, notifier: Notifier, address: str, received: Callable[[], list[Received]]
    ) -> None:
        notifier.send(address, subject="drift\r\nBcc: everybody@shop.example", text="text", document=b"{}")
        assert len(received()) == 1

    def test_says_that_nobody_listens_without_telling_the_secret(self, notifier: Notifier, closed_address: str) -> None:
        with pytest.raises(ServeError) as caught:
            notifier.send(closed_address, subject="s", text="t", document=b"{}")
        assert caught.value.code == "serve.notice-failed"
        assert "127.0.0.1" in str(caught.value.fields["address"])
        assert "s3cret" not in str(caught.value)
