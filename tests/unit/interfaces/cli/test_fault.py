"""How an error ends on the screen: one answer, never a traceback."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tidemill.interfaces.cli.fault import code_of

UNFORESEEN = """
import sys
from tidemill import __main__
from tidemill.interfaces.cli import main

def broken(*given):
    raise {raised}

main.Mill.get_command = broken
sys.argv = ["tidemill", "run"]
__main__.main()
"""


def ended(raised: str, folder: Path) -> subprocess.CompletedProcess[str]:
    """A command line in which something raises what nobody foresaw."""
    code = UNFORESEEN.format(raised=raised)
    return subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        check=False,
        cwd=folder,
        env={"TMPDIR": str(folder)},
    )


def test_what_nobody_foresaw_is_one_answer_and_its_traceback_a_file(tmp_path: Path) -> None:
    done = ended("KeyError('[b] :x:')", tmp_path)
    assert (done.returncode, done.stdout) == (1, "")
    assert "Traceback" not in done.stderr
    assert done.stderr.startswith("✗ Tidemill itself went wrong: KeyError: '[b] :x:'.")
    assert "run.stumbled" in done.stderr
    (file,) = tmp_path.glob("tidemill-*.txt")
    assert "Traceback" in file.read_text()


def test_ctrl_c_before_anything_began(tmp_path: Path) -> None:
    done = ended("KeyboardInterrupt", tmp_path)
    assert done.stderr.strip() == "Stopped. What was finished is kept."
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(
    ("code", "status"),
    [("data.column-missing", 1), ("settings.reference-unset", 2), ("busy.run-going", 4), ("model.damaged", 1)],
)
def test_the_family_of_a_code_tells_the_exit_code(code: str, status: int) -> None:
    assert code_of(code) == status


def test_streams_that_were_closed_before_swallow_what_is_said() -> None:
    done = subprocess.run(
        ["sh", "-c", f'"{sys.executable}" -m tidemill --help >&- 2>&-; echo $?'],
        capture_output=True,
        text=True,
        check=True,
    )
    assert (done.stdout.strip(), done.stderr) == ("0", "")
