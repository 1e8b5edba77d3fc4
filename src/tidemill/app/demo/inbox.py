"""A stand-in for a team's chat: takes the messages that the loop sends, on a free port of this machine."""

from __future__ import annotations

import json
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any


class Inbox:
    """Messages in the order in which they came; each also stands as a line of JSON in a file."""

    def __init__(self, file: Path) -> None:
        self.messages: list[dict[str, Any]] = []
        self._file = file
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self._thread = Thread(target=self._server.serve_forever, name="inbox", daemon=True)
        self._thread.start()

    @property
    def url(self) -> str:
        """Where messages go."""
        return f"http://127.0.0.1:{self._server.server_port}/alerts"

    def close(self) -> None:
        """Takes no more."""
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def take(self, body: bytes) -> None:
        """One message in."""
        message = json.loads(body)
        self.messages.append(message)
        with self._file.open("a", encoding="utf-8") as file:
            file.write(json.dumps(message, ensure_ascii=False) + "\n")

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        inbox = self

        class Handler(BaseHTTPRequestHandler):
            """Answers 204 to what is JSON, else 400."""

            def do_POST(self) -> None:
                """One message."""
                body = self.rfile.read(int(self.headers.get("content-length") or 0))
                try:
                    inbox.take(body)
                except ValueError:
                    self.send_error(400)
                    return
                self.send_response(204)
                self.end_headers()

            def log_message(self, format: str, *args: object) -> None:
                """Says nothing: the screen belongs to the story."""

        return Handler
