"""When triggers go off on past data: counted in plain Python."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

import tidemill as tm
from tests.street import DAY, us
from tidemill.loop.replay.turns import Arrivals, next_due
from tidemill.spec.check import NewRows

START = us("2026-01-01")


@given(
    arrivals=st.lists(st.integers(0, 30), max_size=20), rows=st.integers(1, 6), trained=st.integers(-1, 30),
    until=st.integers(0, 30), kind=st.sampled_from(["label", "source"]),
)  # fmt: skip
def test_the_nth_row_after_the_last_training_fires(
    arrivals: list[int], rows: int, trained: int, until: int, kind: str
) -> None:
    known = np.sort(np.array(arrivals, np.int64))
    empty = np.empty(0, np.int64)
    came = Arrivals(
        label={"x": known if kind == "label" else empty}, source={"x": known if kind == "source" else empty}
    )
    trigger = NewRows(of="x", rows=rows, kind="label" if kind == "label" else "source")
    found = next_due([trigger], came, zone="UTC", trained_us=trained, until_us=until)
    later = [moment for moment in known.tolist() if moment > trained]
    expected = later[rows - 1] if len(later) >= rows and later[rows - 1] <= until else None
    assert (None if found is None else found.at_us) == expected
    assert found is None or (found.trigger, found.evidence) == (f"new_rows x {rows}", {"rows": rows, "of": "x"})


def test_the_first_of_several_triggers_fires() -> None:
    came = Arrivals(label={"y": np.array([START + 3 * DAY, START + 20 * DAY])}, source={})
    count, weekly = NewRows(of="y", rows=1, kind="label"), tm.cron("0 5 * * 1")
    given_by = {"zone": "Asia/Seoul", "trained_us": START, "until_us": START + 30 * DAY}
    first = next_due([weekly, count], came, **given_by)  # type: ignore[arg-type]  # as declared
    assert first is not None
    assert (first.trigger, first.at_us) == ("new_rows y 1", START + 3 * DAY)
    second = next_due([weekly, count], came, **given_by | {"trained_us": first.at_us})  # type: ignore[arg-type]  # fields by name
    assert second is not None
    assert (second.trigger, second.at_us) == ("cron 0 5 * * 1", us("2026-01-05T05:00+09:00"))
    unknown = NewRows(of="z", rows=1, kind="source")
    assert next_due([unknown], came, **given_by) is None  # type: ignore[arg-type]  # fields by name
