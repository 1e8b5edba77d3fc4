"""A training set: labels with features as of each moment, cut to what is mature, split, with its proof and card."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pyarrow as pa
import pytest

import tidemill as tm
from tests.street import DAY, HOUR, Street, table, us
from tests.unit.lifecycle.lender import ROWS, START, lender, rate
from tidemill.errors import DataError, ModelError, TidemillError
from tidemill.facts.data import ColumnType, TrainingSet
from tidemill.lifecycle.prepare.split import PART
from tidemill.lifecycle.prepare.stage import FORWARD

LATE: dict[str, Any] = {"watermark_us": START + 1_000 * DAY}


def test_tells_what_it_is_made_of() -> None:
    mill, _ = lender()
    facts = mill.prepare("risk", **LATE)
    assert facts.features == (
        ColumnType(name="form.age", type="number"), ColumnType(name="form.amount", type="number"),
        ColumnType(name="form.town", type="text"), ColumnType(name="form.per_head", type="number"),
        ColumnType(name="nearby.loans_2d", type="number"), ColumnType(name="nearby.mean_2d", type="number"),
        ColumnType(name="hour", type="number"),
    )  # fmt: skip
    assert [(part.name, part.rows) for part in facts.parts] == [("train", 420), ("valid", 60), ("test", 120)]
    chosen = mill.chosen(facts)
    assert sum(part.positives or 0 for part in facts.parts) == sum(chosen["_y"].to_pylist())
    test = facts.parts[2]
    assert (test.first_us, test.last_us) == (START + 480 * HOUR, START + 599 * HOUR)
    assert (facts.until_us, facts.immature, facts.versions) == (START + 599 * HOUR, 0, ("loans@v1", "towns@v1"))
    assert {one.code for one in facts.proof} == {"proof.no-time-overlap"}
    assert [one.fields["gap_us"] for one in facts.proof] == [HOUR, HOUR, 61 * HOUR]


def test_the_same_rows_give_the_same_set_and_another_declaration_another_recipe() -> None:
    first, second = (lender()[0].prepare("risk", **LATE) for _ in range(2))
    assert first == second
    assert lender(outcome="not bad")[0].prepare("risk", **LATE).recipe != first.recipe


def test_only_what_is_known_by_the_watermark_is_mature() -> None:
    mill, _ = lender(known="asked_at + interval '5 days'")
    facts = mill.prepare("risk", watermark_us=START + 20 * DAY)
    chosen = mill.chosen(facts)
    assert facts.until_us == START + 15 * DAY
    assert facts.immature == ROWS - (15 * 24 + 1)
    assert max(chosen["_known_us"].to_pylist()) == START + 20 * DAY
    assert mill.prepare("risk", watermark_us=START + 1_000 * DAY, now_us=START + 20 * DAY).blob == facts.blob


def test_an_earlier_moment_is_cut_from_the_table_of_all_asks() -> None:
    """Features never change afterwards: a set of an earlier moment is the same whether built then or cut now."""
    mill, _ = lender(known="asked_at + interval '1 day'")
    whole = mill.prepare("risk", watermark_us=START + 30 * DAY)
    cut = mill.prepare("risk", watermark_us=START + 12 * DAY, frame=whole)
    built = mill.prepare("risk", watermark_us=START + 12 * DAY)
    assert (cut.blob, cut.parts, cut.recipe) == (built.blob, built.parts, built.recipe)
    assert cut.blob != whole.blob


def test_at_once_takes_every_outcome_as_known_when_asked_and_says_so() -> None:
    mill, _ = lender(known="asked_at + interval '100 days'")
    with pytest.raises(DataError) as caught:
        mill.prepare("risk", watermark_us=START + 30 * DAY)
    assert (caught.value.code, caught.value.fields["asks"]) == ("data.nothing-mature", ROWS)
    facts = mill.prepare("risk", watermark_us=START + 30 * DAY, labels="at-once")
    assert sum(part.rows for part in facts.parts) == ROWS
    assert facts.card[-1].code == "card.labels-at-once"
    assert [one.fields["gap_us"] for one in facts.proof] == [HOUR, HOUR, 61 * HOUR]


def test_a_refit_uses_every_mature_row_and_the_split_only_its_parts() -> None:
    mill, _ = lender(split=tm.by_time(valid=50, test=100, history=300))
    chosen = mill.chosen(mill.prepare("risk", **LATE))
    assert chosen[PART].to_pylist() == [1] * 150 + [2] * 50 + [3] * 100
    assert chosen[FORWARD].to_pylist() == [1] * 250 + [2] * 50


def test_together_keeps_each_group_in_one_part_and_rows_without_one_apart() -> None:
    rows = lender()[0].readers["loans"]._rows
    group = pa.array([None if n % 50 == 0 else f"trip {n // 25}" for n in range(ROWS)])
    mill, _ = lender(
        rows=rows.append_column("trip", group), split=tm.by_time(valid=0.1, test=0.2, together="trip"),
    )  # fmt: skip
    chosen = mill.chosen(mill.prepare("risk", **LATE)).to_pylist()
    parts: dict[object, set[int]] = {}
    for row in chosen:
        parts.setdefault(row["trip"], set()).add(row[PART])
    assert parts.pop(None) == {1, 2, 3}
    assert all(len(found - {0}) <= 1 for found in parts.values())


def test_a_hash_split_hashes_the_asks_key() -> None:
    mill, _ = lender(split=tm.by_hash(valid=0.2, test=0.2))
    facts = mill.prepare("risk", **LATE)
    later, _ = lender(rows=mill.readers["loans"]._rows.slice(100), split=tm.by_hash(valid=0.2, test=0.2))
    whole = {row["loan"]: row[PART] for row in mill.chosen(facts).to_pylist()}
    part = {row["loan"]: row[PART] for row in later.chosen(later.prepare("risk", **LATE)).to_pylist()}
    assert part.items() <= whole.items()
    assert [one.rows / ROWS for one in facts.parts] == pytest.approx([0.6, 0.2, 0.2], abs=0.05)


def test_a_group_split_hashes_what_the_group_is() -> None:
    mill, _ = lender(split=tm.by_group("town", valid=0.3, test=0.3))
    town_of = {row["town"]: row[PART] for row in mill.chosen(mill.prepare("risk", **LATE)).to_pylist()}
    assert len(town_of) == 4
    few, _ = lender(rows=mill.readers["loans"]._rows.slice(0, 300), split=tm.by_group("town", valid=0.3, test=0.3))
    assert {
        row["town"]: row[PART] for row in few.chosen(few.prepare("risk", **LATE)).to_pylist()
    }.items() <= town_of.items()


def test_the_card_says_what_figures_stand_on() -> None:
    mill, _ = lender()
    card = {(one.code, one.subject): one.fields for one in mill.prepare("risk", **LATE).card}
    assert card["card.truncated-windows", "nearby"] == {
        "view": "nearby", "source": "loans", "asks": 48, "of": ROWS, "moments": 48, "window_days": 2.0,
    }  # fmt: skip
    assert ("card.known-as-happened", "loans") in card
    absurd = {"loan": -1, "asked": datetime(1, 1, 1, tzinfo=UTC)}
    first = pa.Table.from_pylist([absurd], mill.readers["loans"]._rows.schema)
    old, _ = lender(rows=pa.concat_tables([first, mill.readers["loans"]._rows]))
    said = {(one.code, one.subject): one.fields for one in old.prepare("risk", **LATE).card}
    assert said["card.truncated-windows", "nearby"]["asks"] == 48
    rows = mill.readers["loans"]._rows
    empty, _ = lender(rows=rows.set_column(3, "age", pa.array([None] * ROWS, pa.int64())))
    assert ("card.empty-feature", "risk.form.age") in {
        (one.code, one.subject) for one in empty.prepare("risk", **LATE).card
    }


@pytest.mark.parametrize(
    ("words", "code", "fields"),
    [
        ({"columns": ["agee"]}, "data.column-missing", {"column": "agee", "nearest": "age"}),
        ({"outcome": "badd"}, "data.column-missing", {"column": "badd", "nearest": "bad"}),
        ({"columns": ["nearby.loans_3d"]}, "data.column-missing", {"column": "nearby.loans_3d"}),
        ({"split": tm.by_time(valid=0.1, test=0.1, together="trip")}, "data.column-missing", {"column": "trip"}),
        ({"outcome": "case when amount < 0 then true end"}, "data.nothing-mature", {"asks": 0}),
    ],
)
def test_what_is_missing_is_named(words: dict[str, Any], code: str, fields: dict[str, object]) -> None:
    mill, _ = lender(**words)
    with pytest.raises(TidemillError) as caught:
        mill.prepare("risk", **LATE)
    assert caught.value.code == code
    assert fields.items() <= dict(caught.value.fields).items()


def test_a_function_on_the_request_that_raises_is_named() -> None:
    system = tm.System("lender", owner="o@lender.example", zone="UTC")
    source = system.source("loans", tm.files("loans"), key="loan", time="asked")

    @system.on_request
    def inverse(amount: float) -> float:
        return 1 / amount

    label = system.label("bad", asked=source, outcome="bad")
    system.model(label=label, features=[inverse], split=tm.by_time(valid=0.1, test=0.1), name="risk")(rate)
    rows = [{"loan": n, "asked": START + n, "amount": float(n), "bad": True} for n in range(3)]
    mill = Street(system, {"loans": table(rows, asked=pa.timestamp("us", tz="UTC"))})
    mill.extract_all()
    with pytest.raises(ModelError) as caught:
        mill.prepare("risk")
    assert caught.value.code == "model.request-function-raised"
    assert caught.value.fields == {
        "function": "inverse",
        "error": "ZeroDivisionError",
        "words": "float division by zero",
    }


def test_nothing_asked_is_said() -> None:
    system = tm.System("shop", owner="o@shop.example", zone="UTC")
    events = system.source("events", tm.files("events"), key="id", time="happened", expect=["id > 5"])
    choices = system.candidates(
        "choices", entity="who", item="item", every="0 4 * * *",
        who="select who from events", what="select item from events",
    )  # fmt: skip
    label = system.label("bought", asked=choices, ahead={"n": tm.count("1d", of=events)}, outcome="n > 0")
    asked = system.label("asked", asked=events, outcome="id > 0")
    seen = system.features("seen", events, entity="who", windows={"n": tm.count("1d")})
    for name, one in (("ranker", label), ("plain", asked)):
        system.model(label=one, features=[seen], split=tm.by_time(valid=0.1, test=0.1), name=name)(rate)
    rows = [{"id": 1, "happened": us("2026-01-01"), "who": 1, "item": "ant"}]
    mill = Street(system, {"events": table(rows, happened=pa.timestamp("us", tz="UTC"))})
    mill.extract_all()
    for model, moments in (("ranker", ()), ("ranker", (us("2026-01-02"),)), ("plain", ())):
        with pytest.raises(DataError) as caught:
            mill.prepare(model, moments=moments)
        assert caught.value.code == "data.no-asks"


def found(facts: TrainingSet, code: str) -> dict[str, object]:
    (one,) = (one for one in facts.card if one.code == code)
    return dict(one.fields)


def test_the_card_counts_test_rows_that_look_like_trained_ones() -> None:
    rows = lender()[0].readers["loans"]._rows
    rows = rows.set_column(3, "age", pa.array([n % 40 if n < 500 else n for n in range(ROWS)]))
    mill, _ = lender(rows=rows, columns=("age",), views=("form",))
    facts = mill.prepare("risk", **LATE)
    chosen = mill.chosen(facts).to_pylist()
    trained = {row["form.age"] for row in chosen if row[PART] == 1}
    alike = [row for row in chosen if row[PART] == 3 and row["form.age"] in trained]
    assert found(facts, "card.same-rows") == {"rows": len(alike), "of": 120, "share": len(alike) / 120}
    assert len(alike) == 20
    assert "card.same-entities" not in {one.code for one in facts.card}


def test_the_card_says_how_many_wait_for_their_outcome() -> None:
    mill, _ = lender(known="asked_at + interval '5 days'")
    facts = mill.prepare("risk", watermark_us=START + 20 * DAY)
    assert found(facts, "card.immature") == {
        "asks": facts.immature, "of": ROWS, "share": facts.immature / ROWS,
    }  # fmt: skip
    assert "card.immature" not in {one.code for one in mill.prepare("risk", **LATE).card}


def test_the_card_counts_asks_that_find_nobody_in_a_table_of_last_states_and_rows_of_those_trained_on() -> None:
    system = tm.System("bank", owner="o@bank.example", zone="UTC")
    loans = system.source("loans", tm.files("loans"), key="loan", time="asked")
    people = system.source("people", tm.files("people"), key="who", time="updated", since="joined")
    size = system.features("person", people, entity="who", columns=["size"])
    label = system.label("bad", asked=loans, by="who", ahead={"n": tm.count("1d", of=loans)}, outcome="n > 0")
    for name, split in (("timed", tm.by_time(valid=0.1, test=0.2)), ("drawn", tm.by_hash(valid=0.1, test=0.2))):
        system.model(label=label, features=[size], split=split, name=name)(rate)
    utc = pa.timestamp("us", tz="UTC")
    asked = [{"loan": n, "asked": START + n * HOUR, "who": n % 8 if n < 190 else n} for n in range(200)]
    there = [{"who": n, "updated": START, "joined": START - 9 * DAY, "size": n} for n in range(6)]
    mill = Street(system, {
        "loans": table(asked, asked=utc), "people": table(there, updated=utc, joined=utc),
    })  # fmt: skip
    mill.extract_all()
    timed, drawn = (mill.prepare(name, **LATE) for name in ("timed", "drawn"))
    gone = sum(row["who"] not in range(6) for row in asked)
    assert found(timed, "card.nobody-there") == {"source": "people", "asks": gone, "of": 200}
    # Of the 40 newest, which are tested on, the last ten are of people who never asked before.
    assert found(timed, "card.same-entities") == {"rows": 30, "of": 40, "share": 0.75}
    weights = {one.code: one.importance for one in drawn.card}
    assert weights["card.same-entities"] > {one.code: one.importance for one in timed.card}["card.same-entities"]


@pytest.mark.parametrize("name", ["asks", "who", "w0", "m0"])
def test_a_source_may_have_any_name(name: str) -> None:
    system = tm.System("lender", owner="o@lender.example", zone="UTC")
    source = system.source(name, tm.files("rows"), key="loan", time="asked")
    seen = system.features("seen", source, entity="who", windows={"n": tm.count("1d")})
    label = system.label("bad", asked=source, by="who", ahead={"n": tm.count("1d")}, outcome="n > 0")
    system.model(label=label, features=[seen], split=tm.by_time(valid=0.1, test=0.1), name="risk")(rate)
    rows = [{"loan": n, "asked": START + n * HOUR, "who": n % 3} for n in range(30)]
    mill = Street(system, {"rows": table(rows, asked=pa.timestamp("us", tz="UTC"))})
    mill.extract_all()
    assert sum(mill.chosen(mill.prepare("risk", **LATE))["seen.n"].to_pylist()) == sum(
        len([m for m in range(n) if m % 3 == n % 3 and n - m <= 24]) for n in range(30)
    )
