"""Where a system runs and how fast its loop turns: tidemill.toml and the environment, read once."""

from __future__ import annotations

import getpass
import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from pathlib import Path
from typing import Any, Literal, cast

from tidemill.app.find import toml_of
from tidemill.errors import SettingsError

Automation = Literal["advise", "act"]

BACKENDS = ("ledger", "lake", "blobs", "online", "journal", "compute", "runner", "target")
KNOWN = (*BACKENDS, "clock", "automation", "serve", "pace")


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """One environment. Backends are URLs; empty: the embedded default under `home`.

    `clock`: `system` or `scaled:...`. `pace`: overrides of tidemill.loop.tick's Pace by name.
    """

    home: Path
    environment: str
    backends: Mapping[str, str] = field(default_factory=dict)
    clock: str = "system"
    automation: Automation = "act"
    host: str = "127.0.0.1"
    port: int = 8000
    workers: int = 1
    pace: Mapping[str, float] = field(default_factory=dict)


def settings(folder: Path, home: Path, name: str | None = None) -> Settings:
    """The environment of that name (else `TIDEMILL_ENV`, else `default`) of the folder's tidemill.toml.

    SettingsError `environment-unknown`, `setting-unknown`, `setting-type`.
    """
    chosen = name or os.environ.get("TIDEMILL_ENV") or "default"
    environments = cast("dict[str, dict[str, Any]]", toml_of(folder).get("environment", {}))
    if chosen not in environments and (name or environments.keys() - {"default"}) and chosen != "default":
        raise SettingsError("environment-unknown", environment=chosen, known=sorted(environments))
    given = environments.get(chosen, {})
    for key in given:
        if key not in KNOWN:
            near = get_close_matches(key, KNOWN, n=1)
            raise SettingsError(
                "setting-unknown", setting=f"environment.{chosen}.{key}", nearest=near[0] if near else ""
            )
    serve = given.get("serve", {})
    automation = os.environ.get("TIDEMILL_AUTOMATION") or given.get("automation", "act")
    if automation not in {"advise", "act"}:
        raise SettingsError("setting-type", setting="automation", value=str(automation), expected="advise or act")
    return Settings(
        home=Path(os.environ.get("TIDEMILL_HOME") or home),
        environment=chosen,
        backends={key: str(given[key]) for key in BACKENDS if key in given},
        clock=os.environ.get("TIDEMILL_CLOCK") or str(given.get("clock", "system")),
        automation=cast("Automation", automation),
        host=str(serve.get("host", "127.0.0.1")),
        port=int(serve.get("port", 8000)),
        workers=int(serve.get("workers", 1)),
        pace={key: float(value) for key, value in given.get("pace", {}).items()},
    )


def resolved(text: str) -> str:
    """`${NAME}` references in a declaration replaced by the environment. SettingsError `reference-unset`."""
    parts = text.split("${")
    found = [parts[0]]
    for part in parts[1:]:
        name, _, rest = part.partition("}")
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
