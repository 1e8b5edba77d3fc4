"""Where the tables of a declaration are looked for: beside the system file, wherever the command is typed."""

from __future__ import annotations

from pathlib import Path

import pytest

from tidemill import files, query, sql
from tidemill.app.context import placed
from tidemill.errors import SettingsError

FOLDER = Path("/shop")


@pytest.mark.parametrize(
    ("declared", "meant"),
    [
        ("sqlite:///shop.db", "sqlite:////shop/shop.db"),
        ("sqlite+pysqlite:///data/shop.db?mode=ro", "sqlite+pysqlite:////shop/data/shop.db?mode=ro"),
        ("sqlite:////var/shop.db", "sqlite:////var/shop.db"),
        ("sqlite:///:memory:", "sqlite:///:memory:"),
        ("sqlite://", "sqlite://"),
        ("postgresql:///shop", "postgresql:///shop"),
        ("postgresql://me@host/shop", "postgresql://me@host/shop"),
    ],
)
def test_a_database_file_is_beside_the_system(declared: str, meant: str) -> None:
    assert placed(sql(declared).table("orders"), FOLDER) == sql(meant).table("orders")


def test_files_are_beside_the_system(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATA", "/data")
    assert placed(files("raw/*.csv"), FOLDER) == files("/shop/raw/*.csv")
    assert placed(files("${DATA}/a.csv"), FOLDER) == files("/data/a.csv")
    both = query("select * from a join b using (x)", a=files("a.csv"), b=files("/b.csv"))
    assert placed(both, FOLDER) == query("select * from a join b using (x)", a=files("/shop/a.csv"), b=files("/b.csv"))
    with pytest.raises(SettingsError, match="reference-unset"):
        placed(files("${GONE_AWAY}/a.csv"), FOLDER)
