"""Notices over HTTP: one POST of JSON, as chat services take it."""

from __future__ import annotations

import json
from urllib.parse import urlsplit

import urllib3

from tidemill.errors import ServeError

TIMEOUT = urllib3.Timeout(connect=5, read=10)


class WebhookNotifier:
    """Posts to `http://` and `https://` addresses.

    The body is a JSON object: `text` (what chat services show), `subject`, and `notice` (the document, for programs).
    """

    def __init__(self, *, timeout: urllib3.Timeout = TIMEOUT) -> None:
        # A redirect is not followed: the notice would go to an address that nobody declared.
        self._pool = urllib3.PoolManager(timeout=timeout, retries=False)

    def send(self, url: str, *, subject: str, text: str, document: bytes) -> None:
        """ServeError `notice-failed` unless the answer is 2xx; the address in it is without path, user and query."""
        if urlsplit(url).scheme not in {"http", "https"}:
            raise ServeError("notice-failed", address=shown(url), words="no http address")
        body = {"text": text, "subject": subject, "notice": json.loads(document)}
        try:
            answer = self._pool.request("POST", url, json=body)
        except (urllib3.exceptions.HTTPError, ValueError) as error:
            raise ServeError("notice-failed", address=shown(url), words=type(error).__name__) from error
        if not 200 <= answer.status < 300:
            raise ServeError("notice-failed", address=shown(url), words=f"HTTP {answer.status}")


def shown(url: str) -> str:
    """The address without what may be a secret: chat services keep the token in the path."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.hostname or ''}" + (f":{parts.port}" if parts.port else "")
