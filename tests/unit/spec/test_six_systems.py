"""The six worked systems declare without a mistake, with their schemas and without, and say what they need."""

from __future__ import annotations

from pathlib import Path

import pytest

import tidemill as tm
from tests.unit.spec import six
from tidemill.facts.codec import Reader, canonical, digest
from tidemill.spec.check import AtLeast, AtMost, Cron, Fair, NewRows, NoDrift, NotWorse, Per
from tidemill.spec.declaration import Declaration, Notify
from tidemill.spec.describe import Description, ModelDescription, describe
from tidemill.spec.examine import examine
from tidemill.spec.expression import Call, Column, Constant, Expression, Named
from tidemill.spec.label import Candidates, Label
from tidemill.spec.model import ByTime, Canary, Duration, Model, Parameter, RankEndpoint, Tunable
from tidemill.spec.source import Files, FilesQuery, Source, SqlTable
from tidemill.spec.view import Lookup, OnRequest, Request, Window

TABLES = {
    ("sba", "loans"): "loan/sba/sba_loans.parquet",
    ("feast", "loans"): "loan/feast_credit/loan_table.parquet",
    ("feast", "zipcodes"): "loan/feast_credit/zipcode_table.parquet",
    ("driving", "signals"): "driving/obd_1hz.parquet",
}


def description(name: str) -> Description:
    return describe(six.system(name).declared(), six.SCHEMAS[name], digest)


def model_of(name: str) -> ModelDescription:
    return description(name).models[0]


@pytest.mark.parametrize("name", six.NAMES)
def test_declares_without_a_mistake(name: str) -> None:
    system = six.system(name)
    found = examine(system.declared(), six.SCHEMAS[name], places=system.places)
    assert found.mistakes == ()
    assert {note.code for note in found.notes} <= {"declaration.trials-not-active"}


@pytest.mark.parametrize("name", six.NAMES)
def test_declares_without_its_tables_at_hand(name: str) -> None:
    declared = six.system(name).declared()
    found = examine(declared)
    assert found.mistakes == ()
    unread = [note.fields["source"] for note in found.notes if note.code == "declaration.schema-unread"]
    assert unread == [source.name for source in declared.roots]


@pytest.mark.parametrize("name", six.NAMES)
def test_the_example_is_the_design_to_the_letter(name: str) -> None:
    assert (six.EXAMPLES / f"{name}.py").read_bytes() == (six.designed() / f"{name}.py").read_bytes()


@pytest.mark.needs("data")
@pytest.mark.parametrize(("place", "file"), TABLES.items())
def test_the_schemas_here_are_those_of_the_real_tables(place: tuple[str, str], file: str, real_data: Path) -> None:
    import pyarrow as pa
    import pyarrow.parquet as pq

    def kind(given: pa.DataType) -> str:
        if pa.types.is_timestamp(given):
            return "timestamp"
        return "int" if pa.types.is_integer(given) else "float" if pa.types.is_floating(given) else "text"

    schema = pq.read_schema(real_data / file)
    assert {field.name: kind(field.type) for field in schema} == dict(six.SCHEMAS[place[0]][place[1]])


@pytest.mark.parametrize("name", six.NAMES)
def test_the_record_is_read_back_from_its_canonical_text(name: str) -> None:
    declared = six.system(name).declared()
    reader = Reader(
        (
            Declaration, Source, SqlTable, Files, FilesQuery, Lookup, Request, OnRequest, Window, Expression, Named,
            Column, Constant, Call, Candidates, Label, Model, Parameter, Tunable, ByTime, Duration, Canary,
            RankEndpoint, AtLeast, AtMost, NotWorse, NoDrift, Fair, Per, Cron, NewRows, Notify,
        )
    )  # fmt: skip
    text = canonical(declared)
    assert canonical(reader.read(text)) == text


def test_only_what_the_request_view_names_is_sent() -> None:
    sent = {field.name: field for field in model_of("sba").request}
    assert not {"Term", "ChgOffDate", "DisbursementDate", "MIS_Status"} & sent.keys()
    assert {"State", "NAICS", "GrAppv", "SBA_Appv"} <= sent.keys()
    assert (sent["NAICS"].type, sent["State"].type) == ("int", "text")
    assert [name for name, field in sent.items() if field.optional] == ["LoanNr_ChkDgt", "ApprovalDate"]


def test_keys_of_views_behind_request_columns_are_sent_too() -> None:
    sent = {field.name: field.origin for field in model_of("driving").request}
    assert sent["trip_id"] == "key"
    assert "pedal_e_pct" not in sent
    assert sent["ts"] == "asked"


def test_candidates_are_asked_by_entity_and_item() -> None:
    model = model_of("shop")
    assert [(field.name, field.type, field.origin) for field in model.request] == [
        ("customer_id", "int", "key"),
        ("product_id", "int", "key"),
    ]
    assert (model.kind, model.known, model.asked) == ("event", "asked_at + 7d", "choices")


def test_windows_are_described_with_their_steps() -> None:
    windows = {kept.name: (kept.length, kept.step) for kept in model_of("shop").windows}
    assert windows["activity.clicks_30d"] == ("30d", "1d")
    assert windows["popularity.clicks_7d"] == ("7d", "1h")
    assert windows["affinity.days_since_seen"] == ("", "")
    lags = [kept for kept in model_of("driving").windows if kept.name.startswith("past.")]
    assert len(lags) == 12
    assert lags[0].text == "lag of speed_kmh, 1 rows back, within 15s"


def test_features_are_seen_with_their_kind() -> None:
    seen = {feature.name: feature.kind for feature in model_of("shop").features}
    assert seen["profile.age_group"] == "categorical"
    assert seen["activity.spend_90d"] == "numeric"
    assert seen["is_weekend"] == "numeric"
    assert len(seen) == 12


def test_a_number_is_no_event_and_known_at_once() -> None:
    air_flow = description("driving").models[1]
    assert (air_flow.kind, air_flow.known) == ("number", "asked_at")


def test_the_environment_that_is_asked_for_is_named() -> None:
    assert description("shop").references == ("SHOP_DB", "SLACK_URL")
    assert description("retail").references == ("TIDEMILL_DATA",)


def test_a_word_changed_changes_the_digest() -> None:
    def kit(bound: float) -> str:
        system = tm.System("kit", owner="a@b.example")
        loans = system.source("loans", tm.files("x"), time="at")
        view = system.request("form", loans, columns=["amount"])
        label = system.label("bad", asked=loans, outcome="y = 1")

        @system.model(
            label=label,
            features=[view],
            split=tm.by_time(valid=0.1, test=0.1),
            gates=[tm.at_least("roc_auc", bound)],
        )
        def risk(train: tm.Data, valid: tm.Data) -> object:
            return train, valid

        assert risk.name == "risk"
        return describe(system.declared(), {}, digest).digest

    assert kit(0.7) == kit(0.7) != kit(0.8)
