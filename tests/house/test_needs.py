"""A test that lacks something is skipped with the way to get it, or fails where it is required."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests import needs
from tests.needs import REQUIRE, Thing, data_folder, need


@pytest.fixture
def lacking(monkeypatch: pytest.MonkeyPatch) -> str:
    """The name of a thing that no machine has."""
    thing = Thing(name="tide", find=lambda: None, how="wait for the moon")
    monkeypatch.setitem(needs.THINGS, thing.name, thing)
    monkeypatch.delenv(REQUIRE, raising=False)
    return thing.name


def test_is_skipped_with_the_way_to_get_it(lacking: str) -> None:
    with pytest.raises(pytest.skip.Exception, match=r"needs tide, which is not here \(wait for the moon\)"):
        need(lacking)


def test_fails_where_it_is_required(lacking: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(REQUIRE, "browser, tide")
    with pytest.raises(pytest.fail.Exception, match="TIDEMILL_REQUIRE says it must be"):
        need(lacking)


def test_gives_where_it_is(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("TIDEMILL_DATA", str(tmp_path))
    assert need("data") == data_folder() == tmp_path


def test_real_tables_lie_beside_the_checkout_unless_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delenv("TIDEMILL_DATA", raising=False)
    monkeypatch.setattr(needs, "ROOT", tmp_path / "tidemill")
    assert data_folder() is None
    (tmp_path / "shared" / "data").mkdir(parents=True)
    assert data_folder() == tmp_path / "shared" / "data"
