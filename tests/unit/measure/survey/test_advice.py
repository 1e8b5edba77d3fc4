"""What a finding proposes as code is read by the dialect and does what it is proposed for."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.measure.survey.test_survey import START, N, found, honest
from tidemill.facts.data import Finding
from tidemill.features.rowwise import compile_row
from tidemill.measure.survey.advice import inward, joined
from tidemill.spec.expression import Type
from tidemill.spec.parse import parse
from tidemill.tell.words import sentence, way_out

HOUR_US = 3_600_000_000


def mended(finding: Finding, name: str, kind: Type) -> Callable[[object, int], object]:
    """The proposed expression as a function of the column's value and the row's time."""
    text = str(finding.fields.get("mend", finding.fields.get("mend_some")))
    assert f"`{text}`" in way_out(finding.code, finding.fields)
    run = compile_row(parse(text).tree, columns={name: kind, "at": "timestamp"}, zone="UTC")
    return lambda value, at: run({name: value, "at": at})


def planted(name: str, values: Any, code: str, kind: Type = "float", **more: Any) -> Callable[[object, int], object]:
    """What is proposed for the column with these values."""
    return mended(found(honest(**{name: values}), **more)[code, name], name, kind)


@pytest.mark.parametrize("name", ["amount_2", "Loan amount", "case", "emp.var", "나이", 'a"b'])
def test_a_column_of_any_name_is_named_as_the_dialect_reads_it(name: str) -> None:
    values = np.random.default_rng(2).normal(50, 10, N)
    values[9] = 35_000.5
    assert planted(name, values, "outliers")(50.25, START) == 50.25


@pytest.mark.parametrize("ends", [(9e6,), (-9e6,), (9e6, -8e6)])
def test_values_are_clipped_at_the_side_that_they_are_out_on(ends: tuple[float, ...]) -> None:
    values = np.random.default_rng(2).normal(50, 10, N)
    usual = values.copy()
    values[: len(ends)] = ends
    clip = planted("x", values, "outliers")
    for end in ends:
        held = clip(end, START)
        assert isinstance(held, float)
        assert abs(held) < 200
    assert [clip(float(value), START) for value in usual] == usual.tolist()


def test_whole_numbers_are_clipped_at_whole_ones() -> None:
    years = np.random.default_rng(2).integers(1990, 2020, N)
    years[3] = 20_150
    assert isinstance(planted("opened", years, "outliers", "int")(20_150, START), int)


@given(st.floats(-1e12, 1e12), st.sampled_from([-1, 1]), st.booleans())
def test_a_bound_is_never_rounded_outward_and_by_a_thousandth_at_most(bound: float, side: int, whole: bool) -> None:
    rounded = inward(bound, side, whole=whole)
    assert (bound - rounded) * side >= -1e-9 * abs(bound)
    assert abs(bound - rounded) <= max(abs(bound) * 1.001e-3, 1.0 if whole else 0.0)


def test_a_code_becomes_null_and_every_other_value_stays() -> None:
    random = np.random.default_rng(4)
    capped = np.where(random.random(N) < 0.1, 35_000, random.lognormal(8, 0.5, N).round())
    unless = planted("loan_amnt", capped, "pile", "int")
    assert (unless(35_000, START), unless(34_999, START)) == (None, 34_999)
    ages = np.where(random.random(N) < 0.02, -1, random.integers(18, 80, N))
    unless = planted("age", ages, "sentinel", "int")
    assert (unless(-1, START), unless(18, START)) == (None, 18)


@pytest.mark.parametrize("words", [["n/a"], ["n/a", " Unknown ", "it's nil", "nil"]])
def test_words_for_nothing_become_null(words: list[str]) -> None:
    values = np.array([*words, "x", "y"] * (N // 2), object)[:N]
    without = planted("said", values, "words-for-nothing", "text")
    known = {"it's nil", "x", "y"}
    assert {word: without(word, START) for word in {*words, *known}} == {
        word: word if word in known else None for word in {*words, *known}
    }


@pytest.mark.parametrize(
    ("factor", "offset"), [(3.28084, 0.0), (1 / 3.28084, 0.0), (1.8, 32.0), (1.0, 273.15), (1000.0, 0.0)]
)
@pytest.mark.parametrize("flip", [False, True])
def test_what_came_in_another_unit_comes_back_into_the_first(factor: float, offset: float, *, flip: bool) -> None:
    before = np.random.default_rng(3).normal(15, 1, N)
    later = np.arange(N) >= N // 2
    values = np.where(later != flip, before * factor + offset, before)
    back = planted("level", values, "unit-jump")
    times = START + np.arange(N) * HOUR_US
    same = [back(float(value), int(at)) for value, at in zip(values, times, strict=True)]
    wanted = before * factor + offset if flip else before
    assert np.array(same, np.float64) == pytest.approx(wanted, rel=1e-4)


def test_a_day_is_written_as_a_day() -> None:
    days = (START + np.arange(N) // 4 * 86_400_000_000).astype("datetime64[us]")
    metres = np.random.default_rng(3).normal(100, 5, N)
    columns = honest(at=days, height=np.where(np.arange(N) < 1000, metres, metres * 3.28084))
    mend = str(found(columns)["unit-jump", "height"].fields["mend"])
    assert mend == "case when at >= timestamp '2024-07-21' then height / 3.28084 else height end"


WORDS = st.text(st.sampled_from(list("aAbB ß\t\xa0Σσς")), max_size=5)


@given(st.lists(st.lists(WORDS, min_size=2, max_size=3, unique=True), min_size=1, max_size=4))
def test_as_many_groups_of_spellings_become_one_word_as_is_said(groups: list[list[str]]) -> None:
    told = joined("c", groups)
    text = str(told.get("mend", told.get("mend_some", "c")))
    join = compile_row(parse(text).tree, columns={"c": "text"}, zone="UTC")
    alike = sum(len({join({"c": word}) for word in group}) == 1 for group in groups)
    assert told.get("apart", 0) == len(groups) - alike
    assert told.get("joined", alike) == alike
    assert ("mend" in told) == (alike == len(groups))


def test_only_what_joins_all_spellings_is_said_to_join_them() -> None:
    cases = {
        ("Seoul", "SEOUL"): "To join them: `lower(town)`.",
        ("Seoul", "Seoul "): "To join them: `trim(town)`.",
        ("Seoul", "SEOUL "): "To join them: `lower(trim(town))`.",
    }
    for words, said in cases.items():
        one = found(honest(town=np.array([*words, "Busan", "x"] * (N // 4), object)))["spellings", "town"]
        assert way_out(one.code, one.fields).endswith(said)
    several = ["LUNCH BAG  DESIGN ", "LUNCH BAG DESIGN ", "Busan", "busan"]
    one = found(honest(town=np.array(several * (N // 4), object)))["spellings", "town"]
    assert "To join 1 of them: `lower(town)`. 1 differ in more, such as spaces inside" in way_out(one.code, one.fields)
    assert "2 words of town come in several spellings" in sentence(one.code, one.fields)
