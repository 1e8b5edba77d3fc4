"""Peers in environments of their own, and what a case costs in a process of its own."""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import gettempdir

HEAD = """
import json, sys, time
begun, before = time.perf_counter(), time.process_time()
path = sys.argv[1]
"""
TAIL = """
print(json.dumps([time.perf_counter() - begun, time.process_time() - before, found]))
"""
"""Around a peer's script: what comes between is timed, and leaves what it `found`."""
COMPILED = Path(gettempdir()) / "tidemill-bench-compiled"
"""Where modules are compiled once, as an installation has them, though the environment may forbid it elsewhere."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Cost:
    """CPU seconds of the whole process with all that it started, and wall and CPU seconds without its imports."""

    process_s: float
    wall_s: float
    cpu_s: float


def measured(command: Sequence[str], turns: int) -> tuple[Cost, object]:
    """The best of each over that many turns, and what the case found; the first turn, which compiles, is not counted.

    RuntimeError where one fails, or two found different things.
    """
    costs, found = [], []
    for _ in range(turns + 1):
        before = cpu_of_children()
        done = subprocess.run(command, check=False, capture_output=True, text=True, env=compiling())
        if done.returncode:
            raise RuntimeError(done.stderr[-2000:])
        wall, cpu, said = json.loads(done.stdout.splitlines()[-1])
        costs.append((cpu_of_children() - before, wall, cpu))
        found.append(said)
    if any(said != found[0] for said in found):
        raise RuntimeError(f"{command[:3]}: found {found}")
    process, wall, cpu = (min(kind) for kind in zip(*costs[1:], strict=True))
    return Cost(process_s=process, wall_s=wall, cpu_s=cpu), found[0]


def compiling() -> dict[str, str]:
    """The environment of a process that keeps the modules it compiles."""
    environ = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    return environ | {"PYTHONPYCACHEPREFIX": str(COMPILED)}


def cpu_of_children() -> float:
    """CPU seconds of all processes that were started here and have ended."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def environment(folder: Path, name: str, needs: Sequence[str]) -> Path:
    """The interpreter of a peer's environment, which is made if it is not there."""
    python = folder / name / "bin" / "python"
    if not python.exists():
        subprocess.run([sys.executable, "-m", "venv", str(folder / name)], check=True)
        subprocess.run([str(python), "-m", "pip", "install", "-qq", *needs], check=True)
    return python


def version_of(python: Path, name: str) -> str:
    """The version of a library there."""
    code = f"from importlib.metadata import version; print(version({name!r}))"
    return subprocess.run([str(python), "-c", code], check=True, stdout=subprocess.PIPE, text=True).stdout.strip()
