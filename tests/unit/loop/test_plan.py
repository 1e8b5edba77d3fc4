"""Which stages a run needs, how far its data reaches, and what of a declaration it goes without."""

from __future__ import annotations

import pytest

import tidemill as tm
from tests.unit.loop.kit import NOON, declared
from tidemill.facts.data import DataFile, DatasetVersion
from tidemill.facts.run import StageRun
from tidemill.loop.horizon import asked_moments, datasets, watermark_us
from tidemill.loop.plan import not_active, plan
from tidemill.loop.why import Change, why
from tidemill.spec.declaration import Declaration

DAY = 86_400_000_000


def shop(**split: object) -> Declaration:
    """Candidates over events, features of customers, an unrelated source."""
    system = tm.System("shop", owner="o@shop.example", zone="Asia/Seoul")
    customers = system.source("customers", tm.files("c.csv"), key="customer_id", time="updated_at")
    system.source("weather", tm.files("w.csv"), key="day", time="day")
    events = system.source("events", tm.files("e.csv"), key="event_id", time="at")
    events.where("kind = 'purchase'", name="sales")
    views = system.source("views", tm.files("v.csv"), key="view_id", time="at")
    profile = system.features("profile", customers, entity="customer_id", columns=["region"])
    choices = system.candidates(
        "choices", entity="customer_id", item="product_id", every="0 4 * * *",
        who="select customer_id from Sales where at < $asked_at", what="select product_id from sales",
    )  # fmt: skip
    bought = system.label(
        "bought", asked=choices, ahead={"n": tm.count("7d", of=views)}, outcome="n > 0", by=["customer_id"]
    )

    def fit(train: tm.Data, valid: tm.Data) -> object:
        return train

    given = {"valid": "7d", "test": "7d"} | split
    ranker = system.model(label=bought, features=[profile], split=tm.by_time(**given), trials=20, name="ranker")(fit)  # type: ignore[arg-type]  # the words are tried as they come
    system.score(ranker, to="scores", on="0 5 * * *")
    return system.declared()


def landed(dataset: str, watermark_us: int, first_us: int = NOON - 100 * DAY) -> DatasetVersion:
    file = DataFile(digest=dataset, rows=1, bytes=1, first_us=first_us, last_us=watermark_us)
    return DatasetVersion(
        system="shop", dataset=dataset, number=1, manifest=dataset, parent=None, content="", rows=1, put_aside=0,
        new_rows=1, cursor="", watermark_us=watermark_us, columns=(), files=(file,), at_us=NOON,
    )  # fmt: skip


def test_a_run_goes_down_the_street_once() -> None:
    system = declared(split=tm.by_time(valid=0.1, test=0.1))
    steps = [(step.stage, step.subject, step.reuse) for step in plan(system.model("risk"), system)]
    assert steps == [
        ("extract", "loans", "same-run"),
        ("explore", "loans", "any-run"),
        ("prepare", "risk", "any-run"),
        ("train", "risk", "any-run"),
        ("evaluate", "risk", "any-run"),
        ("validate", "risk", "any-run"),
        ("train", "risk/refit", "any-run"),
        ("evaluate", "risk/refit", "any-run"),
        ("serve", "risk", "never"),
    ]
    audited = declared()
    assert "risk/refit" not in {step.subject for step in plan(audited.model("risk"), audited)}


def test_only_sources_that_the_model_reads_are_extracted() -> None:
    system = shop()
    assert datasets(system.model("ranker"), system) == ("customers", "events", "views")


def test_outcomes_are_known_as_far_as_the_slowest_source_that_brings_them() -> None:
    label = shop().model("ranker").label
    versions = (landed("views", NOON - DAY), landed("events", NOON))
    assert watermark_us(label, versions, NOON) == NOON - DAY
    assert watermark_us(label, (landed("views", NOON + DAY),), NOON) == NOON, "never after now"
    assert watermark_us(label, (landed("events", NOON),), NOON) < 0, "what never came is not known"
    assert watermark_us(declared().model("risk").label, (landed("loans", NOON - 5),), NOON) == NOON - 5


@pytest.mark.parametrize(("history", "expected"), [(None, 100), ("30d", 37)])
def test_candidates_were_asked_at_every_moment_of_the_history(history: str | None, expected: int) -> None:
    system = shop(history=history)
    found = asked_moments(system.model("ranker"), (landed("views", NOON),), system.zone, NOON)
    assert len(found) == expected
    assert found[-1] <= NOON
    assert all((moment // 3_600_000_000) % 24 == 19 for moment in found), "four in the morning in Seoul"
    assert asked_moments(declared().model("risk"), (), "UTC", NOON) == ()


def test_words_that_are_not_active_yet_are_named() -> None:
    system = shop()
    assert not_active(system.model("ranker"), system) == (("trials", "20"), ("score", "scores"))


def test_why_names_the_parts_of_a_key_that_changed() -> None:
    def done(**parts: str) -> StageRun:
        return StageRun(
            key="k", run="r", system="s", stage="train", subject="m", parts=parts, facts=(), took_ms=1, at_us=1
        )

    old = done(**{"code:fit": "a", "lock:lightgbm": "4.6.0", "parameter:depth": "3"})
    new = done(**{"code:fit": "a", "lock:lightgbm": "4.7.0", "input:rows": "x"})
    assert why(new, old) == (
        Change(part="input:rows", before=None, after="x"),
        Change(part="lock:lightgbm", before="4.6.0", after="4.7.0"),
        Change(part="parameter:depth", before="3", after=None),
    )
    assert why(new, new) == ()
    assert [change.part for change in why(new, None)] == ["code:fit", "input:rows", "lock:lightgbm"]
