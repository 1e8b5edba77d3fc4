"""A small version to pack and open: a request view with a word, a look-up, a function; its model is a constant."""

from __future__ import annotations

from dataclasses import replace

from tidemill.engines.flavors.constant import ConstantFlavor
from tidemill.facts.data import ColumnType
from tidemill.ports.flavor import FeatureColumn, Saved
from tidemill.predict.signature import Golden, Signature
from tidemill.spec.parse import parse, parse_named
from tidemill.spec.source import Files, Source
from tidemill.spec.view import Lookup, OnRequest, Request, Window

CALLS = Source(
    name="calls", dataset="calls", table=Files(path="calls.parquet"), key=("call_id",), time="called_at",
    expect=(parse("age between 15 and 110"),), condition=parse("age > 17"),
)  # fmt: skip
CALL = Request(
    name="call",
    source=CALLS,
    columns=(parse_named("job"), parse_named("age * 2 as twice"), parse_named("age - past.calls_7d as rest")),
    chosen=("job", "twice", "rest"),
)
PAST = Lookup(
    name="past", source=CALLS, entity=("client",),
    windows=(("calls_7d", Window(kind="count", length_us=604_800_000_000)),), chosen=("calls_7d",),
)  # fmt: skip
EVENING = OnRequest(
    name="is_evening",
    function=lambda asked_at: asked_at.hour >= 18,
    parameters=("asked_at",),
    returns="boolean",
    code="def is_evening(asked_at):\n    return asked_at.hour >= 18\n",
)
NINE_UTC_US = 9 * 3_600_000_000

SIGNATURE = Signature(
    system="bank",
    model="caller",
    kind="binary",
    zone="Asia/Seoul",
    label="subscribed",
    features=(
        FeatureColumn(name="call.job", type="text", vocabulary=("clerk", "cook")),
        FeatureColumn(name="call.twice", type="int"),
        FeatureColumn(name="call.rest", type="int"),
        FeatureColumn(name="past.calls_7d", type="int"),
        FeatureColumn(name="is_evening", type="boolean"),
    ),
    views=(CALL, PAST, EVENING),
    request=(ColumnType(name="job", type="text"), ColumnType(name="age", type="int")),
    keys=(ColumnType(name="client", type="text"),),
    looked_up=(ColumnType(name="past.calls_7d", type="int"),),
    asked=CALLS,
    decide=(("call", parse("score > 0.2")), ("leave", parse("true"))),
    sticky=("client",),
    flavor="constant",
    config={},
    golden=(
        Golden(
            request={"job": "cook", "age": 30, "client": "c1"}, looked_up={"past.calls_7d": 4},
            asked_at_us=NINE_UTC_US, score=0.25,
        ),
        Golden(
            request={"job": "astronaut", "age": None, "client": "c2"}, looked_up={"past.calls_7d": 0},
            asked_at_us=NINE_UTC_US - 1, score=0.25,
        ),
    ),
)  # fmt: skip


def saved(value: float = 0.25) -> Saved:
    """The constant as its flavor saves it."""
    return ConstantFlavor().save(value, SIGNATURE.features, "binary")


def remembering(score: float) -> Signature:
    """The signature with another remembered score of its second golden row."""
    first, second = SIGNATURE.golden
    return replace(SIGNATURE, golden=(first, replace(second, score=score)))
