"""The prediction log as a dataset: frames of the journal land as rows, one per answer or shown item."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from typing import Any

import pyarrow as pa

from tidemill.facts.codec import digest_bytes
from tidemill.facts.data import NOT_YET, ColumnType, DatasetVersion
from tidemill.features.offline.columns import type_of
from tidemill.ports.context import Context
from tidemill.ports.journal import Frame
from tidemill.ports.tables import BATCH, KNOWN_AT, OP, ROW, Draft

PREDICTIONS, OUTCOMES = "_predictions", "_outcomes"
STREAMS = {PREDICTIONS: "predictions", OUTCOMES: "outcomes"}
FRAMES = 20_000
UTC_US = pa.timestamp("us", tz="UTC")

SCHEMAS: dict[str, pa.Schema] = {
    PREDICTIONS: pa.schema(
        [
            (name, pa.string())
            for name in ("id", "ask", "model", "version", "bundle", "arm", "error", "endpoint", "item")
        ]
        + [(name, pa.string()) for name in ("keys", "request", "features", "looked_up", "marks", "decision", "flags")]
        + [("asked_at", UTC_US), ("received_at", UTC_US), ("score", pa.float64()), ("propensity", pa.float64())]
        + [("policy", pa.int64()), ("latency_us", pa.int64()), ("position", pa.int64()), ("explored", pa.bool_())]
    ),
    OUTCOMES: pa.schema(
        [("id", pa.string()), ("value", pa.float64()), ("happened_at", UTC_US), ("received_at", UTC_US)]
    ),
}
"""Columns of the landed streams; `keys` to `marks` and `flags` are JSON."""
TIME = {PREDICTIONS: "asked_at", OUTCOMES: "happened_at"}


def land(dataset: str, system: str, now_us: int, ctx: Context) -> DatasetVersion | None:
    """The dataset with what the journal has beyond it (None while there is nothing): exactly once, by the cursor."""
    previous = ctx.tables.newest(dataset)
    cursor = previous.cursor if previous else ""
    files, content = [], previous.content if previous else ""
    row = previous.rows if previous else 0
    newest = previous.watermark_us if previous else NOT_YET
    while True:
        frames, after = ctx.journal.read(STREAMS[dataset], cursor, FRAMES)
        if not frames:
            break
        table = table_of(dataset, frames, now_us, row)
        cursor = after
        if table.num_rows:
            staged = ctx.tables.stage(dataset, table, time=TIME[dataset])
            files.append(staged)
            content = digest_bytes((content + staged.digest).encode())
            row += table.num_rows
            newest = max(newest, staged.last_us or newest)
    if not files:
        return previous
    draft = Draft(
        system=system,
        dataset=dataset,
        files=tuple(files),
        rejected=(),
        cursor=cursor,
        watermark_us=newest,
        columns=tuple(ColumnType(name=field.name, type=type_of(field.type)) for field in SCHEMAS[dataset]),
        content=content,
        at_us=now_us,
    )
    return ctx.tables.commit(draft, previous)


def table_of(dataset: str, frames: Sequence[Frame], now_us: int, first_row: int) -> pa.Table:
    """The frames as rows with the lake's own columns."""
    documents = [(frame.id, json.loads(frame.payload)) for frame in frames]
    if dataset == PREDICTIONS:
        rows = [row for id, document in documents for row in predictions(id, document)]
    else:
        rows = [outcome(document) for _, document in documents]
    table = pa.Table.from_pylist(rows, SCHEMAS[dataset])
    count = table.num_rows
    table = table.append_column(KNOWN_AT, pa.array([now_us] * count, pa.int64()).cast(UTC_US))
    table = table.append_column(OP, pa.array(["I"] * count, pa.string()))
    table = table.append_column(BATCH, pa.array([0] * count, pa.int64()))
    return table.append_column(ROW, pa.array(range(first_row, first_row + count), pa.int64()))


def predictions(id: str, logged: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """One row of an answer; of a ranking one per shown item."""
    row = {
        "id": id, "ask": logged["ask"], "asked_at": logged["asked_at_us"], "received_at": logged["received_at_us"],
        "model": logged["model"], "version": logged["version"], "bundle": logged["bundle"], "arm": logged["arm"],
        "policy": logged["policy"], "keys": text(logged["keys"]), "request": text(logged["request"]),
        "looked_up": text(logged["looked_up"]), "marks": text(logged["marks"]), "score": logged["score"],
        "features": text({**logged["looked_up"], **logged["computed"]}), "decision": logged["decision"],
        "flags": text(logged["flags"]), "latency_us": logged["latency_us"], "error": logged["error"],
        "endpoint": logged["endpoint"], "explored": logged["explored"],
    }  # fmt: skip
    if not logged["endpoint"]:
        yield row
        return
    for shown in logged["shown"]:
        looked = {**logged["looked_up"], **shown["looked_up"]}
        computed = {**logged["computed"], **shown["computed"]}
        yield row | {
            "id": f"{id}:{shown['position']}", "item": text(shown["item"]), "position": shown["position"],
            "propensity": shown["propensity"], "score": shown["score"], "looked_up": text(looked),
            "features": text({**looked, **computed}),
        }  # fmt: skip


def outcome(posted: dict[str, Any]) -> dict[str, Any]:
    """One posted outcome; `id` is the prediction's."""
    return {
        "id": posted["id"],
        "value": float(posted["value"]),
        "happened_at": posted["happened_at_us"],
        "received_at": posted["received_at_us"],
    }


def text(value: object) -> str:
    """JSON."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
