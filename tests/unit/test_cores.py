"""Work on several columns at once gives what work on one after another does."""

from __future__ import annotations

import threading

import numpy as np
import pytest

from tidemill import cores
from tidemill.measure.column import read
from tidemill.measure.survey.survey import survey
from tidemill.measure.survey.table import Table


def test_results_come_in_the_order_of_the_items() -> None:
    assert cores.each(lambda item: item * 2, range(100), cores.ROWS) == [item * 2 for item in range(100)]


def test_few_rows_stay_in_the_thread_that_asks() -> None:
    seen = cores.each(lambda _: threading.get_ident(), range(5), cores.ROWS - 1)
    assert set(seen) == {threading.get_ident()}


def test_what_fails_on_one_column_is_raised() -> None:
    with pytest.raises(ZeroDivisionError):
        cores.each(lambda item: 1 // item, [1, 0, 2], cores.ROWS)


def test_a_table_is_surveyed_alike_on_one_core_and_on_several(monkeypatch: pytest.MonkeyPatch) -> None:
    random = np.random.default_rng(1)
    columns = {f"x{place}": read(random.lognormal(3, 1, 2_000).round(place)) for place in range(6)}
    columns |= {"when": read(np.arange(2_000).astype("datetime64[s]")), "word": read(random.choice(["a", "A"], 2_000))}
    types = dict.fromkeys(columns, "float") | {"when": "timestamp", "word": "text"}
    table = Table(name="t", columns=columns, types=types, time="when")
    one = survey(table)
    monkeypatch.setattr(cores, "ROWS", 1)
    assert survey(table) == one
