"""Online look-ups equal what the declaration says of all rows, however these came in."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tidemill.errors import StoreError
from tidemill.features.online import entity_key, look_up, space, values
from tidemill.features.packed import SLACK_US, Projected, merge, pack_rows, takes_back, unpacked
from tidemill.spec.expression import Column, Expression, Named
from tidemill.spec.source import Files, Source
from tidemill.spec.view import Lookup, Window

SECOND, DAY = 1_000_000, 86_400_000_000
START = 1_700_000_000_000_000


def read(text: str) -> Expression:
    return Expression(text=text, tree=Column(name=text))


EVENTS = Source(name="events", dataset="events", table=Files(path="x"), key=("id",), time="at")
COLUMNS = (Named(name="price", expression=read("price")), Named(name="color", expression=read("color")))
WINDOWS = (
    ("n", Window(kind="count", length_us=DAY)),
    ("clicks", Window(kind="count", length_us=14 * DAY, where=read("click"), step_us=DAY)),
    ("spend", Window(kind="sum", expression=read("price"), length_us=DAY, step_us=3600 * SECOND, scale=2)),
    ("colors", Window(kind="distinct", expression=read("color"), length_us=2 * DAY)),
    ("lowest", Window(kind="min", expression=read("price"), length_us=DAY)),
    ("last_click", Window(kind="last", expression=read("price"), where=read("click"))),
    ("before", Window(kind="lag", expression=read("price"), rows=2, length_us=3600 * SECOND)),
    ("days", Window(kind="days_since_last", where=read("click"))),
)
VIEW = Lookup(
    name="v",
    source=EVENTS,
    entity=("customer",),
    columns=COLUMNS,
    windows=WINDOWS,
    chosen=("price", *(name for name, _ in WINDOWS)),
)


def projected(
    row: int, time: int, price: float | None, color: str | None, *, click: bool, late: int = 0, key: int | None = None
) -> Projected:
    return {
        "time": time,
        "known": time + late,
        "row": row,
        "key": str(row if key is None else key),
        "columns": [price, color],
        "values": [None, None, price, color, price, price, price, None],
        "masks": [True, click, True, True, True, click, True, click],
    }


def brute(rows: list[Projected], t: int) -> dict[str, object]:
    """The words of api.md, read row by row."""
    known = [row for row in rows if max(row["time"], row["known"]) < t]
    seen = sorted(
        (
            row
            for row in known
            if not row.get("gone")
            and not any(
                other["row"] > row["row"] and (other["key"], other["time"]) == (row["key"], row["time"])
                for other in known
            )
        ),
        key=lambda row: (row["time"], row["row"]),
    )

    def within(length: int, step: int) -> list[Projected]:
        bound = (t - length) // step * step if step else t - length
        return [row for row in seen if row["time"] >= bound]

    def prices(found: list[Projected]) -> list[float]:
        return [row["columns"][0] for row in found if row["columns"][0] is not None]  # type: ignore[misc]  # floats by construction

    clicks = [row for row in seen if row["masks"][1]]
    back = seen[-2] if len(seen) > 1 else None
    return {
        "price": seen[-1]["columns"][0] if seen else None,
        "color": seen[-1]["columns"][1] if seen else None,
        "n": len(within(DAY, 0)),
        "clicks": sum(bool(row["masks"][1]) for row in within(14 * DAY, DAY)),
        "spend": math.fsum(prices(within(DAY, 3600 * SECOND))),
        "colors": len({row["columns"][1] for row in within(2 * DAY, 0)} - {None}),
        "lowest": min(prices(within(DAY, 0)), default=None),
        "last_click": clicks[-1]["columns"][0] if clicks else None,
        "before": back["columns"][0] if back and back["time"] >= t - 3600 * SECOND else None,
        "days": (t - clicks[-1]["time"]) / DAY if clicks else None,
    }


ROWS = st.lists(
    st.builds(
        lambda hours, price, color, click, late, again: (hours, price, color, click, late, again),
        st.integers(0, 24 * 40),
        st.none() | st.integers(0, 40).map(lambda n: n / 4),
        st.none() | st.sampled_from("rgb"),
        st.booleans(),
        st.sampled_from([0, 0, 5 * SECOND, 30 * DAY]),
        st.booleans(),
    ),
    max_size=25,
)


@given(ROWS, st.lists(st.integers(1, 8), max_size=12), st.integers(-3600, 40 * 86_400))
def test_equals_the_words_for_all_rows_in_any_batches_redelivered_or_not(
    drawn: list[tuple[int, float | None, str | None, bool, int, bool]], cuts: list[int], after: int
) -> None:
    rows: list[Projected] = []
    for place, (hours, price, color, click, late, again) in enumerate(drawn):
        time = START + hours * 3600 * SECOND
        rows.append(projected(place, time, price, color, click=click, late=late))
        if again and place:  # a correction of the row before
            old = rows[-2]
            corrected = projected(place, old["time"], price, color, click=not click, late=late)
            rows[-1] = {**corrected, "key": old["key"]}
    record: bytes | None = None
    place = 0
    for size in [*cuts, len(rows)]:
        record = merge(record, rows[place : place + size], VIEW)
        record = merge(record, rows[max(place - 2, 0) : place + size], VIEW)  # delivered once more
        place += size
    asked = max((row["time"] for row in rows), default=START) + after * SECOND
    assert values(VIEW, record, asked) == brute(rows, asked)
    assert look_up(VIEW, [record], [asked])[0].exact


def test_keeps_what_the_next_ask_needs_and_no_more() -> None:
    old = [projected(n, START + n * SECOND, float(n), "r", click=n == 3) for n in range(1000)]
    new = [projected(5000, START + 100 * DAY, 7.0, "g", click=False)]
    record = merge(pack_rows(old, VIEW), new, VIEW)
    assert len(record) < len(pack_rows(old, VIEW)) / 50
    assert values(VIEW, record, START + 100 * DAY + SECOND) == brute(old + new, START + 100 * DAY + SECOND)


def test_says_when_an_ask_is_older_than_what_is_remembered() -> None:
    rows = [projected(n, START + n * DAY, 1.0, "r", click=True) for n in range(100)]
    record = pack_rows(rows, VIEW)
    newest = START + 99 * DAY
    assert look_up(VIEW, [record] * 2, [newest - SLACK_US, newest - SLACK_US - 1]) != []
    assert [found.exact for found in look_up(VIEW, [record] * 2, [newest - SLACK_US, newest - 40 * DAY])] == [
        True,
        False,
    ]


def test_a_row_from_the_future_ages_no_other() -> None:
    rows = [projected(n, START + n * DAY, 1.0, "r", click=True) for n in range(30)]
    rows.append(projected(30, START + 4000 * DAY, 9.0, "g", click=True))
    now = START + 29 * DAY + SECOND
    (found,) = look_up(VIEW, [merge(pack_rows(rows[:20], VIEW, now), rows[20:], VIEW, now)], [now])
    assert (found.values, found.exact) == (brute(rows, now), True)


def test_a_record_says_when_a_row_takes_back_what_hid_those_it_forgot() -> None:
    rows = [projected(n, START + n * 40 * DAY, float(n), "r", click=True) for n in range(5)]
    whole, short = pack_rows(rows[:1], VIEW), pack_rows(rows, VIEW)
    again = projected(9, rows[-1]["time"], 8.0, "r", click=False, key=4)
    first_again = projected(9, rows[0]["time"], 8.0, "r", click=False, key=0)
    assert takes_back(short, [rows[0], again])
    assert not takes_back(short, rows)  # delivered once more
    assert not takes_back(short, [first_again])  # of one that it forgot, it knows what it needs
    assert not takes_back(whole, [first_again])


def test_many_entities_in_one_pass_equal_each_alone() -> None:
    records = [
        pack_rows(
            [
                projected(n, START + n * hours * 3600 * SECOND, n / 2, "rgb"[n % 3], click=n % 2 == 0)
                for n in range(size)
            ],
            VIEW,
        )
        for size, hours in ((0, 1), (3, 2), (40, 1), (1, 1))
    ]
    asks = [START + 41 * 3600 * SECOND + n for n in range(5)]
    together = look_up(VIEW, [*records, None], asks)
    assert [found.values for found in together] == [
        values(VIEW, one, t) for one, t in zip([*records, None], asks, strict=True)
    ]
    assert [found.known for found in together] == [True, True, True, True, False]


def test_nobody_has_zero_rows() -> None:
    assert values(VIEW, None, START) == brute([], START)
    assert values(VIEW, None, START)["n"] == 0


def test_a_deleted_row_is_gone_whatever_came_before() -> None:
    rows = [projected(1, START, 1.0, "r", click=True), projected(2, START + SECOND, 2.0, "g", click=True)]
    gone: Projected = {"time": START + SECOND, "known": START + SECOND, "row": 3, "key": "2", "gone": True}
    record = merge(pack_rows(rows, VIEW), [gone], VIEW)
    assert values(VIEW, record, START + 2 * SECOND)["price"] == 1.0
    assert values(VIEW, record, START + 2 * SECOND)["n"] == 1


def test_what_was_replaced_is_still_seen_by_asks_from_before_and_goes_when_none_can_come() -> None:
    first = projected(1, START, 1.0, "r", click=True)
    again: Projected = {**projected(2, START, 5.0, "g", click=False, late=DAY), "key": "1"}
    gone: Projected = {"time": START, "known": START + 2 * DAY, "row": 3, "key": "1", "gone": True}
    record = merge(merge(pack_rows([first], VIEW), [again], VIEW), [gone], VIEW)
    moments = [START + DAY, START + DAY + 1, START + 2 * DAY, START + 2 * DAY + 1]
    found = look_up(VIEW, [record] * 4, moments)
    assert [(one.values["price"], one.values["clicks"], one.exact) for one in found] == [
        (1.0, 1, True), (5.0, 0, True), (5.0, 0, True), (None, 0, True)
    ]  # fmt: skip
    later = merge(record, [projected(4, START + 30 * DAY, 7.0, "b", click=True)], VIEW)
    assert unpacked(later).order.tolist() == [4]
    assert not look_up(VIEW, [later], [START + 2 * DAY])[0].exact


def test_a_record_keeps_its_ends_when_it_is_packed() -> None:
    rows: list[Projected] = [{**projected(n, START + n, 1.0, "r", click=True), "until": START + DAY} for n in range(3)]
    again = unpacked(merge(pack_rows(rows, VIEW), [], VIEW))
    assert again.until.tolist() == [START + DAY] * 3
    assert again.columns[1].data.tolist() == ["r"] * 3


def test_a_table_of_last_states_is_assumed_since_and_ages() -> None:
    view = replace(VIEW, source=replace(EVENTS, since="joined"), windows=(), max_age_us=10 * DAY)
    row: Projected = {
        "time": START,
        "known": START,
        "row": 1,
        "key": "1",
        "since": START - 5 * DAY,
        "columns": [3, "r"],
    }
    record = pack_rows([row], view)
    assert values(view, record, START - 5 * DAY)["price"] is None
    assert values(view, record, START - DAY)["price"] == 3
    assert values(view, record, START + 10 * DAY)["price"] == 3
    assert values(view, record, START + 10 * DAY + 1)["price"] is None


def test_a_column_of_nulls_takes_the_kind_that_comes() -> None:
    record = pack_rows([projected(1, START, None, None, click=False)], VIEW)
    record = merge(record, [projected(2, START + 1, None, "g", click=True)], VIEW)
    record = merge(record, [projected(3, START + 2, 2.5, None, click=True)], VIEW)
    assert values(VIEW, record, START + 3)["price"] == 2.5
    assert values(VIEW, record, START + 2)["color"] == "g"


@pytest.mark.parametrize("damage", [b"", b"nonsense", b"TM1\n\xff\xff\x00\x00{}", None])
def test_a_damaged_record_is_said(damage: bytes | None) -> None:
    record = pack_rows([projected(1, START, 1.0, "r", click=True)], VIEW)[:-9] if damage is None else damage
    with pytest.raises(StoreError) as raised:
        values(VIEW, record, START + 1)
    assert raised.value.code == "store.record-corrupt"


def test_one_entity_whatever_type_its_key_came_in() -> None:
    assert entity_key([17850, "a"]) == entity_key(["17850", "a"]) == entity_key([17850.0, "a"]) == b'["17850","a"]'
    assert entity_key(["가"]) == '["가"]'.encode()
    assert entity_key(["a", None]) is None


def test_views_of_the_same_rows_share_a_space() -> None:
    assert space(VIEW.only("n").on("other", customer="seller")) == space(VIEW)
    assert space(replace(VIEW, windows=WINDOWS[:1])) != space(VIEW)
