"""A notice of the loop reaches a real webhook and a real mailbox, and waits while nobody takes it."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from email import message_from_bytes, policy
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

from tidemill.app.context import open_context
from tidemill.app.settings import Settings
from tidemill.app.turn import MAIL_SERVER, post
from tidemill.facts.data import Value
from tidemill.facts.signal import Notice
from tidemill.loop.deliver import deliver
from tidemill.loop.pace import Pace
from tidemill.ports.context import Context

SOON = Pace(notice_us=1, notice_most_us=1)


class Hook(ThreadingHTTPServer):
    """Keeps what is posted to it."""

    def __init__(self) -> None:
        self.documents: list[dict[str, Any]] = []
        super().__init__(("127.0.0.1", 0), HookHandler)


class HookHandler(BaseHTTPRequestHandler):
    server: Hook

    def do_POST(self) -> None:
        self.server.documents.append(json.loads(self.rfile.read(int(self.headers["content-length"]))))
        self.send_response(204)
        self.end_headers()

    def log_message(self, format: str, *arguments: object) -> None:
        pass


class Mailbox:
    """Keeps the mails that it takes."""

    def __init__(self) -> None:
        self.mails: list[tuple[list[str], str]] = []

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802 - aiosmtpd's name
        del server, session
        mail = message_from_bytes(envelope.original_content or b"", policy=policy.default)
        self.mails.append((envelope.rcpt_tos, str(mail["subject"])))
        return "250 kept"


@pytest.fixture
def hook() -> Iterator[Hook]:
    with Hook() as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield server
        server.shutdown()
        thread.join()


@pytest.fixture
def ctx(tmp_path: Path) -> Iterator[Context]:
    opened = open_context(Settings(folder=tmp_path, home=tmp_path / ".tidemill", environment="default"))
    yield opened
    opened.ledger.close()
    opened.online.close()


def notice(url: str, id: str = "n1") -> Notice:
    fields: dict[str, Value] = {
        "model": "ranker",
        "monitor": "roc_auc >= 0.78",
        "version": "ranker@3",
        "value": 0.71,
        "bound": 0.78,
    }
    return Notice(
        system="shop", id=id, url=url, code="event.run-failed", fields=fields, severity="critical", at_us=1_000_000
    )


def test_a_notice_reaches_a_webhook_once(hook: Hook, ctx: Context, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SHOP_HOOK", f"http://127.0.0.1:{hook.server_port}/alerts")
    ctx.ledger.commit(notice("${SHOP_HOOK}"))
    assert [one.state for one in deliver("shop", post(), SOON, ctx)] == ["sent"]
    assert deliver("shop", post(), SOON, ctx) == ()
    (document,) = hook.documents
    assert document["notice"]["id"] == "n1"
    assert document["notice"]["severity"] == "critical"


def test_a_notice_reaches_a_mailbox(ctx: Context, free_port: int, monkeypatch: pytest.MonkeyPatch) -> None:
    box = Mailbox()
    controller = Controller(box, hostname="127.0.0.1", port=free_port)
    controller.start()
    try:
        monkeypatch.setenv(MAIL_SERVER, f"smtp://127.0.0.1:{free_port}")
        ctx.ledger.commit(notice("mailto:growth@shop.example"))
        assert [one.state for one in deliver("shop", post(), SOON, ctx)] == ["sent"]
    finally:
        controller.stop()
    ((to, subject),) = box.mails
    assert to == ["growth@shop.example"]
    assert subject.startswith("[shop] ")


def test_a_notice_that_nobody_takes_waits_and_says_why(
    ctx: Context, free_port: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv(MAIL_SERVER, raising=False)
    ctx.ledger.commit(notice(f"http://127.0.0.1:{free_port}/", "refused"), notice("mailto:a@shop.example", "no-server"))
    found = {one.id: one for one in deliver("shop", post(), SOON, ctx)}
    assert {one.state for one in found.values()} == {"waiting"}
    assert "serve.notice-failed" in found["refused"].error
    assert "settings.reference-unset" in found["no-server"].error
