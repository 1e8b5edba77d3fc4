"""A project's folder, commands typed in it as a user does, and what they left on the screen."""

from __future__ import annotations

import csv
import os
import random
import re
import signal
import subprocess
import sys
import time
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from threading import Event, Thread
from typing import Any

from click.testing import CliRunner
from rich.cells import cell_len

from tidemill.errors import TidemillError
from tidemill.interfaces.cli.main import mill
from tidemill.interfaces.client import Client

SYSTEM = """import tidemill as tm

loan = tm.System("loan", owner="risk@bank.example", zone="UTC")
loans = loan.source("loans", tm.files("loans.csv"), key="loan_id", time="applied_at")
application = loan.request("application", loans, columns=["amount", "state"])
lender = loan.features("lender", loans, entity="bank", windows={"loans_7d": tm.count("7d")})
bad = loan.label("went_bad", asked=loans, outcome="bad = 1")


@loan.model(label=bad, features=[application, lender], split=tm.by_time(valid=0.2, test=0.2, refit="none"))
def risk(train: tm.Data, valid: tm.Data) -> object:
    return float(train.y.mean())
"""
FUNCTION = "    return float(train.y.mean())\n"
WIDE = 80
LONG_WORD = 60
"""A path or a digest is not broken: it may reach over the edge."""
ASK = {"amount": 100, "state": "FL", "bank": "B1"}
PATIENCE_S = 120

Row = dict[str, Any]


def rows(count: int = 300) -> list[Row]:
    """Loans, one every three hours; the big ones go bad."""
    chance = random.Random(1)
    start = datetime(2026, 1, 1)  # noqa: DTZ001 - files hold naive times
    made = []
    for n in range(count):
        amount = chance.randint(10, 900)
        made.append(
            {
                "loan_id": n + 1,
                "applied_at": (start + timedelta(hours=3 * n)).isoformat(),
                "amount": amount,
                "state": chance.choice(["CA", "FL", "TX"]),
                "bank": f"B{chance.randint(1, 9)}",
                "bad": int(chance.random() < 0.15 + 0.7 * (amount > 450)),
            }
        )
    return made


@dataclass(frozen=True, slots=True, kw_only=True)
class Ended:
    """A command as it ended, and what was on the screen."""

    code: int
    out: str
    err: str

    def __contains__(self, said: str) -> bool:
        """Whether it was said, wherever lines are broken."""
        return squeezed(said) in squeezed(self.out + self.err)


def squeezed(text: str) -> str:
    """The text without what is between its words."""
    return "".join(text.split())


@dataclass(slots=True)
class Project:
    """A folder with a system and its table."""

    folder: Path
    environment: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        self.write(SYSTEM)
        self.table(rows())

    @property
    def home(self) -> Path:
        return self.folder / ".tidemill"

    def write(self, text: str, name: str = "system.py") -> None:
        (self.folder / name).write_text(text, encoding="utf-8")

    def change(self, before: str, after: str) -> None:
        text = (self.folder / "system.py").read_text(encoding="utf-8")
        assert before in text
        self.write(text.replace(before, after, 1))

    def table(self, data: list[Row], name: str = "loans.csv") -> None:
        with (self.folder / name).open("w", newline="", encoding="utf-8") as file:
            writer = csv.DictWriter(file, data[0].keys())
            writer.writeheader()
            writer.writerows(data)

    def typed(self, *words: str) -> Ended:
        """A command line in this folder, on a screen of 80 letters; what it shows is looked at."""
        here = Path.cwd()
        os.chdir(self.folder)
        try:
            done = CliRunner().invoke(mill, list(words), env={"COLUMNS": str(WIDE), **self.environment})
        finally:
            os.chdir(here)
        if done.exception is not None and not isinstance(done.exception, SystemExit):
            raise done.exception
        return looked_at(Ended(code=done.exit_code, out=done.stdout, err=done.stderr))

    def damage(self, pattern: str, how: Callable[[Path], object]) -> Path:
        """Does that to the newest file of the home of that pattern."""
        found = max(self.home.glob(pattern), key=lambda path: (path.stat().st_mtime_ns, path))
        found.chmod(0o644)
        how(found)
        return found

    def champion(self) -> str:
        """Who answers, as `tidemill status` has it; "" for nobody."""
        found = re.search(r"● (risk@\d+)", self.typed("status").out)
        return found[1] if found else ""


def looked_at(ended: Ended) -> Ended:
    """The screen, fit to be seen: no traceback, nothing beyond its edge but a long word."""
    assert "Traceback" not in ended.out + ended.err
    for line in (ended.out + ended.err).splitlines():
        assert cell_len(line.rstrip()) <= WIDE or any(len(word) > LONG_WORD for word in line.split()), line
    return ended


def started(project: Project, *words: str, before: str = "", errors: int = subprocess.PIPE) -> subprocess.Popen[str]:
    """A command in a process of its own, as in a terminal of its own; `before`: Python that comes first."""
    code = f"{before}\nimport sys\nfrom tidemill.__main__ import main\nsys.argv = ['tidemill', *{words!r}]\nmain()"
    return subprocess.Popen(
        [sys.executable, "-c", code], cwd=project.folder, text=True, start_new_session=True,
        stdout=subprocess.PIPE, stderr=errors, env={**os.environ, "COLUMNS": str(WIDE)},
    )  # fmt: skip


def ended(process: subprocess.Popen[str]) -> Ended:
    out, err = process.communicate(timeout=PATIENCE_S)
    return looked_at(Ended(code=process.returncode, out=out, err=err))


def until(process: subprocess.Popen[str], said: str) -> None:
    """Waits until that is on the screen."""
    assert process.stderr is not None
    assert next(line for line in process.stderr if said in line)


def wait(until: Callable[[], object]) -> None:
    """Asks again and again until it is so."""
    end = time.monotonic() + PATIENCE_S
    while not until():
        assert time.monotonic() < end
        Event().wait(0.05)


@dataclass(frozen=True, slots=True, kw_only=True)
class Server:
    """`tidemill up`, and somebody who asks it."""

    process: subprocess.Popen[str]
    client: Client
    lines: deque[str]

    def __contains__(self, said: str) -> bool:
        """Whether it said that so far, wherever lines are broken."""
        return squeezed(said) in squeezed("".join(tuple(self.lines)))

    def says(self, **more: object) -> dict[str, Any]:
        """Its answer to the usual ask."""
        return self.client.predict("risk", [{**ASK, **more}])

    def version(self) -> str:
        """Who answers; the code of the error where nobody does."""
        try:
            return str(self.says()["version"])
        except TidemillError as error:
            return error.code

    def worker(self) -> int:
        """The number of the process that answers."""
        for child in Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children").read_text().split():
            if b"interfaces.worker" in Path(f"/proc/{child}/cmdline").read_bytes():
                return int(child)
        raise AssertionError("nobody answers")


@contextmanager
def serving(project: Project, port: int) -> Iterator[Server]:
    """`tidemill up` of the project; at the end Ctrl-C."""
    process = started(project, "up", "--port", str(port), errors=subprocess.STDOUT)
    assert process.stdout is not None
    lines: deque[str] = deque()
    reader = Thread(target=lines.extend, args=(process.stdout,), daemon=True)
    reader.start()
    try:
        wait(lambda: any(line.startswith("Serving on") for line in tuple(lines)) or process.poll() is not None)
        with Client(f"http://127.0.0.1:{port}") as client:
            yield Server(process=process, client=client, lines=lines)
    finally:
        os.killpg(process.pid, signal.SIGINT)
        status = process.wait(PATIENCE_S)
        reader.join()
        process.stdout.close()
    assert (status, lines[-1]) == (0, "Stopped.\n")
    assert not [line for line in lines if "Traceback" in line]


def scribble(path: Path) -> None:
    """Other bytes in the middle."""
    data = bytearray(path.read_bytes())
    data[len(data) // 3 : len(data) // 3 + 8] = b"scribble"
    path.write_bytes(data)
