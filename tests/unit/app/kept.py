"""A small system's record as three turns of the loop would leave it: a champion, a challenger, a refused version."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal

import pyarrow as pa

from tidemill.app.find import Found, find
from tidemill.facts.codec import canonical
from tidemill.facts.data import ColumnType, DatasetVersion, Finding, Profile, SplitPart, TrainingSet
from tidemill.facts.event import Event
from tidemill.facts.model import Evaluation, ModelVersion, Outcome, Score, Validation, Verdict
from tidemill.facts.release import Release, State
from tidemill.facts.run import Run, StageRun
from tidemill.facts.signal import Alert, Firing, Reading
from tidemill.ports.journal import Journal
from tidemill.ports.ledger import Ledger
from tidemill.ports.tables import Draft, Tables

SYSTEM = """\
import tidemill as tm

lender = tm.System("lender", owner="risk@bank.example", zone="Asia/Seoul")
loans = lender.source("loans", tm.files("${LOANS}"), key="loan_id", time="applied_at", expect=["amount > 0"])
application = lender.request("application", loans, columns=["amount", "state"])
lost = lender.label("lost", asked=loans, outcome="lost")


@lender.model(
    label=lost, features=[application], split=tm.by_time(valid=0.2, test=0.2), gates=[tm.at_least("roc_auc", 0.7)],
    decide={"approve": "score < 0.2", "decline": "true"},
)
def risk(train: tm.Data, valid: tm.Data, depth: int = 3) -> object:
    return 0.1


lender.monitor(risk, tm.no_drift(), tm.at_least("roc_auc", 0.7))
lender.retrain(risk, tm.new_rows(loans, 100))
"""

START = 1_793_491_200_000_000
"""2026-11-01 00:00 UTC."""
HOUR = 3_600_000_000
RUNS = tuple(f"run_0190000{n}-0000-7000-8000-000000000000" for n in range(3))
BUNDLES = tuple(letter * 64 for letter in "abc")
CHECK = "roc_auc >= 0.7"


def declared(folder: Path) -> Found:
    """The system, written into the folder."""
    (folder / "system.py").write_text(SYSTEM, encoding="utf-8")
    return find(None, folder)


def fill(ledger: Ledger, tables: Tables, journal: Journal) -> str:
    """Puts the record in; gives the id of the one answer in the log."""
    versions = landed(tables)
    ledger.commit(*versions, profile(versions[0]))
    for n in range(3):
        ledger.commit(*turn(n, versions[min(n, 1)]), events=diary(n))
    ledger.commit(
        reading(0.81, "passed", 30), reading(0.66, "failed", 40), alert("firing", "x"), alert("resolved", "y")
    )
    with_writer = journal.writer("predictions", "w0")
    id = with_writer.append(canonical(answer()))
    with_writer.close()
    return id


def landed(tables: Tables) -> tuple[DatasetVersion, DatasetVersion]:
    """Two versions of the loans; one row was put aside."""
    first = tables.commit(draft(tables, (1, 2, 3), (4,)), None)
    return first, tables.commit(draft(tables, (5, 6), ()), first)


def draft(tables: Tables, ids: tuple[int, ...], broken: tuple[int, ...]) -> Draft:
    """Rows of loans by id."""
    files = tuple(tables.stage("loans", rows(each), time="applied_at") for each in (ids, broken) if each)
    return Draft(
        system="lender",
        dataset="loans",
        files=files[:1],
        rejected=files[1:],
        cursor="{}",
        watermark_us=START + max(ids) * HOUR,
        columns=(ColumnType(name="loan_id", type="int"), ColumnType(name="applied_at", type="timestamp")),
        content=str(max(ids)) * 64,
        at_us=START + max(ids) * HOUR,
    )


def rows(ids: tuple[int, ...]) -> pa.Table:
    """Loans, one an hour."""
    times = pa.array([START + id * HOUR for id in ids], pa.int64()).cast(pa.timestamp("us", tz="UTC"))
    count = len(ids)
    return pa.table(
        {
            "loan_id": list(ids), "applied_at": times, "_known_at": times, "_op": ["I"] * count,
            "_batch": [0] * count, "_row": list(ids), "_reason": [""] * count,
        }
    )  # fmt: skip


def profile(version: DatasetVersion) -> Profile:
    """What exploration saw: one leak."""
    found = Finding(
        code="finding.leak-is-outcome",
        subject="loans.term",
        importance=1.0,
        fields={"column": "term", "label": "lost", "measure": "AUC", "strength": 1.0, "rows": 3},
    )
    return Profile(
        system="lender", dataset="loans", number=version.number, manifest=version.manifest, rows=3, put_aside=1,
        duplicates=0, first_us=START, last_us=START, columns=(), findings=(found,), at_us=version.at_us,
    )  # fmt: skip


def turn(
    n: int, version: DatasetVersion
) -> tuple[Run | StageRun | Firing | ModelVersion | TrainingSet | Evaluation | Validation | Release, ...]:
    """The facts of the run number n: champion (0), challenger (1), refused (2)."""
    at = START + (n + 1) * 10 * HOUR
    outcome: Outcome = "failed" if n == 2 else "passed"
    value = (0.74, 0.79, 0.61)[n]
    common: dict[str, Any] = {"system": "lender", "model": "risk", "at_us": at}
    judged: dict[str, Any] = {
        "bundle": BUNDLES[n],
        "training_set": str(n) * 64,
        "champion": "" if n == 0 else BUNDLES[0],
    }
    made = ModelVersion(
        **common, ordinal=n + 1, bundle=BUNDLES[n], run=RUNS[n], training_set=str(n) * 64, role="tested",
        parameters={"depth": 3}, environment={"requirements": "numpy==2.0"}, trained_until_us=at - HOUR,
        train_rows=1_200,
    )  # fmt: skip
    states: tuple[State, ...] = ("champion", "canary", "refused")
    done = StageRun(
        key=f"{n}" * 64, run=RUNS[n], system="lender", stage="train", subject="risk", at_us=at, took_ms=1_250,
        parts={"code:system": f"{n}" * 64, "lock:numpy": "2.0", "parameter:depth": "3"},
        facts=(canonical(made).decode(),),
    )  # fmt: skip
    return (
        Run(
            id=RUNS[n], system="lender", model="risk", state="refused" if n == 2 else "passed",
            cause="manual" if n == 0 else "new_rows loans 100", declaration="d" * 64, version=made.name,
            ended_us=at + 90_000_000, at_us=at,
        ),
        done,
        Firing(system="lender", model="risk", trigger="new_rows loans 100", window=str(n), evidence={"rows": 103},
               run=RUNS[n], at_us=at),
        made,
        TrainingSet(
            **common, label="lost", digest=str(n) * 64, blob=str(n) * 64, frame="f" * 64, recipe="e" * 64,
            features=(ColumnType(name="application.amount", type="number"),),
            parts=(SplitPart(name="train", rows=1_200, positives=120, first_us=START, last_us=at - HOUR),),
            until_us=at - HOUR, immature=17, versions=(version.name,),
            proof=(
                Finding(code="proof.no-time-overlap", subject="train<test", importance=0.0, fields={"gap_us": HOUR}),
            ),
            card=(
                Finding(
                    code="card.immature", subject="risk", importance=0.15,
                    fields={"asks": 17, "of": 1_700, "share": 0.01},
                ),
            ),
        ),
        Evaluation(
            **common, **judged,
            scores=(
                Score(metric="roc_auc", part="test", value=value, low=value - 0.02, high=value + 0.02, n=400),
                Score(metric="roc_auc", part="test", against="baseline", value=0.5, n=400),
            ),
        ),
        Validation(
            **common, **judged,
            verdicts=(
                Verdict(check=CHECK, value=value, bound=0.7, outcome=outcome, low=value - 0.02, high=value + 0.02,
                        n=400, reason="beyond-bound" if n == 2 else "shown"),
            ),
        ),
        Release(
            **common, ordinal=n + 1, bundle=BUNDLES[n], state=states[n], share=(1.0, 0.05, 0.0)[n], step_since_us=at,
            reason=("gate-passed", "step-up", "gate-failed")[n],
        ),
    )  # fmt: skip


def diary(n: int) -> list[Event]:
    """What the loop wrote down about the version."""
    return [
        Event(at_us=START, system="lender", code="event.serving", subject=f"risk@{n + 1}", fields={"url": "http://a"})
    ]


def reading(value: float, outcome: Outcome, hours: int) -> Reading:
    """The monitor of the champion's AUC."""
    return Reading(
        system="lender", model="risk", version="risk@1", monitor=CHECK, since_us=START, until_us=START + hours * HOUR,
        value=value, bound=0.7, outcome=outcome, reason="shown", low=value - 0.03, high=value + 0.03, n=250,
        at_us=START + hours * HOUR,
    )  # fmt: skip


def alert(state: Literal["firing", "resolved"], fingerprint: str) -> Alert:
    """A failed check that a person should know of."""
    return Alert(
        system="lender", model="risk", fingerprint=fingerprint, code="event.process-ended",
        fields={"name": "champion-0", "status": 1}, severity="critical", state=state,
        first_us=START, last_us=START + HOUR, at_us=START,
    )  # fmt: skip


def answer() -> Mapping[str, object]:
    """One answered request, as a worker writes it."""
    return {
        "v": 1, "ask": "q1", "asked_at_us": START + 50 * HOUR, "received_at_us": START, "system": "lender",
        "model": "risk", "version": "risk@1", "bundle": BUNDLES[0], "arm": "champion", "policy": 4,
        "keys": {"loan_id": 77}, "request": {"amount": 100.0}, "looked_up": {}, "marks": {},
        "computed": {"application.amount": 100.0, "application.state": None}, "score": 0.125, "decision": "approve",
        "flags": ["unknown:state"], "latency_us": 900, "error": "", "endpoint": "", "offered": 0, "offered_at_us": None,
        "cold": False, "explored": False, "shown": [],
    }  # fmt: skip
