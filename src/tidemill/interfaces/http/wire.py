"""Bytes in, bytes out: bodies read, answers and errors written, each error with its status and its words."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import msgspec

from tidemill.errors import BusyError, RequestError, ServeError, TidemillError
from tidemill.facts.codec import plain
from tidemill.tell.words import sentence, way_out

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
JSON = b"application/json"
RETRY_SECONDS = b"1"
FLOATS, DECIMALS = msgspec.json.Decoder(float_hook=float), msgspec.json.Decoder(float_hook=Decimal)

NOT_FOUND = frozenset({"request.path-unknown", "request.model-unknown", "request.source-unknown"})
STATUS: Mapping[str, int] = dict.fromkeys(NOT_FOUND, 404) | {
    "request.method-not-allowed": 405,
    "request.body-too-slow": 408,
    "request.body-too-large": 413,
    "store.online-unreachable": 503,
    "serve.answer-failed": 500,
    "serve.score-not-finite": 500,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Response:
    """What goes back: status, body, its type and further headers."""

    status: int = 200
    body: bytes = b""
    type: bytes = JSON
    headers: tuple[tuple[bytes, bytes], ...] = ()

    def asgi_headers(self) -> list[tuple[bytes, bytes]]:
        """The headers as ASGI wants them."""
        return [(b"content-type", self.type), (b"content-length", b"%d" % len(self.body)), *self.headers]


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """What came: method, path without the first slash, lower-case headers (the last of a name), and the body."""

    method: str
    path: str
    headers: Mapping[bytes, bytes] = field(default_factory=dict)
    body: bytes = b""

    def header(self, name: bytes) -> str:
        """The header's text, "" without one."""
        return self.headers.get(name, b"").decode("latin-1")


def read(body: bytes) -> Mapping[str, Any]:
    """The JSON object of a body; a number that no float holds is infinite. RequestError `not-json`, `not-an-object`."""
    try:
        return demanded(msgspec.json.decode(body))
    except msgspec.ValidationError:
        return decoded(body, FLOATS)
    except (msgspec.DecodeError, RecursionError, UnicodeDecodeError) as error:
        raise RequestError("not-json", words=str(error)) from error


def read_exactly(body: bytes) -> Mapping[str, Any]:
    """The same with every fraction as a Decimal of its digits."""
    return decoded(body, DECIMALS)


def decoded(body: bytes, decoder: msgspec.json.Decoder[Any]) -> Mapping[str, Any]:
    """The JSON object as this decoder reads it. RequestError as `read`."""
    try:
        return demanded(decoder.decode(body))
    except (msgspec.DecodeError, RecursionError, UnicodeDecodeError) as error:
        raise RequestError("not-json", words=str(error)) from error


def demanded(found: Any) -> Mapping[str, Any]:
    """What was read, if it is an object. RequestError `not-an-object`."""
    if not isinstance(found, dict):
        raise RequestError("not-an-object")
    return found


def rows(document: Mapping[str, Any], name: str) -> list[object]:
    """The list of that name. RequestError `list-missing`."""
    found = document.get(name)
    if not isinstance(found, list) or not found:
        raise RequestError("list-missing", name=name)
    return found


def written(document: object, status: int = 200) -> Response:
    """The document as JSON."""
    return Response(status=status, body=msgspec.json.encode(document))


def refused(error: TidemillError) -> Response:
    """The error as a person and a program read it."""
    headers: tuple[tuple[bytes, bytes], ...] = ()
    status = status_of(error)
    if status == 503:
        headers = ((b"retry-after", RETRY_SECONDS),)
    if status == 405:
        headers = ((b"allow", str(error.fields["allowed"]).encode()),)
    body = msgspec.json.encode({"error": said(error)})
    return Response(status=status, body=body, headers=headers)


def said(error: TidemillError) -> dict[str, Any]:
    """Code, sentence with the way out, fields."""
    message = f"{sentence(error.code, error.fields)} {way_out(error.code, error.fields)}".strip()
    return {"code": error.code, "message": message, "fields": plain(dict(error.fields))}


def status_of(error: TidemillError) -> int:
    """400 for a caller's mistake, 503 for what the server cannot do now, unless the code says it nearer."""
    if error.code in STATUS:
        return STATUS[error.code]
    if isinstance(error, RequestError):
        return 400
    return 503 if isinstance(error, ServeError | BusyError) else 500


def moment(us: int | None) -> str | None:
    """Microseconds as ISO text in UTC."""
    return None if us is None else (EPOCH + timedelta(microseconds=us)).isoformat().replace("+00:00", "Z")
