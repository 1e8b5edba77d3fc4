"""The client raises what the server meant, and says who did not answer."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from decimal import Decimal
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tidemill.errors import RequestError, ServeError
from tidemill.interfaces.client import Client
from tidemill.interfaces.sending import body


@contextmanager
def serving(status: int, body: bytes) -> Iterator[tuple[str, list[tuple[str, str, Any]]]]:
    """A server that answers everything alike; the list gets what it was asked."""
    asked: list[tuple[str, str, Any]] = []

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            data = self.rfile.read(int(self.headers.get("content-length", 0)))
            asked.append((self.command, self.path, json.loads(data) if data else None))
            self.send_response(status)
            self.send_header("content-length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def do_GET(self) -> None:
            self.do_POST()

        def log_message(self, format: str, *args: object) -> None:
            """Says nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.block_on_close = False
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/", asked
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def test_asks_as_the_wire_wants_it() -> None:
    with serving(200, b'{"ok": true}') as (url, asked), Client(url) as client:
        client.predict("risk", [{"amount": np.float64(3.5), "at": datetime(2026, 1, 1, tzinfo=UTC)}])
        client.rank("recommend", customer_id=7, top=3)
        client.rank("recommend", customer_id=7)
        client.outcomes([{"id": "w.1-8", "value": True}])
        client.push("clicks", [{"a": 1}])
        assert client.about() == {"ok": True}
    assert asked == [
        ("POST", "/predict/risk", {"instances": [{"amount": 3.5, "at": "2026-01-01T00:00:00+00:00"}]}),
        ("POST", "/recommend", {"customer_id": 7, "top": 3}),
        ("POST", "/recommend", {"customer_id": 7}),
        ("POST", "/outcomes", {"outcomes": [{"id": "w.1-8", "value": True}]}),
        ("POST", "/events/clicks", {"rows": [{"a": 1}]}),
        ("GET", "/", None),
    ]


def test_raises_the_callers_mistake_with_its_fields() -> None:
    told = {"error": {"code": "request.field-missing", "message": "...", "fields": {"missing": ["a"]}}}
    with (
        serving(400, json.dumps(told).encode()) as (url, _),
        Client(url) as client,
        pytest.raises(RequestError) as raised,
    ):
        client.predict("risk", [{}])
    assert (raised.value.code, dict(raised.value.fields)) == ("request.field-missing", {"missing": ["a"]})


def test_raises_what_the_server_cannot_do() -> None:
    told = {"error": {"code": "serve.no-champion", "message": "...", "fields": {"model": "risk"}}}
    with serving(503, json.dumps(told).encode()) as (url, _), Client(url) as client:
        with pytest.raises(ServeError) as raised:
            client.predict("risk", [{}])
        assert raised.value.code == "serve.no-champion"


@pytest.mark.parametrize(("status", "body"), [(200, b"<html>"), (502, b"[]"), (500, b'{"detail": "x"}')])
def test_says_when_it_is_no_server_of_ours(status: int, body: bytes) -> None:
    with serving(status, body) as (url, _), Client(url) as client, pytest.raises(ServeError, match="not-ours"):
        client.about()


def test_says_when_nobody_answers(free_port: int) -> None:
    with Client(f"http://127.0.0.1:{free_port}") as client, pytest.raises(ServeError, match="unreachable"):
        client.about()


def test_what_json_cannot_say_is_a_type_error() -> None:
    with pytest.raises(TypeError, match="object cannot be sent"):
        Client("http://x").predict("risk", [{"a": object()}])


def test_nulls_of_pandas_are_null_and_decimals_keep_their_digits() -> None:
    times = [pd.NaT, pd.Timestamp("2026-01-01")]
    rows = pd.DataFrame({"a": [1.5, float("nan")], "b": times, "c": [pd.NA, np.int64(7)]})
    many: list[Mapping[str, object]] = [dict(zip("abc", row, strict=True)) for row in rows.astype(object).values]
    many.append({"a": np.float32("nan"), "b": np.datetime64("NaT"), "c": Decimal("NaN")})
    with serving(200, b"{}") as (url, asked), Client(url) as client:
        client.push("clicks", many)
        client.predict("risk", many)
        client.outcomes([{"id": "w.1-8", "value": float("nan")}])
        client.push("clicks", [{"price": Decimal("123456789012345678.05"), "n": 2**70, "by": np.str_("me")}])
    wanted = [
        {"a": 1.5, "b": None, "c": None},
        {"a": None, "b": "2026-01-01T00:00:00", "c": 7},
        {"a": None, "b": None, "c": None},
    ]
    assert [sent for _, _, sent in asked[:3]] == [
        {"rows": wanted},
        {"instances": wanted},
        {"outcomes": [{"id": "w.1-8", "value": None}]},
    ]
    assert asked[3][2] == {"rows": [{"price": 123456789012345678.05, "n": 2**70, "by": "me"}]}


@given(st.decimals(allow_nan=False, allow_infinity=False))
def test_any_decimal_is_sent_with_all_its_digits(value: Decimal) -> None:
    assert json.loads(body({"n": value}), parse_float=Decimal, parse_int=Decimal) == {"n": value}


@pytest.mark.parametrize("value", [float("inf"), np.float32("inf"), Decimal("Infinity")])
def test_infinity_is_sent_as_a_number_that_no_float_holds(value: object) -> None:
    assert body({"n": value, "m": -1.0}) == b'{"n":1e999,"m":-1.0}'
    assert body({"n": -value}) == b'{"n":-1e999}'  # type: ignore[operator]  # a number of some kind
