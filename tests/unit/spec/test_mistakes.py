"""Each kind of mistake in a declaration: its code, its path, and the name that was probably meant."""

from __future__ import annotations

import ast
import math
from collections.abc import Callable, Mapping
from typing import Any

import pytest

import tidemill as tm
from tests.unit.spec.kit import SCHEMAS, Kit, fit, is_weekend
from tidemill.errors import DeclarationError
from tidemill.spec.examine import Mistake, examine
from tidemill.spec.model import Tunable
from tidemill.tell.words import codes
from tidemill.tell.words.template import fill

THRESHOLD = 5
SECRET = object()
BOTH: Any = Tunable(low=1, high=2, choices=(1,))

Case = tuple[str, Callable[[Kit], object], str, Mapping[str, object]]


def no_valid(train: tm.Data) -> object:
    return train


def no_default(train: tm.Data, valid: tm.Data, leaves: int) -> object:
    return train, valid, leaves


def odd_type(train: tm.Data, valid: tm.Data, leaves: list[int] = []) -> object:  # noqa: B006 - the mistake is its type
    return train, valid, leaves


def empty_range(train: tm.Data, valid: tm.Data, leaves: int = tm.tune(9, 3)) -> object:
    return train, valid, leaves


def log_of_zero(train: tm.Data, valid: tm.Data, rate: float = tm.tune(0.0, 1.0, log=True)) -> object:
    return train, valid, rate


def range_and_choices(train: tm.Data, valid: tm.Data, n: int = BOTH) -> object:
    return train, valid, n


def loose(*amount: int) -> bool:
    return bool(amount)


def unsaid(amount: int):  # type: ignore[no-untyped-def]  # noqa: ANN201 - the mistake
    return amount > THRESHOLD


def foreign(amount: int) -> bool:
    return ast is not None and SECRET is not None and amount > THRESHOLD


def imports_numpy(amount: int) -> bool:
    import numpy as np

    return bool(np.isnan(amount))


def misspelt(amuont: int) -> bool:
    return amuont > THRESHOLD


async def coroutine(amount: int) -> bool:
    return amount > THRESHOLD


def ahead_as_feature(kit: Kit) -> None:
    ahead = tm.count("7d", of=kit.events)
    kit.label("busy", ahead={"later": ahead}, by="customer_id", outcome="later > 0")
    kit.features(windows={"later": ahead})


def another_systems_source(kit: Kit) -> None:
    far = tm.System("other", owner="a@b.example").source("far", tm.files("far.csv"), time="at")
    kit.features("far", source=far, columns=["price"])


def planted(kit: Kit, function: Callable[..., object]) -> None:
    kit.model(features=[kit.form, kit.system.on_request(function)])


READ: list[Case] = [
    (
        "duration-unread",
        lambda k: k.features(windows={"n": tm.count("30 days")}),
        "features more > windows.n > window",
        {"text": "30 days"},
    ),
    (
        "duration-outside",
        lambda k: k.features(columns=["price"], max_age="0d"),
        "features more > max_age",
        {"text": "0d"},
    ),
    (
        "duration-unread",
        lambda k: k.model(split=tm.by_time(valid="1w", test=0.1)),
        "model fit > split > valid",
        {"text": "1w"},
    ),
    (
        "duration-unread",
        lambda k: k.model(release=tm.canary("5%", shadow="a day")),
        "model fit > release > shadow",
        {"text": "a day"},
    ),
    (
        "share-unread",
        lambda k: k.model(release=tm.canary("5 percent")),
        "model fit > release > shares[0]",
        {"text": "5 percent"},
    ),
    (
        "share-outside",
        lambda k: k.model(release=tm.canary("5%", 1.5)),
        "model fit > release > shares[1]",
        {"share": 1.5},
    ),
    (
        "part-outside",
        lambda k: k.model(split=tm.by_hash(valid=1.0, test=0.1)),
        "model fit > split > valid",
        {"share": 1.0},
    ),
    (
        "rows-outside",
        lambda k: k.model(split=tm.by_time(valid=0.1, test=0, history=5)),
        "model fit > split > test",
        {"rows": 0},
    ),
    (
        "rows-outside",
        lambda k: k.features(windows={"x": tm.lag("price", 0, within="1d")}),
        "features more > windows.x > rows",
        {"rows": 0},
    ),
    (
        "scale-outside",
        lambda k: k.features(windows={"x": tm.sum("price", "1d", scale=30)}),
        "features more > windows.x > scale",
        {"scale": 30},
    ),
    (
        "number-bad",
        lambda k: k.model(gates=[tm.at_most("log_loss", math.nan)]),
        "model fit > gates[0] > bound",
        {},
    ),
    (
        "number-bad",
        lambda k: k.model(gates=[tm.not_worse("roc_auc", margin=-0.1)]),
        "model fit > gates[0] > margin",
        {"number": -0.1},
    ),
    (
        "metric-unknown",
        lambda k: k.model(gates=[tm.at_least("roc_acu", 0.5)]),  # type: ignore[arg-type]  # the mistake
        "model fit > gates[0] > metric",
        {"metric": "roc_acu", "nearest": "roc_auc"},
    ),
    (
        "metric-unknown",
        lambda k: k.model(metrics=["ndgc@10"]),
        "model fit > metrics[0]",
        {"nearest": "ndcg@10"},
    ),
    (
        "word-unknown",
        lambda k: k.model(split=tm.by_time(valid=0.1, test=0.1, refit="forwards")),  # type: ignore[arg-type]  # the mistake
        "model fit > split > refit",
        {"nearest": "forward"},
    ),
    (
        "expression-no-text",
        lambda k: k.label("worse", outcome=3),
        "label worse > outcome",
        {"given": "3"},
    ),
    (
        "cron-fields",
        lambda k: k.system.retrain(k.model(), tm.no_drift(), tm.cron("0 3 * *")),
        "retrain fit[1]",
        {"given": 4},
    ),
    (
        "cron-field",
        lambda k: k.candidates(every="0 25 * * *"),
        "candidates choices > every",
        {"field": "hour", "value": "25"},
    ),
    ("cron-never", lambda k: k.system.score(k.model(), to="out.csv", on="0 0 31 2 *"), "score fit > on", {}),
]  # fmt: skip

NAMED: list[Case] = [
    ("name-bad", lambda k: k.features("see also", columns=["price"]), "features see also", {"name": "see also"}),
    (
        "name-twice",
        lambda k: k.label("bad", outcome="status = 'late'"),
        "label bad",
        {"name": "bad", "kind": "label"},
    ),
    (
        "name-twice",
        lambda k: k.features("form", columns=["price"]),
        "features form",
        {"name": "form", "kind": "view"},
    ),
    (
        "name-twice",
        lambda k: k.features(columns=["price", "price / 2 as price"]),
        "features more",
        {"name": "price", "kind": "feature"},
    ),
    (
        "name-twice",
        lambda k: k.model(features=[k.form, k.past, k.past]),
        "model fit > features[2]",
        {"name": "past"},
    ),
    (
        "name-reserved",
        lambda k: k.system.rank("events", k.ranker(), k.system.declared().candidates[0], top=3),
        "rank events",
        {"name": "events"},
    ),
    (
        "name-ambiguous",
        lambda k: k.model(
            features=[k.form, k.past, k.features(windows={"n": tm.count("1d")})],
            gates=[tm.at_least("roc_auc", 0.5, by="n")],
        ),
        "model fit > gates[0] > by",
        {"meant": ("more.n", "past.n")},
    ),
    (
        "foreign",
        another_systems_source,
        "features far > source",
        {"kind": "source", "name": "far"},
    ),
    (
        "foreign",
        lambda k: k.model(label=Kit().label("late", outcome="status = 'late'")),
        "model fit > label",
        {"kind": "label", "name": "late"},
    ),
    (
        "foreign",
        lambda k: k.system.monitor(Kit().model(name="other"), tm.no_drift()),
        "monitor other",
        {"kind": "model"},
    ),
    (
        "foreign",
        lambda k: k.system.retrain(k.model(), tm.new_rows(Kit().label("bda"), 5)),
        "retrain fit[0]",
        {"kind": "label", "nearest": "bad"},
    ),
    ("nothing-given", lambda k: k.candidates(what=[]), "candidates choices > what", {"word": "what"}),
    ("nothing-given", lambda k: k.model(features=[]), "model fit > features", {"word": "features"}),
]  # fmt: skip

COLUMNS: list[Case] = [
    (
        "column-unknown",
        lambda k: k.request("also", columns=["amuont"]),
        "request also > columns[0]",
        {"column": "amuont", "where": "source loans", "nearest": "amount"},
    ),
    (
        "column-unknown",
        lambda k: k.features(entity="custmer_id", columns=["price"]),
        "features more > entity[0]",
        {"nearest": "customer_id"},
    ),
    (
        "column-unknown",
        lambda k: k.features(windows={"n": tm.count("1d", where="knid = 'view'")}),
        "features more > windows.n > where",
        {"nearest": "kind"},
    ),
    (
        "column-unknown",
        lambda k: k.features(windows={"n": tm.max("prize", "1d")}),
        "features more > windows.n",
        {"nearest": "price"},
    ),
    (
        "column-unknown",
        lambda k: k.system.source("logs", tm.files("x"), key="idd", time="at", known="att"),
        "source logs > key[0]",
        {"nearest": "id"},
    ),
    (
        "column-unknown",
        lambda k: k.system.source("logs", tm.files("x"), key="id", time="at", deleted="idd = 3"),
        "source logs > deleted",
        {"nearest": "id"},
    ),
    (
        "type-unfit",
        lambda k: k.system.source("logs", tm.files("x"), key="id", time="at", deleted="id"),
        "source logs > deleted",
        {"given": "int", "expected": ("boolean",)},
    ),
    (
        "key-missing",
        lambda k: k.system.source("logs", tm.files("x"), time="at", deleted="id = 3"),
        "source logs > deleted",
        {"word": "deleted", "source": "logs"},
    ),
    (
        "key-missing",
        lambda k: k.system.source("logs", tm.sql("sqlite:///x").table("logs", reconcile="1d"), time="at"),
        "source logs > reconcile",
        {"word": "reconcile", "source": "logs"},
    ),
    (
        "duration-unread",
        lambda k: k.system.source("logs", tm.sql("sqlite:///x").table("logs", reconcile="daily"), key="id", time="at"),
        "source logs > table > reconcile",
        {"text": "daily"},
    ),
    (
        "column-unknown",
        lambda k: k.events.where("knid = 'view'", name="views"),
        "source views > where",
        {"nearest": "kind"},
    ),
    (
        "column-unknown",
        lambda k: k.label("worse", asked=k.loans.where("amuont > 0")),
        "label worse > asked",
        {"nearest": "amount"},
    ),
    (
        "column-unknown",
        lambda k: k.label("worse", outcome="statsu = 'bad'"),
        "label worse > outcome",
        {"nearest": "status"},
    ),
    (
        "column-unknown",
        lambda k: k.model(gates=[tm.at_least("roc_auc", 0.5, by="stat")]),
        "model fit > gates[0] > by",
        {"nearest": "state"},
    ),
    (
        "column-unknown",
        lambda k: k.model(gates=[tm.at_least("roc_auc", 0.5, where="amuont > 3")]),
        "model fit > gates[0] > where",
        {"nearest": "amount"},
    ),
    (
        "column-unknown",
        lambda k: k.model(
            gates=[tm.fair("sate", decision="yes")],
            decide={"yes": "score < 0.1", "no": "true"},
        ),
        "model fit > gates[0] > group",
        {"nearest": "state"},
    ),
    (
        "column-unknown",
        lambda k: k.model(decide={"yes": "scroe < 0.1", "no": "true"}),
        "model fit > decide.yes",
        {"nearest": "score"},
    ),
    (
        "column-unknown",
        lambda k: k.model(split=tm.by_time(valid=0.1, test=0.1, together="custmer_id")),
        "model fit > split > together",
        {"nearest": "customer_id"},
    ),
    (
        "column-unknown",
        lambda k: k.model(split=tm.by_group("satte", valid=0.1, test=0.1)),
        "model fit > split > column",
        {"nearest": "state"},
    ),
    (
        "column-unknown",
        lambda k: k.model(metrics=[tm.per("sttae", "roc_auc")]),
        "model fit > metrics[0]",
        {"nearest": "state"},
    ),
    (
        "view-unknown",
        lambda k: k.request("also", columns=["amount - psat.n as less"]),
        "request also > columns[0]",
        {"view": "psat", "nearest": "past"},
    ),
    (
        "feature-unknown",
        lambda k: k.request("also", columns=["amount - past.m as less"]),
        "request also > columns[0]",
        {"feature": "m", "view": "past"},
    ),
    (
        "feature-unknown",
        lambda k: k.model(features=[k.form.drop("amuont"), k.past]),
        "model fit > features[0]",
        {"feature": "amuont", "nearest": "amount"},
    ),
    (
        "type-unfit",
        lambda k: k.events.where("price", name="dear"),
        "source dear > where",
        {"given": "float", "expected": ("boolean",)},
    ),
    (
        "type-unfit",
        lambda k: k.label("worse", outcome="status"),
        "label worse > outcome",
        {"given": "text"},
    ),
    (
        "type-unfit",
        lambda k: k.features(windows={"n": tm.sum("kind", "1d")}),
        "features more > windows.n",
        {"given": "text"},
    ),
    (
        "feature-type",
        lambda k: k.request("also", columns=["closed_at"]),
        "request also > closed_at",
        {"given": "timestamp"},
    ),
    ("features-none", lambda k: k.features(), "features more", {}),
    (
        "features-none",
        lambda k: k.model(features=[k.form.drop("amount", "state"), k.past]),
        "model fit > features[0]",
        {},
    ),
]  # fmt: skip

LABELS: list[Case] = [
    (
        "step-too-long",
        lambda k: k.features(windows={"n": tm.count("1d", step="2d")}),
        "features more > windows.n > step",
        {},
    ),
    (
        "of-outside-ahead",
        lambda k: k.features(windows={"n": tm.count("1d", of=k.loans)}),
        "features more > windows.n",
        {"name": "n"},
    ),
    (
        "ahead-as-feature",
        ahead_as_feature,
        "features more > windows.later",
        {"name": "later"},
    ),
    (
        "ahead-as-feature",
        lambda k: k.model(
            label=k.label(
                "busy", ahead={"amount": tm.count("7d", of=k.events)}, by="customer_id", outcome="amount > 0"
            )
        ),
        "model fit > features[0]",
        {"name": "amount"},
    ),
    (
        "ahead-step",
        lambda k: k.label(
            "busy", ahead={"n": tm.count("7d", of=k.events, step="1h")}, by="customer_id", outcome="n > 0"
        ),
        "label busy > ahead.n > step",
        {},
    ),
    (
        "ahead-looks-back",
        lambda k: k.label("busy", ahead={"n": tm.last("amount")}, by="customer_id", outcome="n > 0"),
        "label busy > ahead.n",
        {"kind": "last"},
    ),
    (
        "of-missing",
        lambda k: k.label("sold", asked=k.candidates(), ahead={"n": tm.count("7d")}, outcome="n > 0"),
        "label sold > ahead.n",
        {"name": "n"},
    ),
    (
        "by-missing",
        lambda k: k.label("busy", ahead={"n": tm.count("7d", of=k.events)}, outcome="n > 0"),
        "label busy > by",
        {},
    ),
    (
        "by-own-key",
        lambda k: k.label("again", ahead={"n": tm.count("7d")}, outcome="n > 0"),
        "label again > by",
        {"by": ("loan_id",)},
    ),
    ("by-without-ahead", lambda k: k.label("worse", by="customer_id"), "label worse > by", {}),
    (
        "column-unknown",
        lambda k: k.label("busy", ahead={"n": tm.count("7d", of=k.events)}, by="custmer_id", outcome="n > 0"),
        "label busy > by",
        {"where": "source loans", "nearest": "customer_id"},
    ),
    (
        "matures-missing",
        lambda k: k.label("closed", outcome="closed_at is not null", known="closed_at"),
        "label closed > matures",
        {"columns": ("closed_at",)},
    ),
    (
        "matures-without-known",
        lambda k: k.label("worse", matures="asked_at + interval '1 year'"),
        "label worse > matures",
        {},
    ),
    ("sql-syntax", lambda k: k.candidates(who="select distict a form b c"), "candidates choices > who", {"line": 1}),
    ("sql-no-select", lambda k: k.candidates(who="drop table events"), "candidates choices > who", {}),
    (
        "sql-table-unknown",
        lambda k: k.candidates(what="select item_id from evnets where happened_at < $asked_at"),
        "candidates choices > what[0]",
        {"table": "evnets", "nearest": "events"},
    ),
    (
        "sql-table-unknown",
        lambda k: k.system.source("logs", tm.query("select * from rwa", raw=tm.files("x")), time="at"),
        "source logs > table",
        {"nearest": "raw"},
    ),
    (
        "sql-column-missing",
        lambda k: k.candidates(who="select event_id from events where happened_at < $asked_at"),
        "candidates choices > who",
        {"columns": ("customer_id",), "given": ("event_id",)},
    ),
    (
        "sql-parameter-unknown",
        lambda k: k.candidates(who="select customer_id from events where happened_at < $asked_at - $w"),
        "candidates choices > who",
        {"parameter": "w"},
    ),
    ("share-outside", lambda k: k.label("worse", asked=k.loans.sample(2.0)), "label worse > asked", {"share": 2.0}),
]  # fmt: skip

MODELS: list[Case] = [
    (
        "request-tells-outcome",
        lambda k: k.model(features=[k.request("all", columns=["upper(status) as s"]), k.past]),
        "model fit > features[0]",
        {"column": "status", "part": "outcome", "label": "bad"},
    ),
    (
        "request-tells-outcome",
        lambda k: k.model(
            label=k.label("lost", outcome="lost > 0", known="closed_at", matures="asked_at + interval '1 year'"),
            features=[k.request("all", columns=["closed_at is null as open"])],
        ),
        "model fit > features[0]",
        {"column": "closed_at", "part": "known"},
    ),
    (
        "request-of-candidates",
        lambda k: k.ranker(features=[k.form, k.features("i", entity="item_id", columns=["price"])]),
        "model fit > features[0]",
        {"view": "form", "candidates": "choices"},
    ),
    (
        "request-of-other",
        lambda k: k.model(features=[k.request("seen", source=k.events, columns=["price"])]),
        "model fit > features[0]",
        {"source": "events", "asked": "loans"},
    ),
    (
        "entity-unknown",
        lambda k: k.model(features=[k.past.on("partner", custmer_id="loan_id")]),
        "model fit > features[0]",
        {"column": "custmer_id", "nearest": "customer_id"},
    ),
    (
        "key-not-asked",
        lambda k: k.model(features=[k.form, k.features("i", entity="item_id", columns=["price"])]),
        "model fit > features[1]",
        {"column": "item_id", "view": "i"},
    ),
    (
        "function-unreadable",
        lambda k: planted(k, lambda amount: amount > THRESHOLD),
        "on_request <lambda>",
        {},
    ),
    ("function-unreadable", lambda k: planted(k, coroutine), "on_request coroutine", {"name": "coroutine"}),
    ("argument-loose", lambda k: planted(k, loose), "on_request loose", {"argument": "amount"}),
    ("return-type", lambda k: planted(k, unsaid), "on_request unsaid", {"function": "unsaid"}),
    ("not-standard-library", lambda k: planted(k, foreign), "on_request foreign", {"name": "SECRET"}),
    ("not-standard-library", lambda k: planted(k, imports_numpy), "on_request imports_numpy", {"name": "numpy"}),
    (
        "argument-unknown",
        lambda k: planted(k, misspelt),
        "model fit > features[1]",
        {"argument": "amuont", "nearest": "amount"},
    ),
    ("function-arguments", lambda k: k.model(no_valid), "model no_valid", {"given": ("train",)}),
    ("parameter-without-default", lambda k: k.model(no_default), "model no_default", {"parameter": "leaves"}),
    ("parameter-type", lambda k: k.model(odd_type), "model odd_type", {"parameter": "leaves"}),
    ("range-empty", lambda k: k.model(empty_range), "model empty_range", {"low": 9, "high": 3}),
    ("range-log", lambda k: k.model(log_of_zero), "model log_of_zero", {"low": 0.0}),
    ("range-and-choices", lambda k: k.model(range_and_choices), "model range_and_choices", {"parameter": "n"}),
    ("trials-without-tune", lambda k: k.model(trials=20), "model fit > trials", {"trials": 20}),
    ("rows-outside", lambda k: k.model(trials=0), "model fit > trials", {"rows": 0}),
]  # fmt: skip

CHECKS: list[Case] = [
    (
        "metric-of-event",
        lambda k: k.model(label=k.label("loss", outcome="lost")),
        "model fit > gates[0]",
        {"metric": "roc_auc", "label": "loss"},
    ),
    (
        "metric-of-number",
        lambda k: k.model(metrics=["mae"]),
        "model fit > metrics[0]",
        {"metric": "mae", "label": "bad"},
    ),
    (
        "metric-without-groups",
        lambda k: k.model(gates=[tm.at_least("ndcg@10", 0.1)]),
        "model fit > gates[0]",
        {"metric": "ndcg@10"},
    ),
    (
        "metric-without-lists",
        lambda k: k.model(release=tm.canary("5%", require=[tm.not_worse("conversion")])),
        "model fit > release > require[0]",
        {"metric": "conversion"},
    ),
    (
        "metric-of-whole",
        lambda k: k.model(gates=[tm.at_most("p99_ms", 50, by="state")]),
        "model fit > gates[0]",
        {"metric": "p99_ms"},
    ),
    (
        "bound-outside",
        lambda k: k.model(gates=[tm.at_least("roc_auc", 80)]),
        "model fit > gates[0]",
        {"bound": 80, "high": 1.0},
    ),
    (
        "decide-missing",
        lambda k: k.system.monitor(k.model(), tm.at_most("rate_gap", 0.2, where="decision = 'yes'")),
        "monitor fit[0] > where",
        {"decision": "yes"},
    ),
    (
        "decision-unknown",
        lambda k: k.model(
            decide={"approve": "score < 0.2", "decline": "true"}, gates=[tm.fair("state", decision="aprove")]
        ),
        "model fit > gates[0]",
        {"nearest": "approve"},
    ),
    (
        "split-leaves-nothing",
        lambda k: k.model(split=tm.by_time(valid=0.5, test=0.5)),
        "model fit > split",
        {"valid": 0.5, "test": 0.5},
    ),
    (
        "shares-not-rising",
        lambda k: k.model(release=tm.canary("25%", "5%")),
        "model fit > release",
        {"shares": (0.25, 0.05)},
    ),
    (
        "rank-other-candidates",
        lambda k: k.system.rank("recommend", k.model(), k.candidates(), top=3),
        "rank recommend",
        {"candidates": "choices", "asked": "loans"},
    ),
    (
        "rank-items-alike",
        lambda k: k.system.rank("recommend", k.ranker(features=[k.past]), k.system.declared().candidates[0], top=3),
        "rank recommend",
        {"item": "item_id"},
    ),
    (
        "rows-outside",
        lambda k: k.system.rank("recommend", k.ranker(), k.system.declared().candidates[0], top=0),
        "rank recommend > top",
        {"rows": 0},
    ),
    (
        "share-outside",
        lambda k: k.system.rank("recommend", k.ranker(), k.system.declared().candidates[0], top=3, explore=2.0),
        "rank recommend > explore",
        {"share": 2.0},
    ),
    ("notify-url", lambda k: k.system.notify("risk@bank.example"), "notify risk@bank.example", {}),
    (
        "word-unknown",
        lambda k: k.system.notify("mailto:a@b.example", severity="warn"),  # type: ignore[arg-type]  # the mistake
        "notify mailto:a@b.example > severity",
        {"nearest": "warning"},
    ),
]  # fmt: skip

CASES = [*READ, *NAMED, *COLUMNS, *LABELS, *MODELS, *CHECKS]
LOGS = {"logs": {"id": "int", "at": "timestamp", "att": "timestamp"}}


def examined(plant: Callable[[Kit], object]) -> tuple[Mistake, ...]:
    kit = Kit()
    plant(kit)
    return kit.examined(schemas={**SCHEMAS, **LOGS}).mistakes


def test_the_kit_itself_has_no_mistake() -> None:
    kit = Kit()
    kit.model(features=[kit.form, kit.past, kit.system.on_request(is_weekend)])
    kit.ranker(name="ranker")
    assert kit.examined().mistakes == ()


@pytest.mark.parametrize(
    ("code", "plant", "path", "fields"), CASES, ids=[f"{case[0]}-{place}" for place, case in enumerate(CASES)]
)
def test_one_mistake_is_said_once_with_its_path(
    code: str, plant: Callable[[Kit], object], path: str, fields: Mapping[str, object]
) -> None:
    found = examined(plant)
    assert [(mistake.code, mistake.path) for mistake in found] == [(f"declaration.{code}", path)]
    assert fields.items() <= found[0].fields.items()


@pytest.mark.parametrize("plant", [case[1] for case in CASES], ids=[case[0] for case in CASES])
def test_every_mistake_has_its_line_and_words_that_its_fields_fill(plant: Callable[[Kit], object]) -> None:
    for mistake in examined(plant):
        file, _, line = mistake.place.partition(":")
        assert file in {"test_mistakes.py", "kit.py"}
        assert int(line) > 0
        said, way_out = codes("declaration")[mistake.code]
        assert fill(said, mistake.fields)
        assert fill(way_out, mistake.fields)


def test_every_code_of_the_family_is_planted_here() -> None:
    elsewhere = {"owner-missing", "zone-missing", "zone-unknown", "wrong-type", "schema-unread", "trials-not-active"}
    planted_here = {case[0] for case in CASES} | {note[0] for note in NOTES} | elsewhere
    assert set(codes("declaration")) == {f"declaration.{name}" for name in planted_here}


def test_an_expression_outside_the_dialect_is_a_mistake_with_its_path() -> None:
    (mistake,) = examined(lambda k: k.request("also", columns=["amount", "foo(amount) as x"]))
    assert mistake.path == "request also > columns[1]"
    assert mistake.code.startswith("expression.")


def test_types_that_do_not_go_together_are_a_mistake() -> None:
    (mistake,) = examined(lambda k: k.features(windows={"n": tm.count("1d", where="kind > 3")}))
    assert mistake.path == "features more > windows.n > where"
    assert mistake.code == "expression.type-mismatch"


def test_a_time_that_is_none_is_said_as_extraction_says_it() -> None:
    (mistake,) = examined(lambda k: k.system.source("logs", tm.files("x"), key="id", time="id"))
    assert (mistake.code, mistake.path) == ("data.time-type", "source logs > time")
    assert mistake.fields == {"column": "id", "type": "int", "where": "logs"}


def test_a_zone_that_is_none_is_said_with_the_nearest() -> None:
    system = tm.System("kit", owner="a@b.example", zone="Europe/Berln")
    (mistake,) = examine(system.declared()).mistakes
    assert (mistake.code, mistake.path) == ("declaration.zone-unknown", "system kit > zone")
    assert mistake.fields["nearest"] == "Europe/Berlin"


def test_naive_times_need_a_zone_and_utc_said_aloud_is_one() -> None:
    for system, expected in (
        (tm.System("kit", owner="a@b.example"), ["declaration.zone-missing"]),
        (tm.System("kit", owner="a@b.example", zone="UTC"), []),
    ):
        system.source("loans", tm.files("loans.csv"), time="applied_at")
        found = examine(system.declared(), naive={"loans": ["applied_at"]}).mistakes
        assert [mistake.code for mistake in found] == expected


def test_an_owner_and_a_plain_system_name_are_asked_for() -> None:
    found = examine(tm.System("my shop", owner=" ").declared()).mistakes
    assert [mistake.code for mistake in found] == ["declaration.name-bad", "declaration.owner-missing"]


def test_an_impossible_python_type_raises_where_it_stands() -> None:
    kit = Kit()
    with pytest.raises(DeclarationError) as raised:
        kit.system.monitor(fit, tm.no_drift())  # type: ignore[arg-type]  # the mistake
    assert raised.value.code == "declaration.wrong-type"
    assert raised.value.fields["expected"] == "Model"
    assert str(raised.value.fields["place"]).startswith("test_mistakes.py:")


@pytest.mark.parametrize(
    ("plant", "path", "expected"),
    [
        (lambda k: k.model(gates=tm.no_drift()), "model fit > gates", "a list of AtLeast or AtMost"),
        (lambda k: k.model(metrics="roc_auc"), "model fit > metrics", "a list of str or Per"),
        (lambda k: k.features(windows=[tm.count("1d")]), "features more > windows", "Mapping"),
        (lambda k: k.model(label=k.form), "model fit > label", "Label"),
        (lambda k: k.system.on_request(3), "on_request", "function"),
        (lambda k: tm.at_least("roc_auc", "0.8"), "bound", "int or float"),  # type: ignore[arg-type]  # the mistake
    ],
)
def test_what_was_expected_is_said(plant: Callable[[Kit], object], path: str, expected: str) -> None:
    with pytest.raises(DeclarationError) as raised:
        plant(Kit())
    assert raised.value.fields["path"] == path
    assert str(raised.value.fields["expected"]).startswith(expected)


def test_without_schemas_unknown_names_are_not_called_mistakes_but_noted() -> None:
    kit = Kit()
    kit.request("also", columns=["amuont"])
    kit.model()
    found = kit.examined(schemas={})
    assert found.mistakes == ()
    assert [(note.code, note.path) for note in found.notes] == [
        ("declaration.schema-unread", "source loans"),
        ("declaration.schema-unread", "source events"),
    ]


NOTES: list[tuple[str, Callable[[Kit], object], str]] = [
    ("gates-none", lambda k: k.model(gates=[]), "model fit > gates"),
    ("bound-direction", lambda k: k.model(gates=[tm.at_most("roc_auc", 0.7)]), "model fit > gates[0]"),
    ("gpu-not-active", lambda k: k.model(gates=[tm.at_most("gpu_memory_mib", 9)]), "model fit > gates[0]"),
    ("decide-open", lambda k: k.model(decide={"yes": "score < 0.2"}), "model fit > decide"),
    ("known-by-column", lambda k: k.label("worse", known="closed_at"), "label worse > known"),
    ("score-not-active", lambda k: k.system.score(k.model(), to="out.csv", on="0 1 * * *"), "score fit"),
    ("sql-without-asked-at", lambda k: k.candidates(who="select customer_id from events"), "candidates choices > who"),
]


@pytest.mark.parametrize(("code", "plant", "path"), NOTES, ids=[note[0] for note in NOTES])
def test_what_is_worth_knowing_is_a_note_and_no_mistake(code: str, plant: Callable[[Kit], object], path: str) -> None:
    kit = Kit()
    plant(kit)
    found = kit.examined()
    assert found.mistakes == ()
    assert [(note.code, note.path) for note in found.notes] == [(f"declaration.{code}", path)]
    said, _ = codes("declaration")[found.notes[0].code]
    assert fill(said, found.notes[0].fields)


def test_a_search_is_noted_as_not_yet_active() -> None:
    kit = Kit()

    def tuned(train: tm.Data, valid: tm.Data, leaves: int = tm.tune(7, 63)) -> object:
        return train, valid, leaves

    kit.model(tuned, trials=20)
    found = kit.examined()
    assert found.mistakes == ()
    assert [note.code for note in found.notes] == ["declaration.trials-not-active"]
