"""Instances become asks; every mistake of a caller is said with its path."""

from __future__ import annotations

from dataclasses import replace
from math import inf
from typing import Any

import pytest

from tests.shelf import ASK, RANKER, RISK, START
from tidemill.errors import RequestError
from tidemill.facts.data import ColumnType
from tidemill.lifecycle.serve.ask import Ask, fields_of, parse, parse_wish


def asks(*instances: Any) -> tuple[Ask, ...]:
    return parse(RISK, fields_of(RISK), list(instances), START)


def test_an_instance_is_read_by_its_types() -> None:
    (found,) = asks({**ASK, "loan_id": "1004761003", "what": "ever"})
    assert found.request == {"amount": 100.0, "state": "FL"}
    assert found.keys == {"bank": "B1", "loan_id": "1004761003"}
    assert found.asked_at_us == START


def test_its_own_time_is_the_moment_asked_on_the_systems_clock() -> None:
    assert asks({**ASK, "applied_at": "2026-01-01T08:00:00"})[0].asked_at_us == START - 3_600_000_000
    assert asks({**ASK, "applied_at": None})[0].asked_at_us == START


def test_null_is_missing_and_an_id_may_be_a_number() -> None:
    (found,) = asks({"amount": None, "state": None, "bank": 17850})
    assert found.request == {"amount": None, "state": None}
    assert found.keys["bank"] == "17850"
    risk = replace(RISK, keys=(ColumnType(name="bank", type="float"),))
    (found,) = parse(risk, fields_of(risk), [{**ASK, "bank": "17850"}], START)
    assert found.keys["bank"] == 17850.0


def test_a_column_that_had_no_value_when_the_model_was_trained_has_none_for_it() -> None:
    risk = replace(RISK, request=(ColumnType(name="amount", type="unknown"), ColumnType(name="state", type="text")))
    for value in (5, "much", None):
        (found,) = parse(risk, fields_of(risk), [{**ASK, "amount": value}], START)
        assert found.request == {"amount": None, "state": "FL"}
    with pytest.raises(RequestError, match="field-type"):
        parse(risk, fields_of(risk), [{**ASK, "amount": [5]}], START)


@pytest.mark.parametrize(
    ("instances", "code", "fields"),
    [
        (None, "instances-missing", {}),
        ([], "instances-missing", {}),
        ({"amount": 1}, "instances-missing", {}),
        ([ASK, 3], "field-type", {"at": "instances[1]", "got": "the number 3"}),
        ([{}], "field-missing", {"at": "instances[0]", "missing": ["amount", "state", "bank"]}),
        ([ASK, {**ASK, "amount": "much"}], "field-type", {"at": "instances[1].amount", "got": "the text 'much'"}),
        ([{**ASK, "state": ["FL"]}], "field-type", {"at": "instances[0].state", "got": "an array"}),
        ([{**ASK, "amount": True}], "field-type", {"at": "instances[0].amount", "got": "true"}),
        ([{**ASK, "bank": {"a": 1}}], "field-type", {"at": "instances[0].bank", "got": "an object"}),
        ([{**ASK, "amount": inf}], "field-type", {"at": "instances[0].amount", "got": "a number that no float holds"}),
        ([{**ASK, "amount": -(10**400)}], "field-type", {"got": "a number that no float holds"}),
        ([ASK, {**ASK, "applied_at": "2030-01-01"}], "in-the-future", {"at": "instances[1].applied_at"}),
        ([{**ASK, "applied_at": "0001-01-01"}], "before-records", {"at": "instances[0].applied_at"}),
        ([{**ASK, "applied_at": "soon"}], "field-type", {"at": "instances[0].applied_at"}),
        ([{**ASK, "applied_at": 1_700_000_000}], "field-type", {"at": "instances[0].applied_at"}),
    ],
)
def test_says_what_is_wrong_and_where(instances: object, code: str, fields: dict[str, object]) -> None:
    with pytest.raises(RequestError) as raised:
        parse(RISK, fields_of(RISK), instances, START)
    assert raised.value.code == f"request.{code}"
    assert fields.items() <= dict(raised.value.fields).items()


def test_too_many_at_once_are_refused() -> None:
    with pytest.raises(RequestError, match="too-many"):
        asks(*[ASK] * 10_001)


def test_a_ranking_names_its_entity_and_perhaps_how_many() -> None:
    found = parse_wish(RANKER, fields_of(RANKER), {"customer_id": "17850"}, 10, START)
    assert (found.entity, found.top, found.asked_at_us) == ({"customer_id": 17850}, 10, START)
    assert parse_wish(RANKER, fields_of(RANKER), {"customer_id": 1, "top": 3}, 10, START).top == 3


@pytest.mark.parametrize(
    ("body", "at"),
    [
        ({"top": 3}, "the body"),
        ({"customer_id": "x"}, "customer_id"),
        ({"customer_id": 1, "top": 0}, "top"),
        ({"customer_id": 1, "top": True}, "top"),
        ({"customer_id": 1, "top": "3"}, "top"),
        ({"customer_id": 1, "top": 5_000}, "top"),
    ],
)
def test_says_what_is_wrong_with_a_request_for_a_ranking(body: object, at: str) -> None:
    with pytest.raises(RequestError) as raised:
        parse_wish(RANKER, fields_of(RANKER), body, 10, START)
    assert raised.value.fields["at"] == at


def test_a_model_without_candidates_ranks_nothing() -> None:
    with pytest.raises(RequestError, match="not-ranked"):
        parse_wish(RISK, fields_of(RISK), {}, 10, START)
