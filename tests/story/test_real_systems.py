"""The worked systems on their real tables, unchanged: what retraining gives, what gates refuse, what is left out.

Replays train at every trigger that the systems declare. Sources of the tables are named in their folders' READMEs.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tests.street import us
from tests.unit.spec.six import EXAMPLES
from tidemill.app.context import open_context
from tidemill.app.find import Found, find
from tidemill.app.settings import Settings
from tidemill.engines.trainers.inline import InlineTrainer
from tidemill.errors import DataError
from tidemill.lifecycle.evaluate import given as evaluating
from tidemill.lifecycle.evaluate import stage as evaluate
from tidemill.lifecycle.prepare import given as preparing
from tidemill.lifecycle.prepare import stage as prepare
from tidemill.lifecycle.train import given as training
from tidemill.lifecycle.train import stage as train
from tidemill.loop import horizon
from tidemill.loop.intake import extracted
from tidemill.loop.replay.drive import replay
from tidemill.loop.replay.record import Replayed, Wanted
from tidemill.loop.street import STREET
from tidemill.ports.context import Context

pytestmark = [pytest.mark.needs("data"), pytest.mark.slow]
NOW = us("2026-01-01")


@pytest.fixture(scope="module", autouse=True)
def data(real_data: Path) -> Iterator[None]:
    """The folder that the systems' files name."""
    before = os.environ.get("TIDEMILL_DATA")
    os.environ["TIDEMILL_DATA"] = str(real_data)
    yield
    if before is None:
        del os.environ["TIDEMILL_DATA"]
    else:
        os.environ["TIDEMILL_DATA"] = before


def system(name: str) -> Found:
    return find(str(EXAMPLES / f"{name}.py"))


def settings(home: Path) -> Settings:
    return Settings(folder=home.parent, home=home, environment="default")


def replayed(name: str, home: Path, **wanted: Any) -> tuple[Replayed, ...]:
    """Every model of the system over its past, its functions called in this process."""
    ctx = open_context(settings(home))
    ctx = replace(ctx, trainer=InlineTrainer(tuple(ctx.flavors.values())))
    declared = system(name).declaration
    versions = tuple(extracted(declared, source, ctx, STREET) for source in declared.roots)
    return tuple(
        replay(Wanted(system=declared, model=model.name, versions=versions, **wanted), ctx, lambda *told: None)
        for model in declared.models
    )


def total(found: Replayed, curve: str, metric: str, part: str) -> float:
    value = found.total(curve, metric, part)
    assert value is not None
    return value


def gone_down(name: str, ctx: Context) -> float:
    """The test AUC of one pass down the street, to the present."""
    declared = system(name).declaration
    (model,) = declared.models
    versions = tuple(extracted(declared, source, ctx, STREET) for source in declared.roots)
    watermark_us = horizon.watermark_us(model.label, versions, NOW)
    asked_at = horizon.asked_moments(model, versions, declared.zone, watermark_us)
    (facts,) = prepare.run(
        preparing.Given(
            system=declared, model=model.name, versions=versions, moments=asked_at, watermark_us=watermark_us,
            now_us=NOW,
        ),
        ctx,
    )  # fmt: skip
    (version,) = train.run(
        training.Given(
            system=declared, model=model.name, training_set=facts, run="run_1", ordinal=1, seed=0, now_us=NOW
        ),
        ctx,
    )  # fmt: skip
    (evaluation,) = evaluate.run(
        evaluating.Given(
            system=declared, model=model.name, version=version, training_set=facts, champion=None, beside=(), seed=0,
            now_us=NOW,
        ),
        ctx,
    )  # fmt: skip
    (auc,) = (one for one in evaluation.scores if (one.metric, one.part, one.against) == ("roc_auc", "test", ""))
    assert auc.value is not None
    return auc.value


def test_feast_finds_bad_loans_by_what_was_known_of_their_town(tmp_path: Path) -> None:
    assert gone_down("feast", open_context(settings(tmp_path))) >= 0.935


def test_bank_holds_on_where_the_static_model_falls_to_chance(tmp_path: Path) -> None:
    since = us("2008-08-01T04:53:07")
    (found,) = replayed("bank", tmp_path, since_us=since)
    assert total(found, "retrained", "roc_auc", "pooled") >= 0.77
    assert total(found, "retrained", "roc_auc", "in-blocks") >= 0.57
    assert total(found, "static", "roc_auc", "in-blocks") < 0.55
    # The rate of the last thousand calls orders pooled calls as well, and those of a block not at all.
    assert total(found, "rolling", "roc_auc", "pooled") >= 0.7
    assert total(found, "rolling", "roc_auc", "in-blocks") < 0.55


def test_driving_by_week(tmp_path: Path) -> None:
    braking, air_flow = replayed("driving", tmp_path, since_us=us("2017-07-24T00:00+02:00"), period="week")
    assert total(braking, "retrained", "roc_auc", "by-period") >= 0.848
    assert total(air_flow, "retrained", "mae", "by-period") <= 2.85
    assert total(air_flow, "static", "mae", "by-period") > total(air_flow, "retrained", "mae", "by-period")


def test_retail_ranks_and_counts_snapshots_whose_windows_are_cut(tmp_path: Path) -> None:
    (found,) = replayed("retail", tmp_path, since_us=us("2011-05-02"), until_us=us("2011-08-02"))
    assert total(found, "retrained", "roc_auc", "by-period") >= 0.825
    assert {one.period for one in found.figures} == {"2011-06", "2011-07", "2011-08"}
    # 180 days reach back before the first order, on 1 December 2010, from the snapshots of January to May.
    assert found.truncated == {"customer": 5, "product": 5, "pair": 5}


def test_sba_refuses_what_is_known_only_seven_years_on(tmp_path: Path) -> None:
    with pytest.raises(DataError) as caught:
        gone_down("sba", open_context(settings(tmp_path)))
    assert caught.value.code == "data.too-few-known"


def test_sba_at_once_shows_what_the_features_would_be_worth(tmp_path: Path) -> None:
    # The five months with many loans; up to the last one, in February 2006, the figure is 0.733.
    (found,) = replayed("sba", tmp_path, since_us=us("2004-09-01"), until_us=us("2005-02-01"), labels="at-once")
    assert found.labels == "at-once"
    assert total(found, "retrained", "roc_auc", "by-period") >= 0.69
