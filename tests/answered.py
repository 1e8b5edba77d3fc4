"""Requests answered as a worker does it, and the frames of the prediction log that come of it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from typing import Any

from tidemill.lifecycle.serve.answer import answer, served
from tidemill.lifecycle.serve.ask import parse
from tidemill.lifecycle.serve.record import Logged, write
from tidemill.ports.context import Context
from tidemill.predict.bundle import open_bundle
from tidemill.predict.predictor import Predictor


def answered(
    ctx: Context, bundle: str, bodies: Sequence[Mapping[str, Any]], moments: Sequence[int], version: str = "risk@1"
) -> Iterator[Logged]:
    """The bundle's answer to each body at each moment, from what the online store holds now."""
    opened = open_bundle(bundle, ctx.blobs)
    signature = opened.signature
    with closing(Predictor(opened, ctx.flavors[signature.flavor])) as predictor:
        ready = served(version, predictor)
        asks = [ask for moment in moments for ask in parse(signature, ready.fields, list(bodies), moment)]
        for place, said in enumerate(answer(ready, asks, ctx.online)):
            yield Logged(
                ask=f"q{place}", asked_at_us=said.ask.asked_at_us, received_at_us=said.ask.asked_at_us,
                system=signature.system, model=signature.model, version=version, bundle=bundle, arm="champion",
                policy=1, keys=said.ask.keys, request=said.ask.request, looked_up=said.looked_up,
                computed=said.computed, marks=said.marks, score=said.score, decision=said.decision, flags=said.flags,
            )  # fmt: skip


def log(ctx: Context, *answers: Logged) -> list[str]:
    """Writes them into the journal; their ids."""
    with closing(ctx.journal.writer("predictions", "w0")) as writer:
        return [str(write(writer, one)) for one in answers]
