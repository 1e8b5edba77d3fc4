"""A contract's file is read whole: what it says comes back as written, and every mistake has its line."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import tidemill as tm
from tidemill.spec.contract.aside import promising
from tidemill.spec.contract.read import read_contract
from tidemill.spec.contract.record import Contract, Rule
from tidemill.spec.contract.write import contract_text
from tidemill.spec.examine import examine
from tidemill.spec.source import Source
from tidemill.tell.words import sentence, way_out

FILE = "contracts/loans.toml"
GOOD = """\
dataset = "loans"
seen = "loans@v3"

[table]
unique = { of = ["id"] }
volume = { least = 3, else = "stop" }
fresh = { within = "36h" }
put_aside = { most = 0.2 }
new_columns = {}

[column.price]
type = { is = "float" }
nulls = { most = 0.02, else = "stop" }
range = { least = 0, most = 1e6, else = "put-aside" }

[column."home town"]
values = { among = ["Ulm", "Bonn's"], else = "put-aside" }
matches = { pattern = "[A-Z].*" }
length = { most = 40 }

[[check]]
holds = "paid <= price"

[[check]]
holds = "price > 0"
else = "warn"
"""


def loans() -> Source:
    return tm.System("lender", owner="a@b.example").source("loans", tm.files("loans.csv"), key="id", time="at")


def flaws(text: str) -> list[str]:
    """Line and code of every mistake; each has a sentence and a way out that hold together."""
    found = []
    for flaw in read_contract(text, FILE, "loans").flaws:
        fields = dict(flaw.fields)
        assert not sentence(flaw.code, fields).startswith(flaw.code)
        assert way_out(flaw.code, fields)
        found.append(f"{flaw.place.removeprefix(FILE).removeprefix(':')} {flaw.code.partition('.')[2]}")
    return found


def test_what_is_written_is_read_with_usual_severities() -> None:
    contract = read_contract(GOOD, FILE, "loans")
    assert contract.flaws == ()
    said = {rule.name: (rule.severity, rule.least, rule.most) for rule in contract.rules}
    assert said["unique"] == ("stop", None, None)
    assert said["volume"] == ("stop", 3.0, None)
    assert said["fresh"] == ("warn", None, 36 * 3_600_000_000.0)
    assert said["price: range"] == ("put-aside", 0.0, 1e6)
    assert said["check paid <= price"] == ("stop", None, None)
    assert contract.columns == ("price", "home town")
    assert [rule.place for rule in contract.rules if rule.kind in {"unique", "matches"}] == [f"{FILE}:5", f"{FILE}:18"]


def test_rules_that_put_aside_are_promises_of_the_source() -> None:
    source = promising(loans(), read_contract(GOOD, FILE, "loans"))
    assert [one.text for one in source.expect] == [
        '"price" >= 0 and "price" <= 1000000',
        "\"home town\" in ('Ulm', 'Bonn''s')",
    ]
    assert promising(loans(), Contract(dataset="loans")) == loans()


def test_every_mistake_is_said_at_once_with_its_line() -> None:
    text = """\
dataset = "loan"
sen = "loans@v3"

[table]
uniqe = { of = ["id"] }
fresh = { within = "3 days", else = "shout" }

[column.price]
type = { is = "flaot" }
nulls = { most = 2 }
range = { least = 9, most = 1 }
length = {}
values = { among = "Ulm" }
matches = { pattern = "(?=a)" }
unique = { of = ["price"] }

[column.town]
nulls = 0.1
matches = { pattern = "(", else = "put-aside" }

[[check]]
holds = "price >"
"""
    assert flaws(text) == [
        "2 word-unknown",
        "1 other-dataset",
        "5 word-unknown",
        "6 word-unknown",
        "6 duration-unread",
        "9 word-unknown",
        "10 wrong-type",
        "11 empty-range",
        "12 field-lacking",
        "13 wrong-type",
        "14 pattern-unread",
        "15 word-unknown",
        "18 wrong-type",
        "19 word-unknown",
        "19 pattern-unread",
        "22 does-not-parse",
    ]
    near = [dict(flaw.fields).get("nearest") for flaw in read_contract(text, FILE, "loans").flaws]
    assert {"seen", "unique", "float"} <= set(near)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('dataset = "loans"\n[table\n', "2 no-toml"),
        ("[column.a]\nnulls = { most = 0.1\n", "2 no-toml"),
        ("[column.a]\n[column.a]\n", "2 no-toml"),
        ("column = 3", "1 wrong-type"),
        ("[check]\nholds = 'a > 1'", "1 wrong-type"),
        ("[column]\nprice = 3", "2 wrong-type"),
        ("[column.a]\nrange = { most = true }", "2 wrong-type"),
        ("[column.a]\nrange = { most = inf }", "2 wrong-type"),
        ("[[check]]\nelse = 'warn'", "1 field-lacking"),
    ],
)
def test_a_file_that_is_no_contract_is_named_by_its_line(text: str, said: str) -> None:
    assert flaws(text) == [said]


def test_columns_that_are_not_there_and_rules_that_do_not_fit_are_found_by_check() -> None:
    system = tm.System("lender", owner="a@b.example", zone="UTC")
    system.source("loans", tm.files("loans.csv"), key="id", time="at")
    contracts = (read_contract(GOOD, FILE, "loans"), read_contract("", "contracts/loan.toml", "loan"))

    declared = replace(system.declared(), contracts=contracts)
    schema = {"id": "int", "at": "timestamp", "prise": "float", "home town": "int", "paid": "float"}
    found = examine(declared, {"loans": schema}).mistakes  # type: ignore[dict-item]  # words of types
    assert sorted(f"{one.place.rpartition('/')[2]} {one.code.partition('.')[2]}" for one in found) == [
        "loan.toml:1 of-no-source",
        "loans.toml:12 column-unknown",
        "loans.toml:13 column-unknown",
        "loans.toml:14 column-unknown",
        "loans.toml:18 rule-unfit",
        "loans.toml:19 rule-unfit",
        "loans.toml:21 column-unknown",
        "loans.toml:24 column-unknown",
    ]
    assert {one.fields.get("nearest") for one in found if one.code.endswith("column-unknown")} == {"prise"}


NUMBERS = st.floats(-1e12, 1e12).map(lambda value: float(f"{value:.6g}"))
TEXTS = st.text(max_size=12)
SEVERITIES = st.sampled_from(["stop", "warn", "put-aside"])
RULES = st.one_of(
    st.builds(Rule, kind=st.just("nulls"), severity=SEVERITIES, column=TEXTS.filter(bool), most=st.floats(0, 1)),
    st.builds(Rule, kind=st.just("range"), severity=SEVERITIES, column=TEXTS.filter(bool), most=NUMBERS),
    st.builds(
        Rule,
        kind=st.just("values"),
        severity=SEVERITIES,
        column=TEXTS.filter(bool),
        among=st.lists(st.one_of(TEXTS, st.booleans(), st.integers(-9, 9)), min_size=1, max_size=3).map(tuple),
    ),
)


@settings(max_examples=80, deadline=None)
@given(rules=st.lists(RULES, max_size=6, unique_by=lambda rule: (rule.kind, rule.column)))
def test_what_is_written_reads_back_the_same_with_any_name(rules: list[Rule]) -> None:
    ordered = [
        rule for column in dict.fromkeys(rule.column for rule in rules) for rule in rules if rule.column == column
    ]
    contract = Contract(dataset="loans", seen="loans@v1", rules=tuple(ordered))
    text = contract_text(contract)
    assert read_contract(text, FILE, "loans") == contract
