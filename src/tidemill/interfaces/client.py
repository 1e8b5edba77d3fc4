"""Asks a running server from Python: predictions, rankings, outcomes, rows."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Self
from urllib.parse import quote

from tidemill.errors import RequestError, ServeError, TidemillError
from tidemill.interfaces import sending

if TYPE_CHECKING:
    from urllib3 import PoolManager


class Client:
    """One server by its URL. Connections are kept; it may be used from several threads.

    What the server refuses is raised as it was meant there: RequestError with its fields, ServeError for what it cannot
    do now; ServeError `unreachable` when nobody answers.

    Values may be what rows of pandas and NumPy hold: NaN, NaT and NA are sent as null, a Decimal with all its digits.
    Infinity is no value: the server refuses it by the name of its field. TypeError for what JSON has no word for.
    """

    def __init__(self, url: str, *, timeout_s: float = 10.0) -> None:
        """`url`: where `tidemill up` says it serves, `http://127.0.0.1:8000`."""
        self.url = url.rstrip("/")
        self.timeout_s = timeout_s
        self._pool: PoolManager | None = None

    def predict(self, model: str, instances: Sequence[Mapping[str, object]]) -> dict[str, Any]:
        """`{"model", "version", "predictions": [{"id", "score" or "value", "decision", "flags"}, ...]}`, in order."""
        return self._post(f"predict/{quote(model, safe='')}", {"instances": list(instances)})

    def rank(self, endpoint: str, *, top: int | None = None, **entity: object) -> dict[str, Any]:
        """`{"model", "version", "items": [...], "cold", "candidates_at"}` for the entity's columns by name."""
        return self._post(quote(endpoint), entity if top is None else {**entity, "top": top})

    def outcomes(self, outcomes: Sequence[Mapping[str, object]]) -> dict[str, Any]:
        """Tells what came of predictions: `[{"id", "value", "happened_at"}, ...]` to `{"accepted", "rejected"}`."""
        return self._post("outcomes", {"outcomes": list(outcomes)})

    def push(self, source: str, rows: Sequence[Mapping[str, object]]) -> dict[str, Any]:
        """Brings rows of a source as they happen; `{"accepted", "rejected": [{"row", "code", "message"}, ...]}`."""
        return self._post(f"events/{quote(source, safe='')}", {"rows": list(rows)})

    def about(self) -> dict[str, Any]:
        """What the server serves, and the fields that each model needs."""
        return self._answer("GET", "", None)

    def close(self) -> None:
        """Ends the kept connections."""
        if self._pool is not None:
            self._pool.clear()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *raised: object) -> None:
        self.close()

    def _post(self, path: str, document: Mapping[str, object]) -> dict[str, Any]:
        return self._answer("POST", path, sending.body(document))

    def _answer(self, method: str, path: str, body: bytes | None) -> dict[str, Any]:
        """The JSON object of the response, or the error in it."""
        from urllib3 import PoolManager
        from urllib3.exceptions import HTTPError

        if self._pool is None:
            self._pool = PoolManager(maxsize=8)
        headers = {"content-type": "application/json"}
        try:
            response = self._pool.request(
                method, f"{self.url}/{path}", body=body, headers=headers, timeout=self.timeout_s, retries=False
            )
        except HTTPError as error:
            raise ServeError("unreachable", url=self.url, words=str(error)) from error
        try:
            found = json.loads(response.data)
        except ValueError as error:
            raise ServeError("not-ours", url=self.url, status=response.status) from error
        if response.status != 200:
            raise error_of(found, self.url, response.status)
        answer: dict[str, Any] = found
        return answer


def error_of(found: Any, url: str, status: int) -> TidemillError:
    """The error that the server told."""
    told = found.get("error") if isinstance(found, dict) else None
    if not isinstance(told, dict) or "code" not in told:
        return ServeError("not-ours", url=url, status=status)
    family, _, name = str(told["code"]).partition(".")
    fields = {str(key): value for key, value in dict(told.get("fields") or {}).items()}
    return (RequestError if family == "request" else ServeError)(name, **fields)
