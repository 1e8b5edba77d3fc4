"""Notices by mail, over SMTP.

`smtp://USER:PASSWORD@HOST:PORT?to=ops@shop.example,boss@shop.example&from=tidemill@shop.example`

User and password may be absent, and escaped as in every URL; `from` is the first receiver where it is absent. `smtp`
(port 25) turns to TLS where the server offers it and must where a password is sent; `smtps` (port 465) begins with TLS.
"""

from __future__ import annotations

import smtplib
import ssl
from email.message import EmailMessage
from urllib.parse import SplitResult, parse_qs, unquote, urlsplit

from tidemill.errors import ServeError

SECONDS = 15.0


class MailNotifier:
    """Sends to `smtp://` and `smtps://` addresses; the JSON document goes along as an attachment."""

    def __init__(self, *, tls: ssl.SSLContext | None = None) -> None:
        """`tls`: which certificates are trusted (None: those of this machine)."""
        self._tls = tls or ssl.create_default_context()

    def send(self, url: str, *, subject: str, text: str, document: bytes) -> None:
        """ServeError `notice-failed` when the server cannot be reached or takes the mail for none of the receivers."""
        parts = urlsplit(url)
        message = _message(parts, subject, text, document)
        try:
            with self._connected(parts) as server:
                self._entered(server, parts)
                refused = server.send_message(message)
        except (OSError, smtplib.SMTPException) as error:
            raise ServeError("notice-failed", address=_shown(parts), words=_words(error)) from error
        if refused:
            raise ServeError("notice-failed", address=", ".join(refused), words="refused by the mail server")

    def _connected(self, parts: SplitResult) -> smtplib.SMTP:
        host, port = parts.hostname or "", parts.port
        if parts.scheme == "smtps":
            return smtplib.SMTP_SSL(host, port or 465, timeout=SECONDS, context=self._tls)
        return smtplib.SMTP(host, port or 25, timeout=SECONDS)

    def _entered(self, server: smtplib.SMTP, parts: SplitResult) -> None:
        """Turns to TLS and logs in, as far as the address asks for it."""
        server.ehlo_or_helo_if_needed()
        if parts.scheme == "smtp" and (server.has_extn("starttls") or parts.password):
            server.starttls(context=self._tls)
        if parts.username:
            server.login(unquote(parts.username), unquote(parts.password or ""))


def _message(parts: SplitResult, subject: str, text: str, document: bytes) -> EmailMessage:
    """The mail. ServeError `notice-failed` when the address names no receiver."""
    asked = parse_qs(parts.query)
    to = [name.strip() for name in ",".join(asked.get("to", [])).split(",") if name.strip()]
    if not to:
        raise ServeError("notice-failed", address=_shown(parts), words="?to= is missing")
    message = EmailMessage()
    message["Subject"] = " ".join(subject.split())
    message["From"] = asked.get("from", to)[0]
    message["To"] = ", ".join(to)
    message.set_content(text)
    message.add_attachment(document, maintype="application", subtype="json", filename="notice.json")
    return message


def _shown(parts: SplitResult) -> str:
    """The address without user and password."""
    return f"{parts.scheme}://{parts.hostname or ''}" + (f":{parts.port}" if parts.port else "")


def _words(error: Exception) -> str:
    """The server's own words where it said some, never the password."""
    if isinstance(error, smtplib.SMTPResponseException):
        said = error.smtp_error
        return f"{error.smtp_code} {said.decode(errors='replace') if isinstance(said, bytes) else said}"
    return str(error) or type(error).__name__
