"""What starting up costs: CPU seconds of `import tidemill` and of `tidemill --help` over a bare Python."""

from __future__ import annotations

import argparse
import os
import platform
import sys
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from statistics import median


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """One thing to start, and the CPU seconds over bare Python that it may cost."""

    name: str
    argv: tuple[str, ...]
    bound_s: float | None = None


PYTHON = sys.executable
CASES = (
    Case(name="bare Python", argv=(PYTHON, "-c", "pass")),
    Case(name="import tidemill", argv=(PYTHON, "-c", "import tidemill"), bound_s=0.10),
    Case(name="tidemill --help", argv=(str(Path(PYTHON).with_name("tidemill")), "--help"), bound_s=0.15),
)


def cpu_seconds(argv: tuple[str, ...]) -> float:
    """User and system time of one process from start to end; RuntimeError when it fails."""
    silence = [(os.POSIX_SPAWN_OPEN, 1, os.devnull, os.O_WRONLY, 0)]
    child = os.posix_spawn(argv[0], argv, os.environ, file_actions=silence)
    _, status, used = os.wait4(child, 0)
    if status:
        raise RuntimeError(f"{' '.join(argv)} ended with {os.waitstatus_to_exitcode(status)}")
    return used.ru_utime + used.ru_stime


def measure(rounds: int) -> dict[str, list[float]]:
    """CPU seconds of each case, `rounds` times, in turns so that a busy moment of the machine hits all of them."""
    for case in CASES:
        cpu_seconds(case.argv)  # the first start compiles and warms the file cache; it is not counted
    turns = [{case.name: cpu_seconds(case.argv) for case in CASES} for _ in range(rounds)]
    return {case.name: [turn[case.name] for turn in turns] for case in CASES}


def table(seconds: dict[str, list[float]]) -> str:
    """The medians as a markdown table, with what they stand on."""
    bare = median(seconds[CASES[0].name])
    rows = ["| started | CPU s, median | over bare Python | bound |", "|---|---|---|---|"]
    for case in CASES:
        spent = median(seconds[case.name])
        over = "" if case.bound_s is None else f"{spent - bare:.3f}"
        bound = "" if case.bound_s is None else f"{case.bound_s:.2f}"
        rows.append(f"| `{case.name}` | {spent:.3f} | {over} | {bound} |")
    machine = f"Python {platform.python_version()} on {platform.system()} {platform.machine()}, {os.cpu_count()} cores"
    stands_on = f"{datetime.now(UTC):%Y-%m-%d}, tidemill {version('tidemill')}, click {version('click')}, {machine}"
    return "\n".join([*rows, "", f"{stands_on}, {len(seconds[CASES[0].name])} rounds."])


def main() -> None:
    """Measures and prints; `--rounds N`."""
    words = argparse.ArgumentParser(description=__doc__)
    words.add_argument("--rounds", type=int, default=21, help="starts of each (default 21)")
    print(table(measure(words.parse_args().rounds)))


if __name__ == "__main__":
    main()
