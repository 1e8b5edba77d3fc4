"""Where a system runs and how fast its loop turns: tidemill.toml and the environment, read once."""

from __future__ import annotations

import getpass
import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches
from pathlib import Path
from typing import Any, Literal, cast

from tidemill.app.find import toml_of
from tidemill.errors import SettingsError

Automation = Literal["advise", "act"]

HOME = ".tidemill"
BACKENDS = ("ledger", "lake", "blobs", "journal", "compute", "runner", "target")
"""Ports that will be had elsewhere one day; naming one is refused as long as there is only the embedded one."""
SERVE = ("host", "port", "workers")
KNOWN = (*BACKENDS, "online", "clock", "automation", "serve", "pace")


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """One environment, with the embedded backends under `home`; `folder`: the system file's, where paths begin.

    `clock`: `system` or `scaled:...`. `online`: URL of a shared online store with its `${NAME}` references, "" for the
    embedded one. `pace`: overrides of tidemill.loop.tick's Pace by name.
    """

    folder: Path
    home: Path
    environment: str
    clock: str = "system"
    online: str = ""
    automation: Automation = "act"
    host: str = "127.0.0.1"
    port: int = 8000
    workers: int = 1
    pace: Mapping[str, float] = field(default_factory=dict)


def settings(toml: Path, folder: Path, name: str | None = None) -> Settings:
    """The environment of that name (else `TIDEMILL_ENV`, else `default`) of the tidemill.toml in `toml`.

    The home is `TIDEMILL_HOME`, else `.tidemill` in the system's folder.

    SettingsError `environment-unknown`, `setting-unknown`, `setting-type`, `backend-unknown`.
    """
    chosen = name or os.environ.get("TIDEMILL_ENV") or "default"
    environments = table(toml_of(toml), "environment")
    if chosen not in environments and (name or environments.keys() - {"default"}) and chosen != "default":
        raise SettingsError("environment-unknown", environment=chosen, known=sorted(environments))
    given = table(environments, chosen, KNOWN, f"environment.{chosen}")
    serve, pace = table(given, "serve", SERVE, f"environment.{chosen}.serve"), table(given, "pace")
    for key in BACKENDS:
        if key in given:
            raise SettingsError("backend-unknown", setting=key, value=str(given[key]))
    automation = os.environ.get("TIDEMILL_AUTOMATION") or given.get("automation", "act")
    if automation not in {"advise", "act"}:
        raise SettingsError("setting-type", setting="automation", value=str(automation), expected="advise or act")
    return Settings(
        folder=folder,
        home=Path(os.environ.get("TIDEMILL_HOME") or folder / HOME),
        environment=chosen,
        clock=os.environ.get("TIDEMILL_CLOCK") or str(given.get("clock", "system")),
        online=os.environ.get("TIDEMILL_ONLINE") or url(given, "online"),
        automation=cast("Automation", automation),
        host=str(serve.get("host", "127.0.0.1")),
        port=whole(serve, "port", 8000, 0, 65_535),
        workers=whole(serve, "workers", 1, 1, 1_000),
        pace={key: amount(pace, key) for key in pace},
    )


def table(given: Mapping[str, Any], key: str, known: Sequence[str] = (), path: str = "") -> dict[str, Any]:
    """A table of the file, empty where it is not there; its keys are all known, if `known` names them.

    SettingsError `setting-type`, `setting-unknown`.
    """
    found = given.get(key, {})
    if not isinstance(found, dict):
        raise SettingsError("setting-type", setting=path or key, value=str(found), expected="a table")
    unknown = [name for name in found if known and name not in known]
    if unknown:
        near = get_close_matches(unknown[0], known, n=1)
        raise SettingsError("setting-unknown", setting=f"{path}.{unknown[0]}", nearest=near[0] if near else "")
    return found


def url(given: Mapping[str, Any], key: str) -> str:
    """A text of the file, "" where it is not there. SettingsError `setting-type`."""
    found = given.get(key, "")
    if not isinstance(found, str):
        raise SettingsError("setting-type", setting=key, value=str(found), expected="a URL")
    return found


def whole(given: Mapping[str, Any], key: str, usual: int, low: int, high: int) -> int:
    """A whole number between these. SettingsError `setting-type`."""
    found = given.get(key, usual)
    if isinstance(found, bool) or not isinstance(found, int) or not low <= found <= high:
        raise SettingsError(
            "setting-type", setting=key, value=str(found), expected=f"a whole number from {low} to {high}"
        )
    return found


def amount(given: Mapping[str, Any], key: str) -> float:
    """A number that is not negative. SettingsError `setting-type`."""
    found = given[key]
    if isinstance(found, bool) or not isinstance(found, int | float) or not 0 <= found < float("inf"):
        raise SettingsError("setting-type", setting=f"pace.{key}", value=str(found), expected="a number from 0 on")
    return float(found)


def resolved(text: str) -> str:
    """`${NAME}` references in a declaration replaced by the environment.

    SettingsError `reference-unset`, `reference-unread`.
    """
    parts = text.split("${")
    found = [parts[0]]
    for part in parts[1:]:
        name, closed, rest = part.partition("}")
        if not closed or not name.isidentifier():
            raise SettingsError("reference-unread", where=text)
        if name not in os.environ:
            raise SettingsError("reference-unset", name=name, where=text)
        found.append(os.environ[name] + rest)
    return "".join(found)


def unset(names: Iterable[str]) -> tuple[str, ...]:
    """Those of the names that the environment does not have."""
    return tuple(name for name in names if name not in os.environ)


def person() -> str:
    """Who is at the keyboard: `TIDEMILL_USER`, else the login's name; `unknown` where there is neither."""
    try:
        return os.environ.get("TIDEMILL_USER") or getpass.getuser()
    except (OSError, KeyError):
        return "unknown"
