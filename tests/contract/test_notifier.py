"""Each Notifier against the suite, with real servers at the other end."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from email import message_from_bytes, policy
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

from tidemill.engines.notifiers.mail import MailNotifier
from tidemill.engines.notifiers.webhook import WebhookNotifier
from tidemill.errors import ServeError
from tidemill.testing.notifier import NotifierSuite, Received


class Hook(ThreadingHTTPServer):
    """Keeps the bodies that are posted to it; answers with the status in the path, else 204."""

    def __init__(self) -> None:
        self.bodies: list[bytes] = []
        super().__init__(("127.0.0.1", 0), HookHandler)


class HookHandler(BaseHTTPRequestHandler):
    server: Hook

    def do_POST(self) -> None:
        self.server.bodies.append(self.rfile.read(int(self.headers["content-length"])))
        status = self.path.rpartition("/")[2]
        self.send_response(int(status) if status.isdigit() else 204)
        self.send_header("location", "/elsewhere")
        self.send_header("content-length", "0")
        self.end_headers()

    def log_message(self, format: str, *arguments: object) -> None:
        pass


class TestWebhook(NotifierSuite):
    @pytest.fixture
    def hook(self) -> Iterator[Hook]:
        with Hook() as server:
            thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
            thread.start()
            yield server
            server.shutdown()
            thread.join()

    @pytest.fixture
    def notifier(self) -> WebhookNotifier:
        return WebhookNotifier()

    @pytest.fixture
    def address(self, hook: Hook) -> str:
        return f"http://127.0.0.1:{hook.server_port}/hooks/T0KEN"

    @pytest.fixture
    def closed_address(self, free_port: int) -> str:
        return f"http://user:s3cret@127.0.0.1:{free_port}/hooks/s3cret?key=s3cret"

    @pytest.fixture
    def received(self, hook: Hook) -> Callable[[], list[Received]]:
        def read() -> list[Received]:
            bodies = [json.loads(body) for body in hook.bodies]
            return [
                Received(subject=body["subject"], text=body["text"], document=json.dumps(body["notice"]).encode())
                for body in bodies
            ]

        return read

    @pytest.mark.parametrize("status", [301, 404, 429, 500])
    def test_an_answer_that_is_no_success_is_a_failure(
        self, notifier: WebhookNotifier, hook: Hook, status: int
    ) -> None:
        with pytest.raises(ServeError) as caught:
            notifier.send(f"http://127.0.0.1:{hook.server_port}/{status}", subject="s", text="t", document=b"{}")
        assert caught.value.fields["words"] == f"HTTP {status}"
        assert len(hook.bodies) == 1

    @pytest.mark.parametrize("url", ["nonsense", "http://", "ftp://127.0.0.1/x"])
    def test_an_address_that_is_none_is_a_failure(self, notifier: WebhookNotifier, url: str) -> None:
        with pytest.raises(ServeError) as caught:
            notifier.send(url, subject="s", text="t", document=b"{}")
        assert caught.value.code == "serve.notice-failed"


class Mailbox:
    """Keeps the mails that come in; refuses receivers named `nobody`."""

    def __init__(self) -> None:
        self.mails: list[Envelope] = []

    async def handle_RCPT(  # noqa: N802 - aiosmtpd's name.
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[Any]
    ) -> str:
        if address.startswith("nobody"):
            return "550 no such person"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(  # noqa: N802 - aiosmtpd's name.
        self, server: SMTP, session: Session, envelope: Envelope
    ) -> str:
        self.mails.append(envelope)
        return "250 OK"


class TestMail(NotifierSuite):
    @pytest.fixture
    def mailbox(self) -> Mailbox:
        return Mailbox()

    @pytest.fixture
    def server(self, mailbox: Mailbox, free_port: int) -> Iterator[str]:
        controller = Controller(mailbox, hostname="127.0.0.1", port=free_port)
        controller.start()
        yield f"127.0.0.1:{free_port}"
        controller.stop()

    @pytest.fixture
    def notifier(self) -> MailNotifier:
        return MailNotifier()

    @pytest.fixture
    def address(self, server: str) -> str:
        return f"smtp://{server}?to=ops@shop.example&from=mill@shop.example"

    @pytest.fixture
    def closed_address(self, free_port: int) -> str:
        return f"smtp://me:s3cret@127.0.0.1:{free_port}?to=ops@shop.example"

    @pytest.fixture
    def received(self, mailbox: Mailbox) -> Callable[[], list[Received]]:
        def read() -> list[Received]:
            return [opened(mail) for mail in mailbox.mails]

        return read

    def test_goes_to_all_receivers_and_says_from_whom(
        self, notifier: MailNotifier, server: str, mailbox: Mailbox
    ) -> None:
        notifier.send(f"smtp://{server}?to=a@shop.example,b@shop.example", subject="s", text="t", document=b"{}")
        assert mailbox.mails[0].rcpt_tos == ["a@shop.example", "b@shop.example"]
        assert mailbox.mails[0].mail_from == "a@shop.example"

    def test_a_receiver_who_is_refused_is_a_failure_that_names_him(
        self, notifier: MailNotifier, server: str, mailbox: Mailbox
    ) -> None:
        with pytest.raises(ServeError) as caught:
            notifier.send(
                f"smtp://{server}?to=a@shop.example,nobody@shop.example", subject="s", text="t", document=b"{}"
            )
        assert caught.value.fields["address"] == "nobody@shop.example"
        assert mailbox.mails[0].rcpt_tos == ["a@shop.example"]

    def test_an_address_without_receiver_is_a_failure(self, notifier: MailNotifier, server: str) -> None:
        with pytest.raises(ServeError) as caught:
            notifier.send(f"smtp://{server}", subject="s", text="t", document=b"{}")
        assert caught.value.code == "serve.notice-failed"

    def test_never_sends_a_password_in_the_clear(self, notifier: MailNotifier, server: str, mailbox: Mailbox) -> None:
        with pytest.raises(ServeError) as caught:
            notifier.send(f"smtp://me:s3cret@{server}?to=a@shop.example", subject="s", text="t", document=b"{}")
        assert "STARTTLS" in str(caught.value.fields["words"])
        assert "s3cret" not in str(caught.value)
        assert mailbox.mails == []


def opened(envelope: Envelope) -> Received:
    """The mail as its reader sees it."""
    assert isinstance(envelope.content, bytes)
    mail: Any = message_from_bytes(envelope.content, policy=policy.default)
    (attachment,) = mail.iter_attachments()
    return Received(
        subject=mail["subject"],
        text=mail.get_body().get_content().replace("\r\n", "\n"),
        document=attachment.get_content(),
    )
