"""`tidemill check`: the six systems pass on their real tables, and mistakes come at once with line and way out."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from tests.needs import ROOT
from tests.unit.interfaces.cli.conftest import Type

SYSTEMS = ROOT / "examples" / "systems"

WRONG = """
import tidemill as tm

shop = tm.System("shop", owner="o@shop.example", zone="Asia/Seol")
rows = shop.source("rows", tm.files("rows.csv"), key="id", time="at")
view = shop.request("view", rows, columns=["prise"])
sold = shop.label("sold", asked=rows, outcome="sold")


@shop.model(label=sold, features=[view], split=tm.by_time(valid="30 days", test=0.1), gates=[tm.at_least("roc_auk", 1)])
def ranker(train, valid):
    return 0.1
"""


@pytest.fixture
def wrong(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "rows.csv").write_text("id,at,price,sold\n1,2026-01-01 10:00:00,2.5,true\n")
    (tmp_path / "shop.py").write_text(WRONG)
    return tmp_path / "shop.py"


@pytest.mark.needs("data")
@pytest.mark.parametrize("name", ["retail", "sba", "feast", "driving", "bank"])
def test_the_systems_of_the_real_tables_pass_unchanged(
    typed: Type, name: str, real_data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TIDEMILL_DATA", str(real_data))
    result = typed("check", str(SYSTEMS / f"{name}.py"))
    assert result.exit_code == 0, result.output
    assert "no mistake" in result.stdout
    assert "not read" not in result.stdout
    assert "unknown" not in result.stdout


def test_the_shop_passes_without_its_database_and_with_it(
    typed: Type, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("SHOP_DB", raising=False)
    without = typed("check", str(SYSTEMS / "shop.py"))
    assert without.exit_code == 0
    assert "the environment has no SHOP_DB" in " ".join(without.stdout.split())
    shop = made_shop(tmp_path)
    monkeypatch.setenv("SHOP_DB", f"sqlite:///{shop}")
    within = typed("check", str(SYSTEMS / "shop.py"))
    assert within.exit_code == 0
    assert "not read" not in within.stdout
    assert re.search(r"customer_id +int +key", within.stdout)
    assert re.search(r"popularity.clicks_7d +count, 7d, where kind = 'click', step 1h", within.stdout)


def made_shop(folder: Path) -> Path:
    """A database of the simulated shop, one day old."""
    from datetime import UTC, datetime

    from tidemill.app.demo import shopdata

    shopdata.make(folder / "shop.db", seed=1, start=datetime(2026, 1, 1, tzinfo=UTC), days=1, customers=10, products=5)
    return folder / "shop.db"


def test_every_mistake_comes_at_once_with_its_line_path_and_way_out(typed: Type, wrong: Path) -> None:
    result = typed("check", "shop.py", columns=100)
    assert result.exit_code == 1
    said = " ".join(result.stdout.split())
    for part in (
        "4 mistakes",
        "shop.py:4 system shop > zone", "Did you mean `Asia/Seoul`?",
        "shop.py:6 request view > columns", "Did you mean `price`?",
        "shop.py:10 model ranker > split > valid", "Write a whole number with s, m, h or d",
        "shop.py:10 model ranker > gates[0] > metric", "Did you mean `roc_auc`?",
    ):  # fmt: skip
        assert part in said
    assert max(map(len, result.stdout.splitlines())) <= 100


def test_mistakes_as_json_carry_code_fields_and_words(typed: Type, wrong: Path) -> None:
    result = typed("check", "shop.py", "--json")
    assert result.exit_code == 1
    document = json.loads(result.stdout)
    assert len(document["mistakes"]) == 4
    assert all({"code", "path", "place", "fields", "says", "do"} == mistake.keys() for mistake in document["mistakes"])
    assert document["description"] is None


def test_a_good_declaration_as_json_carries_what_follows(typed: Type, wrong: Path) -> None:
    good = WRONG.replace("Seol", "Seoul").replace("prise", "price").replace("30 days", "30d").replace("auk", "auc")
    wrong.write_text(good)
    document = json.loads(typed("check", "shop.py", "--json").stdout)
    (model,) = document["description"]["models"]
    assert [(one["name"], one["type"]) for one in model["request"]] == [
        ("price", "float"),
        ("id", "int"),
        ("at", "timestamp"),
    ]


def test_a_file_that_cannot_be_loaded_is_said_with_its_line(typed: Type, wrong: Path) -> None:
    wrong.write_text("import tidemill as tm\n\nshop = tm.System('shop', ownr='x')\n")
    result = typed("check", "shop.py")
    assert result.exit_code == 2
    assert "TypeError" in result.stderr
    assert "shop.py:3" in result.stderr
