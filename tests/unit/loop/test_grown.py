"""What came since a model was trained, counted on real rows by the real engine."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pyarrow as pa
import pytest

import tidemill as tm
from tests.unit.loop.kit import DAY, NOON, UTC_US, Stand
from tidemill.engines.compute.duckdb import DuckdbCompute
from tidemill.facts.data import ColumnType, DatasetVersion, TrainingSet
from tidemill.loop.due import Triggers
from tidemill.loop.grown import Since, grown
from tidemill.ports.context import Context
from tidemill.ports.tables import BATCH, KNOWN_AT, OP, ROW, Draft
from tidemill.spec.check import NewRows
from tidemill.spec.declaration import Declaration

COLUMNS = (
    ColumnType(name="loan_id", type="int"),
    ColumnType(name="status", type="text"),
    ColumnType(name="at", type="timestamp"),
)


def bank() -> Declaration:
    """Loans asked about when they are made; whether they go bad is known at once (`quick`) or in two days (`slow`)."""
    system = tm.System("bank", owner="risk@bank.example")
    loans = system.source("loans", tm.files("loans.csv"), key="loan_id", time="at")
    system.source("payments", tm.files("p.csv"), key="payment_id", time="at")
    good = loans.where("status = 'good'", name="good_loans")
    form = system.request("form", loans, columns=["status"])
    quick = system.label("quick", asked=loans, outcome="case when status <> 'open' then status = 'bad' end")
    slow = system.label("slow", asked=loans, outcome="status = 'bad'", known="asked_at + interval '2 days'")

    def fit(train: tm.Data, valid: tm.Data) -> object:
        return train

    model = system.model(label=quick, features=[form], split=tm.by_time(valid=0.1, test=0.1), name="risk")(fit)
    system.retrain(model, tm.new_rows(loans, 3), tm.new_rows(good, 2), tm.new_rows(quick, 3), tm.new_rows(slow, 2))
    return system.declared()


SYSTEM = bank()
ROWS, GOOD, QUICK, SLOW = (one for _, one in SYSTEM.triggers if isinstance(one, NewRows))


def land(rows: Sequence[tuple[int, str, int]], previous: DatasetVersion | None, ctx: Context) -> DatasetVersion:
    """Loans as (id, status, day)."""
    first = previous.rows if previous else 0
    times = pa.array([NOON + day * DAY for _, _, day in rows], pa.int64()).cast(UTC_US)
    table = pa.table(
        {
            "loan_id": pa.array([one for one, _, _ in rows], pa.int64()),
            "status": [status for _, status, _ in rows],
            "at": times,
            KNOWN_AT: times,
            OP: ["I"] * len(rows),
            BATCH: pa.array([0] * len(rows), pa.int64()),
            ROW: pa.array(range(first, first + len(rows)), pa.int64()),
        }
    )
    file = ctx.tables.stage("loans", table, time="at")
    newest = max(NOON + day * DAY for _, _, day in rows)
    draft = Draft(
        system="bank", dataset="loans", files=(file,), rejected=(), cursor=str(first), watermark_us=newest,
        columns=COLUMNS, content=file.digest, at_us=newest,
    )  # fmt: skip
    return ctx.tables.commit(draft, previous)


@pytest.fixture
def ctx() -> Context:
    return replace(Stand().ctx, compute=DuckdbCompute())


def since(ctx: Context, old: DatasetVersion, new: DatasetVersion, immature: int = 0) -> Since:
    trained = TrainingSet(
        system="bank", model="risk", label="quick", digest="t", blob="t", frame="t", recipe="r", features=(), parts=(),
        until_us=old.watermark_us, immature=immature, versions=(old.name, "payments@v1"), at_us=NOON + 30 * DAY,
    )  # fmt: skip
    payments = ctx.tables.newest("payments") or other(ctx)
    return Since(name="risk@1", trained=trained, versions=(new, payments), now_us=NOON + 30 * DAY)


def other(ctx: Context) -> DatasetVersion:
    draft = Draft(
        system="bank", dataset="payments", files=(), rejected=(), cursor="", watermark_us=0, columns=(), content="",
        at_us=NOON,
    )  # fmt: skip
    return ctx.tables.commit(draft, None)


OLD = [(1, "good", 0), (2, "bad", 1), (3, "open", 2)]
NEW = [(4, "good", 3), (5, "bad", 4), (6, "open", 5), (7, "good", 6)]


@pytest.mark.parametrize(
    ("trigger", "immature", "expected"),
    [
        (ROWS, 0, 4),
        (GOOD, 0, 2),  # of the part that goes by that name
        (QUICK, 1, 3),  # an open one is not asked
        (SLOW, 2, 4),  # loans 2 and 3 of then, 4 and 5 of now: known by day six, and not by day two
    ],
)
def test_counts_what_came(ctx: Context, trigger: NewRows, immature: int, expected: int) -> None:
    old = land(OLD, None, ctx)
    new = land(NEW, old, ctx)
    found = grown(trigger, since(ctx, old, new, immature), SYSTEM, ctx)
    assert (found.since, found.rows) == ("risk@1", expected)


@pytest.mark.parametrize("trigger", [ROWS, GOOD, QUICK, SLOW])
def test_nothing_is_read_where_too_little_can_have_come(ctx: Context, trigger: NewRows) -> None:
    old = land(OLD, None, ctx)

    class Unused:
        def query(self, *_: Any) -> Any:
            raise AssertionError

    found = grown(replace(trigger, rows=2), since(ctx, old, old, immature=1), SYSTEM, replace(ctx, compute=Unused()))  # type: ignore[arg-type]  # must not be asked
    assert found.rows < 2


def test_what_was_counted_on_the_same_rows_is_not_counted_again(ctx: Context) -> None:
    stand = Stand(system=SYSTEM)
    stand.tables = ctx.tables
    old = land(OLD, None, ctx)
    new = land(NEW, old, ctx)
    stand.ledger.commit(since(ctx, old, new, immature=1).trained)
    stand.clock.advance(days=30)
    counting = replace(stand.ctx, tables=ctx.tables, compute=ctx.compute)
    triggers = Triggers(mill=stand.mill, ctx=counting)
    first = triggers.given("risk").grown
    assert {text: one.rows for text, one in first.items()} == {
        "new_rows loans 3": 4, "new_rows good_loans 2": 2, "new_rows quick 3": 3, "new_rows slow 2": 4,
    }  # fmt: skip
    again = replace(counting, compute=None)  # type: ignore[arg-type]  # must not be asked
    assert Triggers(mill=stand.mill, ctx=again, counted=triggers.counted).given("risk").grown == first
