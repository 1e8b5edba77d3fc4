"""The system: what its words make, which defaults they take, and how it is declared piece by piece."""

from __future__ import annotations

import pickle

import tidemill as tm
from tests.unit.spec.kit import Kit, fit
from tidemill.facts.codec import digest
from tidemill.spec.model import Parameter, Tunable


def test_named_parts_belong_to_the_system_and_land_with_their_root() -> None:
    kit = Kit()
    views = kit.events.where("kind = 'view'", name="views")
    dear = views.where("price > 10", name="dear_views")
    kit.events.where("price > 5")
    declared = kit.system.declared()
    assert [source.name for source in declared.sources] == ["loans", "events", "views", "dear_views"]
    assert [source.name for source in declared.roots] == ["loans", "events"]
    assert dear.dataset == "events"
    assert dear.condition is not None
    assert dear.condition.text == "(kind = 'view') and (price > 10)"
    assert kit.loans.where("amount > 3").name == "loans where amount > 3"


def test_candidates_may_read_named_parts() -> None:
    kit = Kit()
    kit.events.where("kind = 'view'", name="views")
    kit.candidates(who="select customer_id from views where happened_at < $asked_at")
    assert kit.examined().mistakes == ()


def test_a_label_looks_ahead_at_the_whole_asked_source_unless_told_otherwise() -> None:
    kit = Kit()
    asked = kit.loans.where("amount > 3")
    label = kit.label("again", asked=asked, ahead={"n": tm.count("30d"), "m": tm.max("price", "2d", of=kit.events)})
    ahead = dict(label.ahead)
    assert ahead["n"].of == kit.loans
    assert ahead["m"].of == kit.events
    assert [window.step_us for window in ahead.values()] == [0, 0]


def test_windows_ahead_are_joined_by_the_keys_that_both_share() -> None:
    kit = Kit()
    trips = kit.system.source("trips", tm.files("x"), key=["trip_id", "at"], time="at")
    stops = kit.system.source("stops", tm.files("x"), key=["stop_id", "trip_id"], time="at")
    late = kit.label("late", asked=trips, ahead={"n": tm.count("1h", of=stops)}, outcome="n > 0")
    sold = kit.label("sold", asked=kit.candidates(), ahead={"n": tm.count("1h", of=stops)}, outcome="n > 0")
    assert late.by == ("trip_id",)
    assert sold.by == ("customer_id", "item_id")
    assert kit.label("plain", outcome="lost").by == ()


def test_a_training_function_becomes_a_model_with_its_parameters() -> None:
    kit = Kit()

    def tuned(
        train: tm.Data, valid: tm.Data, *, rate: float = 0.1, leaves: int = tm.tune(15, 127), kind: str = "gbdt"
    ) -> object:
        return train, valid, rate, leaves, kind

    model = kit.model(tuned)
    assert model.name == "tuned"
    assert model.function is tuned
    assert model.parameters == (
        Parameter(name="rate", type="float", default=0.1),
        Parameter(name="leaves", type="int", tunable=Tunable(low=15, high=127)),
        Parameter(name="kind", type="text", default="gbdt"),
    )


def test_segments_are_a_loop() -> None:
    kit = Kit()
    models = [kit.model(name=f"risk_{state}") for state in ("by", "be")]
    for model in models:
        kit.system.monitor(model, tm.no_drift())
    declared = kit.system.declared()
    assert [model.name for model in declared.models] == ["risk_by", "risk_be"]
    assert [name for name, _ in declared.monitors] == ["risk_by", "risk_be"]
    assert declared.model("risk_be").function is fit


def test_the_same_words_have_the_same_digest_wherever_they_stand() -> None:
    def declared() -> str:
        kit = Kit()
        kit.events.where("kind = 'view'", name="views")
        kit.model()
        return digest(kit.system.declared())

    first = declared()

    assert declared() == first
    changed = Kit()
    changed.model()
    assert digest(changed.system.declared()) != first


def test_a_source_travels_to_another_process() -> None:
    kit = Kit()
    part = kit.events.where("kind = 'view'", name="views")
    assert pickle.loads(pickle.dumps(part)) == part


def test_the_zone_is_utc_and_known_to_be_nobodys_word() -> None:
    declared = tm.System("kit", owner="a@b.example").declared()
    assert (declared.zone, declared.zone_said) == ("UTC", False)
    assert type(declared.zone) is str
    assert tm.System("kit", owner="a@b.example", zone="UTC").declared().zone_said


def test_things_know_the_line_they_stand_on() -> None:
    kit = Kit()
    kit.events.where("kind = 'view'", name="views")
    line = int(kit.system.places["source views"].partition(":")[2])
    assert kit.system.places["source views"] == f"test_system.py:{line}"
    assert line > 100


def test_views_can_be_narrowed_and_bound_to_other_columns() -> None:
    kit = Kit()
    view = kit.features(columns=["price", "kind"], windows={"n": tm.count("1d")})
    assert view.chosen == ("price", "kind", "n")
    assert view.only("n", "price").chosen == ("price", "n")
    assert view.drop("kind").chosen == ("price", "n")
    assert view.drop("kidn").chosen == ("price", "kind", "n", "?kidn")
    seller = view.on("seller", customer_id="seller_id")
    assert (seller.name, seller.bound) == ("seller", (("customer_id", "seller_id"),))
