"""The routing policy follows the releases, and moves only when they do."""

from __future__ import annotations

from typing import Any

from tests.unit.loop.kit import NOON, release
from tidemill.facts.release import Arm, Policy, Release
from tidemill.loop.policy import after


def policy(before: Policy | None, *releases: Release, salt: str = "aa") -> Policy:
    return after(before, releases, (), system="bank", model="risk", salt=salt, now_us=NOON)


def test_says_who_answers_which_share() -> None:
    found = policy(None, release(1, "superseded"), release(2, "champion", previous=1), release(3, "canary", share=0.25))
    assert (found.seq, found.salt) == (1, "aa")
    assert found.champion == Arm(ordinal=2, bundle="b2", share=1.0)
    assert found.challenger == Arm(ordinal=3, bundle="b3", share=0.25)
    assert found.previous == Arm(ordinal=1, bundle="b1", share=0.0)


def test_a_shadow_answers_nobody() -> None:
    found = policy(None, release(2, "champion"), release(3, "shadow"))
    assert found.challenger == Arm(ordinal=3, bundle="b3", share=0.0, shadow=True)


def test_the_same_arms_are_the_same_policy() -> None:
    first = policy(None, release(2, "champion"), release(3, "validated"))
    assert policy(first, release(2, "champion"), release(3, "validated"), release(4, "refused"), salt="bb") is first


def test_numbers_rise_by_one_and_each_challenger_has_its_own_salt() -> None:
    first = policy(None, release(2, "champion"))
    second = policy(first, release(2, "champion"), release(3, "canary"), salt="bb")
    third = policy(second, release(2, "champion"), release(3, "canary", share=0.5), salt="cc")
    fourth = policy(third, release(2, "superseded"), release(3, "champion", previous=2), salt="dd")
    fifth = policy(fourth, release(3, "champion", previous=2), release(4, "canary"), salt="ee")
    assert [one.seq for one in (first, second, third, fourth, fifth)] == [1, 2, 3, 4, 5]
    assert [one.salt for one in (first, second, third, fourth, fifth)] == ["aa", "bb", "bb", "bb", "ee"]


def test_endpoints_are_part_of_it() -> None:
    import tidemill as tm

    system = tm.System("shop", owner="o@shop.example")
    events = system.source("events", tm.files("e.csv"), key="event_id", time="at")
    choices = system.candidates(
        "choices", entity="c", item="p", every="0 4 * * *", who="select c from events", what="select p from events"
    )
    bought = system.label("bought", asked=choices, ahead={"n": tm.count("7d", of=events)}, outcome="n > 0", by=())

    def fit(train: tm.Data, valid: tm.Data) -> object:
        return train

    model = system.model(label=bought, features=[], split=tm.by_time(valid="7d", test="7d"))(fit)
    endpoint: Any = system.rank("recommend", model, choices, top=10, explore=0.02)
    found = after(None, [release(1, "champion")], [endpoint], system="bank", model="risk", salt="aa", now_us=NOON)
    assert found.endpoints == (("recommend", "choices", 10, 0.02),)
