"""The system of a file: found where it is asked for, and what a broken file says."""

from __future__ import annotations

from pathlib import Path

import pytest

from tidemill.app.find import find
from tidemill.errors import DeclarationError, SettingsError

SYSTEM = 'import tidemill as tm\n\nshop = tm.System("shop", owner="o@shop.example")\n'


def written(folder: Path, text: str, name: str = "system.py") -> Path:
    file = folder / name
    file.write_text(text, encoding="utf-8")
    return file


def refusal(folder: Path, argument: str | None = None) -> SettingsError:
    with pytest.raises(SettingsError) as raised:
        find(argument, folder)
    return raised.value


def test_the_argument_comes_before_the_setting_and_the_setting_before_the_default(tmp_path: Path) -> None:
    for name in ("a", "b", "system"):
        written(tmp_path, SYSTEM.replace('"shop"', f'"{name}"'), f"{name}.py")
    assert find(None, tmp_path).declaration.name == "system"
    written(tmp_path, 'system = "b.py"', "tidemill.toml")
    assert find(None, tmp_path).declaration.name == "b"
    assert find("a.py", tmp_path).declaration.name == "a"


def test_a_missing_file_names_the_nearest(tmp_path: Path) -> None:
    written(tmp_path, SYSTEM, "shop.py")
    assert refusal(tmp_path, "shpo.py").fields["nearest"] == "shop.py"


def test_a_file_declares_exactly_one_system(tmp_path: Path) -> None:
    written(tmp_path, "x = 1\n")
    assert refusal(tmp_path).code == "settings.no-system"
    written(tmp_path, SYSTEM + 'other = tm.System("other", owner="o")\nagain = shop\n')
    assert refusal(tmp_path).fields["names"] == ["shop", "other"]


@pytest.mark.parametrize(
    ("text", "error", "place"),
    [
        (SYSTEM + "shop.sauce()\n", "AttributeError", "system.py:4"),
        (SYSTEM + "def f(:\n", "SyntaxError", "system.py:4"),
        ("import tidemill_has_no_such_library\n", "ModuleNotFoundError", "system.py:1"),
    ],
)
def test_what_the_file_raises_is_said_with_its_line(tmp_path: Path, text: str, error: str, place: str) -> None:
    written(tmp_path, text)
    fields = refusal(tmp_path).fields
    assert (fields["error"], fields["place"]) == (error, place)
    assert fields["words"]


def test_the_line_of_a_helper_beside_the_file_is_the_one_that_is_named(tmp_path: Path) -> None:
    written(tmp_path, "def prices() -> None:\n    raise ValueError('no prices')\n", "helper_of_a_test.py")
    written(tmp_path, "import helper_of_a_test\n\nhelper_of_a_test.prices()\n")
    assert refusal(tmp_path).fields["place"] == "helper_of_a_test.py:2"


def test_a_mistake_of_the_declaration_stays_what_it_is(tmp_path: Path) -> None:
    written(tmp_path, SYSTEM + 'shop.source("events", "events.csv", time="at")\n')
    with pytest.raises(DeclarationError, match="wrong-type"):
        find(None, tmp_path)
