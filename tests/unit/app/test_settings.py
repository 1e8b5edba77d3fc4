"""tidemill.toml and the environment: what is wrong in them is one error that names the setting."""

from __future__ import annotations

from pathlib import Path

import pytest

from tidemill.app.settings import resolved, settings
from tidemill.app.wiring import clock, online
from tidemill.errors import SettingsError


def refused(folder: Path, text: str) -> tuple[str, object]:
    """The code and the setting that it names."""
    (folder / "tidemill.toml").write_text(text)
    with pytest.raises(SettingsError) as raised:
        settings(folder, folder)
    return raised.value.code, raised.value.fields.get("setting")


def test_what_is_not_said_is_the_usual(tmp_path: Path) -> None:
    found = settings(tmp_path, tmp_path)
    assert (found.host, found.port, found.workers, found.automation, found.clock) == (
        "127.0.0.1", 8000, 1, "act", "system",
    )  # fmt: skip
    (tmp_path / "tidemill.toml").write_text(
        "[environment.default]\nserve = { port = 0, workers = 3 }\npace = { scale = 2, trial_s = 0.5 }"
    )
    found = settings(tmp_path, tmp_path)
    assert (found.port, found.workers, found.pace) == (0, 3, {"scale": 2.0, "trial_s": 0.5})


@pytest.mark.parametrize(
    ("text", "code", "setting"),
    [
        ("environment = 3", "setting-type", "environment"),
        ("[environment]\ndefault = 3", "setting-type", "environment.default"),
        ("[environment.default]\nserve = 5", "setting-type", "environment.default.serve"),
        ("[environment.default.serve]\nport = 'x'", "setting-type", "port"),
        ("[environment.default.serve]\nport = 70000", "setting-type", "port"),
        ("[environment.default.serve]\nworkers = true", "setting-type", "workers"),
        ("[environment.default.serve]\nprot = 1", "setting-unknown", "environment.default.serve.prot"),
        ("[environment.default]\nserv = 5", "setting-unknown", "environment.default.serv"),
        ("[environment.default.pace]\npoll_us = 'x'", "setting-type", "pace.poll_us"),
        ("[environment.default.pace]\npoll_us = inf", "setting-type", "pace.poll_us"),
        ("[environment.default]\nautomation = 'on'", "setting-type", "automation"),
        ("[environment.default]\nledger = 'postgresql://x'", "backend-unknown", "ledger"),
        ("[environment.default]\nonline = 3", "setting-type", "online"),
        ("environment = ", "toml-unreadable", None),
    ],
)
def test_what_cannot_be_meant_is_refused(tmp_path: Path, text: str, code: str, setting: str | None) -> None:
    assert refused(tmp_path, text) == (f"settings.{code}", setting)


def test_where_the_online_store_is_stands_in_the_file_or_the_environment(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert settings(tmp_path, tmp_path).online == ""
    (tmp_path / "tidemill.toml").write_text("[environment.default]\nonline = 'redis://:${WORD}@cache/1'")
    assert settings(tmp_path, tmp_path).online == "redis://:${WORD}@cache/1"
    monkeypatch.setenv("TIDEMILL_ONLINE", "redis://other")
    assert settings(tmp_path, tmp_path).online == "redis://other"


def test_an_online_store_that_there_is_not(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="online-unknown"):
        online(tmp_path, "memcached://host")
    embedded = online(tmp_path, "")
    assert embedded.folder == tmp_path / "online"
    embedded.close()


@pytest.mark.parametrize("text", ["sundial", "scaled", "scaled:1", "scaled:1:0:1", "system:3"])
def test_a_clock_that_there_is_not(text: str) -> None:
    with pytest.raises(SettingsError, match="clock-unreadable"):
        clock(text)


def test_references_are_read_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FOLDER", "/data")
    assert resolved("${FOLDER}/a-${FOLDER}.csv $x {y}") == "/data/a-/data.csv $x {y}"
    with pytest.raises(SettingsError, match="reference-unset") as raised:
        resolved("${GONE_AWAY}/a.csv")
    assert raised.value.fields["name"] == "GONE_AWAY"
    for text in ("${FOLDER/a.csv", "${}/a.csv", "${a b}/a.csv"):
        with pytest.raises(SettingsError, match="reference-unread"):
            resolved(text)
