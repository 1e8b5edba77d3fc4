"""Nobody gets traffic before the records that it looks up are there, and those of whoever may come back stay."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

import tidemill as tm
from tests.street import Street, us
from tests.unit.lifecycle.extract.test_spaces import Shop
from tidemill.errors import BusyError
from tidemill.facts.release import Arm, Policy, Release
from tidemill.features.online import space
from tidemill.loop import intake
from tidemill.loop.street import STREET
from tidemill.spec.view import Lookup


def policy(**arms: str) -> Policy:
    """Who answers by that policy: arm -> bundle."""
    made: Any = {
        name: Arm(ordinal=number, bundle=bundle, share=0.5) for number, (name, bundle) in enumerate(arms.items(), 1)
    }
    return Policy(system="shop", model="m", seq=1, salt="00", at_us=us("2026-01-01"), **made)


def viewed(length: str) -> Lookup:
    (view,) = (one for one in Shop().declared(length).views if isinstance(one, Lookup))
    return view


OLD, NEW = viewed("3d"), viewed("5d")


@pytest.fixture
def street(monkeypatch: pytest.MonkeyPatch) -> Street:
    """Clicks that have landed; bundles `old` and `new` look up views that the system does not declare."""
    monkeypatch.setattr(intake, "lookups", lambda bundle, _: {"old": (OLD,), "new": (NEW,)}.get(bundle, ()))
    return Shop().street


def busy(given: Any, ctx: Any) -> tuple[str, ...]:
    raise BusyError("online-written-elsewhere", path="online")


def there(street: Street, view: Lookup) -> bool:
    return street.ctx.online.mark(space(view)) != ""


def test_what_a_newcomer_looks_up_is_filled_before_it_has_traffic(street: Street) -> None:
    after = policy(champion="old", challenger="new")
    intake.demand_there(street.system, after, policy(champion="old"), street.ctx, STREET)
    assert (there(street, OLD), there(street, NEW)) == (False, True)
    intake.demand_there(street.system, policy(champion="old"), None, street.ctx, STREET)
    assert there(street, OLD)


def test_who_cannot_be_filled_for_is_not_let_in(street: Street) -> None:
    elsewhere = replace(STREET, push=busy)
    with pytest.raises(BusyError) as caught:
        intake.demand_there(street.system, policy(champion="new"), None, street.ctx, elsewhere)
    assert (caught.value.code, caught.value.fields["version"]) == ("busy.online-not-there", "m@1")
    intake.demand_there(street.system, policy(champion="new"), policy(champion="new"), street.ctx, elsewhere)
    intake.demand_there(street.system, policy(champion="plain"), None, street.ctx, elsewhere)
    intake.demand_there(street.system, policy(champion="new"), None, street.ctx, STREET)
    intake.demand_there(street.system, policy(champion="new"), None, street.ctx, elsewhere)


def test_a_source_without_rows_holds_nobody_up(street: Street) -> None:
    system = tm.System("shop", owner="o@shop.example", zone="UTC")
    system.source("clicks", tm.files("clicks"), key="id", time="at")
    empty = Street(system.declared())
    intake.demand_there(empty.system, policy(champion="new"), None, empty.ctx, replace(STREET, push=busy))


@pytest.mark.parametrize("state", ["validated", "shadow", "canary"])
def test_the_loop_fills_for_versions_on_their_way(street: Street, state: Any) -> None:
    release = Release(
        system="shop", model="m", ordinal=2, bundle="new", state=state, step_since_us=0, at_us=us("2026-01-01")
    )
    street.ctx.ledger.commit(release)
    assert intake.answering(street.system, street.ctx) == (NEW,)
    intake.bring_up(street.system, street.ctx, STREET)
    assert there(street, NEW)


def test_a_roll_backs_target_is_kept_up(street: Street) -> None:
    street.ctx.ledger.commit(replace(policy(champion="new"), previous=Arm(ordinal=1, bundle="old", share=0.0)))
    assert set(intake.answering(street.system, street.ctx)) == {OLD, NEW}
    gone = Release(system="shop", model="m", ordinal=3, bundle="x", state="rolled_back", step_since_us=0, at_us=1)
    street.ctx.ledger.commit(gone)
    assert set(intake.answering(street.system, street.ctx)) == {OLD, NEW}
