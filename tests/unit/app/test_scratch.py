"""The folder that a replay works in, and what becomes of it when the replay is killed."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tidemill.app.scratch import scratch, sweep

WORKS = """
import sys
from pathlib import Path
from tidemill.app.scratch import scratch

with scratch(Path(sys.argv[1])) as folder:
    (folder / "blobs").mkdir()
    print(folder, flush=True)
    sys.stdin.read()
"""


@contextmanager
def working(home: Path) -> Iterator[tuple[subprocess.Popen[str], Path]]:
    """Another process at work there, with its folder."""
    argv = [sys.executable, "-c", WORKS, str(home)]
    with subprocess.Popen(argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as other:
        try:
            assert other.stdout is not None
            yield other, Path(other.stdout.readline().strip())
        finally:
            other.kill()


def test_is_gone_at_the_end(tmp_path: Path) -> None:
    with scratch(tmp_path) as folder, scratch(tmp_path) as second:
        (folder / "blobs").mkdir()
        assert folder.is_dir()
        assert second not in (folder, folder.parent)
    assert list((tmp_path / "tmp").iterdir()) == []


def test_only_what_a_killed_process_left_is_swept(tmp_path: Path) -> None:
    with working(tmp_path) as (other, folder):
        sweep(tmp_path)
        with scratch(tmp_path):
            assert (folder / "blobs").is_dir()
        other.kill()
        other.wait()
        assert (folder / "blobs").is_dir()
        sweep(tmp_path)
        assert not folder.exists()


def test_a_new_one_sweeps_too_and_leaves_alone_what_is_not_of_its_kind(tmp_path: Path) -> None:
    (tmp_path / "tmp" / "replay-left" / "blobs").mkdir(parents=True)
    (tmp_path / "tmp" / "metrics").mkdir()
    with scratch(tmp_path) as folder:
        assert {path.name for path in (tmp_path / "tmp").iterdir()} == {folder.name, "metrics"}


def test_where_nothing_was_ever_made_there_is_nothing_to_sweep(tmp_path: Path) -> None:
    sweep(tmp_path)
    assert list(tmp_path.iterdir()) == []
