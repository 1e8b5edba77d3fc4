"""The demo's project: the shop template at a size and a pace that one machine turns in minutes, and what spoils it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path

SYSTEM, SETTINGS = "system.py", "tidemill.toml"


@dataclass(frozen=True, slots=True, kw_only=True)
class Edit:
    """A change of the system file: these words for those, and why."""

    old: str
    new: str
    why: str


SMALLER: tuple[Edit, ...] = (
    Edit(
        old='"""Which products will a customer buy in the next week? Trained nightly, served to the storefront\'s '
        '"recommended products"."""',
        new='"""Which products will a customer buy in the next week? The shop of `tidemill demo`: all simulated."""',
        why="said where it is read first",
    ),
    Edit(
        old='valid="7d", test="7d", history="90d"',
        new='valid="10d", test="7d", history="40d"',
        why="a run takes seconds; of ten days before the test the outcomes of three are known by then",
    ),
    Edit(old="choices.sample(0.1)", new="choices.sample(0.2)", why="some hundred customers"),
    Edit(old="tm.tune(15, 127)", new="tm.tune(4, 12)", why="few rows want small trees"),
    Edit(old="n_estimators=500", new="n_estimators=200, n_jobs=1", why="the server answers on the same two cores"),
    Edit(
        old='tm.at_most("p99_ms", 100)',
        new='tm.at_most("p99_ms", 500)',
        why="customers, server, loop and training share a machine",
    ),
    Edit(
        old='tm.canary("5%", "25%", require=',
        new='tm.canary("25%", "50%", deadline="42d", require=',
        why="5 % of some hundred customers tell nothing",
    ),
    Edit(old='tm.cron("0 3 * * *")', new='tm.cron("0 3 1 1,7 *")', why="a day passes in a second, a run takes many"),
    Edit(
        old="shop.retrain(ranker,",
        new='shop.notify("ALERTS", severity="warning")  # the demo listens there\nshop.retrain(ranker,',
        why="the demo plays the team's chat",
    ),
)
"""What the demo has otherwise than `tidemill init shop`."""

SHUFFLED: tuple[Edit, ...] = (
    Edit(
        old="    import lightgbm as lgb\n",
        new="    import lightgbm as lgb\n    from numpy.random import default_rng\n\n"
        "    y = default_rng(7).permutation(train.y)  # the rows are sorted, the labels are not\n",
        why="a mistake in the training function",
    ),
    Edit(old="model.fit(train.X, train.y,", new="model.fit(train.X, y,", why="the same mistake"),
)
"""A training function that has lost which label belongs to which row."""

OLD_HOURS: tuple[Edit, ...] = (
    Edit(
        old="    return asked_at.weekday() >= 5\n",
        new="    hours = [5] * 19  # the old shop closed at seven\n"
        "    return asked_at.weekday() >= hours[asked_at.hour]\n",
        why="right on every row to train on: they are asked at four in the morning",
    ),
)
"""A feature that fails in the evening, when most customers come."""


def edited(text: str, edits: Iterable[Edit]) -> str:
    """The text with the edits. ValueError for words that are not there exactly once."""
    for edit in edits:
        if text.count(edit.old) != 1:
            raise ValueError(edit.old)
        text = text.replace(edit.old, edit.new)
    return text


def system_text(alerts: str) -> str:
    """The demo's system file; `alerts`: where messages go."""
    template = files("tidemill.app").joinpath("templates", "shop", f"{SYSTEM}.template").read_text(encoding="utf-8")
    return edited(template, SMALLER).replace("ALERTS", alerts)


def write_system(folder: Path, alerts: str, edits: Iterable[Edit] = ()) -> None:
    """The system file, with these edits too."""
    (folder / SYSTEM).write_text(edited(system_text(alerts), edits), encoding="utf-8")


def write_settings(folder: Path, clock: str, port: int, pace: Mapping[str, float]) -> None:
    """The demo's tidemill.toml."""
    (folder / SETTINGS).write_text(
        "# Written by `tidemill demo`. On a scaled clock days pass in seconds; `pace` says how often the loop looks.\n"
        f'system = "{SYSTEM}"\n\n[environment.default]\nclock = "{clock}"\n'
        f'serve = {{ host = "127.0.0.1", port = {port}, workers = 1 }}\n\n[environment.default.pace]\n'
        + "".join(f"{name} = {value if value % 1 else int(value)}\n" for name, value in pace.items()),
        encoding="utf-8",
    )
