"""New projects: what is written is what we ship as an example, and nothing is written over."""

from __future__ import annotations

import runpy
from pathlib import Path

import pytest

from tests.needs import ROOT
from tidemill.app.find import find
from tidemill.app.init import cases, write_case, written
from tidemill.errors import SettingsError


def test_the_shops_system_is_our_example_with_a_database_beside_it(tmp_path: Path) -> None:
    write_case("shop", tmp_path / "shop")
    example = (ROOT / "examples" / "systems" / "shop.py").read_text(encoding="utf-8")
    own = example.replace("${SHOP_DB}", "sqlite:///shop.db").replace(
        'shop.notify("${SLACK_URL}", severity="warning")\n', ""
    )
    assert (tmp_path / "shop" / "system.py").read_text(encoding="utf-8") == own


@pytest.mark.parametrize("case", cases())
def test_every_case_is_a_whole_project(case: str, tmp_path: Path) -> None:
    names = {path.name for path in write_case(case, tmp_path / case)}
    assert {"system.py", "tidemill.toml", "README.md"} <= names
    assert find(None, tmp_path / case).declaration.models


def test_the_shops_database_is_made_and_brought_on(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write_case("shop", tmp_path)
    script = tmp_path / "make_database.py"
    script.write_text(script.read_text(encoding="utf-8").replace("150, 2_000", "2, 10"), encoding="utf-8")
    for said in ("2 days of a shop", "rows of events more"):
        runpy.run_path(str(script))
        assert said in capsys.readouterr().out
    assert (tmp_path / "shop.db").is_file()


def test_nothing_is_written_over_and_nothing_by_halves(tmp_path: Path) -> None:
    (tmp_path / "b.txt").write_text("mine")
    with pytest.raises(SettingsError) as raised:
        written({"a.txt": "a", "b.txt": "b"}, tmp_path)
    assert raised.value.fields["files"] == ["b.txt"]
    assert {path.name: path.read_text() for path in tmp_path.iterdir()} == {"b.txt": "mine"}


def test_a_folder_that_cannot_be_written_says_so(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(SettingsError) as raised:
        written({"a.txt": "a"}, tmp_path / "file" / "below")
    assert raised.value.code == "settings.not-writable"
