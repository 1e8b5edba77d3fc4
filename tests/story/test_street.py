"""The street on the embedded default: a database and files go down all stages, come again, and break in every way.

Whatever is wrong with a source, the error says what, where and the way out, and what was known before stays.
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

import numpy as np
import pytest

from tests.looked import look_up
from tests.street import us
from tidemill.app.context import open_context
from tidemill.app.find import find
from tidemill.app.settings import Settings
from tidemill.errors import TidemillError
from tidemill.facts.data import DatasetVersion, TrainingSet
from tidemill.facts.model import ModelVersion
from tidemill.features.offline.slices import asked, chosen
from tidemill.features.online import entity_key, space
from tidemill.lifecycle.evaluate import given as evaluating
from tidemill.lifecycle.evaluate import stage as evaluate
from tidemill.lifecycle.extract import push
from tidemill.lifecycle.prepare import given as preparing
from tidemill.lifecycle.prepare import stage as prepare
from tidemill.lifecycle.train import given as training
from tidemill.lifecycle.train import stage as train
from tidemill.loop.intake import extracted
from tidemill.loop.street import STREET
from tidemill.predict.bundle import open_bundle
from tidemill.predict.golden import verify
from tidemill.predict.predictor import Predictor
from tidemill.spec.view import Lookup
from tidemill.tell.words import sentence, way_out

SYSTEM = '''"""A lender: applications in a database, towns in files."""

import tidemill as tm

lender = tm.System("lender", owner="risk@lender.example", zone="Europe/Berlin")
loans = lender.source("loans", tm.sql("${LENDER_DB}").table("loans", cursor="id"), key="id", time="applied",
                      expect=["amount > 0"])
towns = lender.source("towns", tm.files("${LENDER_FILES}/*.csv"), key="town", time="counted")
form = lender.request("form", loans, columns=["age", "amount", "town"])
nearby = lender.features("nearby", loans, entity="town", windows={"loans_7d": tm.count("7d")})
place = lender.features("place", towns, entity="town", columns=["people"])
bad = lender.label("bad", asked=loans, outcome="bad = 1")


@lender.model(label=bad, features=[form, nearby, place], split=tm.by_time(valid=0.1, test=0.2))
def risk(train: tm.Data, valid: tm.Data) -> object:
    import lightgbm as lgb

    model = lgb.LGBMClassifier(n_estimators=10, min_child_samples=10, random_state=1, n_jobs=1, verbose=-1)
    return model.fit(train.X, train.y)
'''
START = datetime(2026, 1, 1)  # noqa: DTZ001 - databases hold naive times
NOW = us("2026-03-01")


@dataclass
class Works:
    """The lender's folder: its database, its files, and what Tidemill keeps."""

    folder: Path

    def __post_init__(self) -> None:
        (self.folder / "system.py").write_text(SYSTEM)
        (self.folder / "files").mkdir()
        os.environ["LENDER_DB"] = f"sqlite:///{self.folder / 'lender.db'}"
        os.environ["LENDER_FILES"] = str(self.folder / "files")
        self.execute(
            "create table loans (id integer primary key, applied text, town text, age int, amount real, bad int)"
        )
        self.add(0, 600)
        self.file("2026-01.csv", "town,counted,people\nUlm,2025-12-31,120\nBonn,2025-12-31,300\n")
        self.system = find(str(self.folder / "system.py")).declaration
        self.ctx = open_context(Settings(folder=self.folder, home=self.folder / ".tidemill", environment="default"))

    def execute(self, sql: str, *rows: tuple[object, ...]) -> None:
        with sqlite3.connect(self.folder / "lender.db") as link:
            link.executemany(sql, rows) if rows else link.execute(sql)

    def add(self, first: int, last: int) -> None:
        """One loan an hour; the young go bad."""
        random = np.random.default_rng(first)
        rows = [
            (
                n, str(START + timedelta(hours=n)), ("Ulm", "Bonn", "Gera")[n % 3], int(random.integers(18, 80)),
                float(random.integers(1, 99)) * 100,
            )
            for n in range(first, last)
        ]  # fmt: skip
        told = [(*row, int(random.random() < (0.8 if row[3] < 35 else 0.1))) for row in rows]
        self.execute("insert into loans values (?, ?, ?, ?, ?, ?)", *told)

    def file(self, name: str, text: str) -> None:
        (self.folder / "files" / name).write_text(text)

    def extract(self, name: str) -> DatasetVersion:
        return extracted(self.system, self.system.source(name), self.ctx, STREET)

    def land(self) -> tuple[DatasetVersion, ...]:
        return tuple(self.extract(source.name) for source in self.system.roots)

    def prepare(self, versions: tuple[DatasetVersion, ...]) -> TrainingSet:
        given = preparing.Given(
            system=self.system, model="risk", versions=versions, moments=(), watermark_us=NOW, now_us=NOW
        )  # fmt: skip
        return prepare.run(given, self.ctx)[0]

    def train(self, facts: TrainingSet) -> ModelVersion:
        given = training.Given(
            system=self.system, model="risk", training_set=facts, run="run_1", ordinal=1, seed=0, now_us=NOW
        )  # fmt: skip
        return train.run(given, self.ctx)[0]


@pytest.fixture
def works(tmp_path: Path) -> Iterator[Works]:
    before = dict(os.environ)
    made = Works(tmp_path)
    yield made
    os.environ.clear()
    os.environ.update(before)
    made.ctx.online.close()
    made.ctx.ledger.close()


def test_data_goes_down_the_street_and_comes_again(works: Works) -> None:
    first = works.land()
    assert [(one.name, one.rows) for one in first] == [("loans@v1", 600), ("towns@v1", 2)]
    facts = works.prepare(first)
    version = works.train(facts)
    (evaluation,) = evaluate.run(
        evaluating.Given(
            system=works.system, model="risk", version=version, training_set=facts, champion=None, beside=("baseline",),
            seed=0, now_us=NOW,
        ),
        works.ctx,
    )  # fmt: skip
    told = {(one.metric, one.part, one.against): one.value for one in evaluation.scores}
    assert told["roc_auc", "test", ""] > 0.7  # type: ignore[operator]  # it is a number here
    assert told["roc_auc", "test", "baseline"] == 0.5
    bundle = open_bundle(version.bundle, works.ctx.blobs)
    predictor = Predictor(bundle, works.ctx.flavors["lightgbm"])
    verify(predictor)
    predictor.close()
    # The same again is the same; what comes since is added, once.
    assert works.land() == first
    works.add(600, 620)
    works.file("2026-02.csv", "town,counted,people\nUlm,2026-01-20,121\n")
    second = works.land()
    assert [(one.name, one.rows, one.new_rows) for one in second] == [("loans@v2", 620, 20), ("towns@v2", 3, 1)]
    assert works.prepare(second).parts[0].rows > facts.parts[0].rows
    # A home that is opened anew goes on where the first one stood.
    works.ctx.online.close()
    works.ctx = open_context(Settings(folder=works.folder, home=works.folder / ".tidemill", environment="default"))
    assert works.land() == second
    assert works.prepare(first).blob == facts.blob


def test_what_answering_looks_up_is_what_training_saw(works: Works) -> None:
    versions = works.land()
    push.run(push.Given(system=works.system, versions=versions, now_us=NOW), works.ctx)
    rows = chosen(works.prepare(versions), works.ctx.blobs).to_pylist()[-50:]
    views = [view for view in works.system.views if isinstance(view, Lookup)]
    for row in rows:
        for view in views:
            record = works.ctx.online.get(space(view), [entity_key([row["town"]]) or b""])[0]
            (looked,) = look_up(view, [record], [row["_asked_us"]])
            seen = {name: row[f"{view.name}.{name}"] for name in looked.values}
            assert not looked.exact or looked.values == seen


def alter(statement: str) -> Callable[[Works], None]:
    return lambda works: works.execute(statement)


def loan(id: int, applied: object, amount: object = 5.0) -> Callable[[Works], None]:
    row = (id, applied, "Ulm", 30, amount, 0)
    return lambda works: works.execute("insert into loans values (?, ?, ?, ?, ?, ?)", row)


def file(text: str) -> Callable[[Works], None]:
    return lambda works: works.file("2026-02.csv", text)


def gone(works: Works) -> None:
    (works.folder / "lender.db").unlink()


BROKEN: dict[str, tuple[Callable[[Works], None], str, str]] = {
    "a column is gone": (alter("alter table loans rename column amount to sum"), "loans", "data.column-missing"),
    "the table is gone": (alter("alter table loans rename to lones"), "loans", "source.table-missing"),
    "the database is gone": (gone, "loans", "source.unreachable"),
    "a time is none": (loan(600, "soon"), "loans", "source.value-unreadable"),
    "a number is text": (loan(600, "2026-02-01 00:00:00", "much"), "loans", "source.value-unreadable"),
    "a file's column became text": (file("town,counted,people\nUlm,2026-01-20,many\n"), "towns", "data.type-changed"),
    "a file's time is text": (file("town,counted,people\nUlm,in winter,121\n"), "towns", "data.time-type"),
    "a file is empty": (file(""), "towns", "source.file-empty"),
}


@pytest.mark.parametrize("how", BROKEN)
def test_whatever_breaks_is_said_with_its_way_out_and_nothing_is_lost(works: Works, how: str) -> None:
    before = works.land()
    spoil, source, code = BROKEN[how]
    spoil(works)
    with pytest.raises(TidemillError) as caught:
        works.extract(source)
    assert caught.value.code == code
    said, out = sentence(code, caught.value.fields), way_out(code, caught.value.fields)
    assert code not in said
    assert said.endswith(".")
    assert out
    assert works.ctx.tables.newest(source) == next(one for one in before if one.dataset == source)
    other = "towns" if source == "loans" else "loans"
    assert works.extract(other).rows == next(one for one in before if one.dataset == other).rows


def test_duplicate_keys_and_rows_out_of_order_land_and_count_once(works: Works) -> None:
    works.file("2026-02.csv", "town,counted,people\nUlm,2026-01-20,121\nUlm,2025-06-01,110\nUlm,2026-01-20,122\n")
    versions = works.land()
    assert versions[1].rows == 5
    rows = asked(works.prepare(versions), works.ctx.blobs).to_pylist()
    seen = {row["place.people"] for row in rows if row["town"] == "Ulm"}
    assert seen == {120, 122}


def test_a_promise_that_is_broken_puts_the_row_aside(works: Works) -> None:
    loan(600, "2026-02-01 00:00:00", -5.0)(works)
    version = works.extract("loans")
    assert (version.rows, version.put_aside) == (600, 1)


def test_an_empty_source_says_so(tmp_path: Path, works: Works) -> None:
    works.execute("delete from loans")
    with pytest.raises(TidemillError) as caught:
        works.extract("loans")
    assert caught.value.code == "data.empty-source"
    assert sentence(caught.value.code, caught.value.fields) == "The source loans has no rows, or none with a time."
