"""The public face: what `import tidemill as tm` offers, and what it costs to look at it."""

from __future__ import annotations

import subprocess
import sys

import pytest

import tidemill

NAMES = {
    "System", "Data", "Client", "sql", "files", "query",
    "count", "sum", "mean", "std", "min", "max", "distinct", "last", "lag", "days_since_last",
    "at_least", "at_most", "not_worse", "no_drift", "fair", "per",
    "by_time", "by_group", "by_hash", "canary", "tune", "cron", "new_rows",
}  # fmt: skip

HEAVY = {
    "numpy", "pandas", "pyarrow", "duckdb", "sqlalchemy", "sqlglot", "lightgbm", "sklearn", "scipy", "rich", "jinja2",
    "yaml", "lmdb", "uvicorn", "uvloop", "urllib3",
}  # fmt: skip
"""What nobody should wait for who only imports the package or asks for help."""

BAREST = HEAVY | {"msgspec", "click", "cronsim", "asyncio", "dataclasses", "inspect", "typing_extensions"}
"""What `import tidemill` alone leaves out besides: it brings names, not things."""


def loaded_by(code: str) -> set[str]:
    """Top-level modules in memory after a fresh interpreter ran the code."""
    script = f"import sys\n{code}\nprint(*{{name.partition('.')[0] for name in sys.modules}}, file=sys.stderr)"
    run = subprocess.run([sys.executable, "-I", "-c", script], capture_output=True, text=True, check=True)
    return set(run.stderr.split())


def test_the_public_names_are_these() -> None:
    assert set(tidemill.__all__) == NAMES
    assert len(NAMES) <= 30


@pytest.mark.parametrize("name", sorted(NAMES))
def test_every_public_name_is_there_and_says_what_it_is(name: str) -> None:
    assert getattr(tidemill, name).__doc__


def test_a_name_that_is_not_public_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="tide"):
        getattr(tidemill, "tide")  # noqa: B009  a type checker would refuse the plain form, rightly


def test_importing_tidemill_loads_no_library() -> None:
    assert loaded_by("import tidemill") & BAREST == set()


def test_declaring_a_system_loads_no_heavy_library() -> None:
    assert (
        loaded_by("import tidemill as tm\ntm.System('shop', owner='a@b.example'), tm.count, tm.at_least") & HEAVY
        == set()
    )


def test_asking_for_help_loads_no_heavy_library() -> None:
    help_asked = "sys.argv = ['tidemill', '--help']"
    asked = f"{help_asked}\nfrom tidemill.__main__ import main\ntry:\n    main()\nexcept SystemExit:\n    pass"
    assert loaded_by(asked) & HEAVY == set()
