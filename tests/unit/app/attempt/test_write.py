"""The written file is a declaration without a mistake, whatever the columns are called."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.unit.app.attempt.tables import N, calls, parquet
from tidemill.app.attempt.attempt import looked
from tidemill.app.attempt.plan import Plan, floored, raised
from tidemill.app.attempt.record import Wanted
from tidemill.app.attempt.write import quote, system_text
from tidemill.app.check import check
from tidemill.app.context import silent, sources
from tidemill.app.find import find
from tidemill.app.wiring import make
from tidemill.facts.codec import digest
from tidemill.spec.declaration import Declaration


def declared(wanted: Wanted, plan: Plan | None = None) -> tuple[str, Declaration]:
    """The text, and what it declares; it has no mistake."""
    look = looked(wanted, make("compute.duckdb"), silent)
    text = system_text(wanted, look.timing, look.target, look.chosen, rows=look.raw.rows.num_rows, plan=plan)
    wanted.folder.mkdir()
    (wanted.folder / "system.py").write_text(text, encoding="utf-8")
    found = find("system.py", wanted.folder)
    assert check(found, sources(found.folder), digest).examination.mistakes == ()
    return text, found.declaration


def test_the_file_says_what_was_chosen_and_what_the_figures_told(tmp_path: Path) -> None:
    wanted = Wanted(file=parquet(tmp_path, calls()), time="at", label="y", folder=tmp_path / "calls")
    text, system = declared(wanted, Plan(history=5_000, every=300, floor=0.6))
    (model,), (view,) = system.models, system.views
    assert [item.name for item in view.columns] == ["mood", "city"]  # type: ignore[union-attr] # a request view
    assert "#   seconds knows too much about y" in text
    assert "history=5_000" in text
    assert "tm.new_rows(outcome, 300)" in text
    assert [str(gate) for gate in model.gates if "0.6" in str(gate)]
    assert (system.roots[0].key, system.roots[0].time) == (("call",), "at")


def test_an_order_becomes_a_time(tmp_path: Path) -> None:
    wanted = Wanted(file=parquet(tmp_path, calls(at=None)), time="call", label="y", folder=tmp_path / "calls")
    text, system = declared(wanted)
    assert (system.roots[0].key, system.roots[0].time) == (("call",), "happened_at")
    assert "a second a step stands for it" in text


def test_hostile_and_foreign_names_are_carried(tmp_path: Path) -> None:
    names = ('a "quoted" \\ name', "emp.var.rate", "나이", "select", "_own", "case")
    odd: dict[str, Any] = {name: np.arange(N) % (7 + place) for place, name in enumerate(names)}
    table = calls(call=None, **odd)
    file = parquet(tmp_path, table, '1 Bank\'s "calls".parquet')
    text, system = declared(Wanted(file=file, time="at", label="y", folder=tmp_path / "it"))
    chosen = [item.name for item in system.views[0].columns]  # type: ignore[union-attr] # a request view
    assert chosen == ["mood", "city", "a_quoted_name", "emp_var_rate", "나이", "select", "case"]
    assert system.name == "table_1_Bank_s_calls"
    assert 'exclude ("_own")' in text


@pytest.mark.parametrize(
    "text", ["plain", 'with "double"', "with 'single'", "both \" and '", 'ends in "', "back\\slash", "a\nb"]
)
def test_quoted_texts_are_read_back_as_they_were(text: str) -> None:
    assert eval(quote(text)) == text


def test_floors_and_ceilings_leave_room() -> None:
    assert [floored(value) for value in (0.774, 0.75, 0.2)] == [0.75, 0.75, None]
    assert [raised(value) for value in (2.611, 0.0261, 0.0, 1234.0)] == [2.7, 0.027, 0.0, 1300.0]
