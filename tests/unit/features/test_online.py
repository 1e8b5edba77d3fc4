"""Where an entity's record is, and what a look-up in it says."""

from __future__ import annotations

from dataclasses import replace

from tests.looked import look_up, values
from tests.unit.features.test_reader import column, view_of
from tidemill.features.merge import merged
from tidemill.features.online import entity_key, space
from tidemill.features.record import MAGIC, NEVER, NO_SINCE, Row, unpacked
from tidemill.features.tileplan import plan_of
from tidemill.spec.expression import Named
from tidemill.spec.source import Files, Source
from tidemill.spec.view import Lookup, Window

DAY = 86_400_000_000
START = 1_700_000_000_000_000
EVENTS = Source(name="events", dataset="events", table=Files(path="x"), key=("id",), time="at")
VIEW = Lookup(
    name="v",
    source=EVENTS,
    entity=("customer",),
    columns=(Named(name="price", expression=column("price")), Named(name="color", expression=column("color"))),
    windows=(("clicks", Window(kind="count", length_us=14 * DAY, where=column("click"), step_us=DAY)),),
    chosen=("price", "color", "clicks"),
)
COLUMNS = replace(VIEW, windows=())


def row(order: int, time: int, *cells: float | str | bool | None, known: int = 0, until: int = NEVER) -> Row:
    return Row(time, known or time, until, NO_SINCE, order, cells)


def test_what_was_replaced_is_still_seen_by_asks_from_before_and_goes_when_none_can_come() -> None:
    rows = [
        row(1, START, 1.0, "r", True, until=START + DAY),
        row(2, START, 5.0, "g", False, known=START + DAY, until=START + 2 * DAY),
    ]
    record = merged(None, rows, plan_of(VIEW))
    moments = [START + DAY, START + DAY + 1, START + 2 * DAY, START + 2 * DAY + 1]
    found = look_up(VIEW, [record] * 4, moments)
    assert [(one.values["price"], one.values["clicks"], one.exact) for one in found[1:]] == [
        (5.0, 0, True), (5.0, 0, True), (None, 0, True)
    ]  # fmt: skip
    assert (found[0].values, found[0].exact) == ({"price": 1.0, "color": "r", "clicks": 1}, True)
    later = merged(record, [row(n, START + 30 * DAY, 7.0, "b", True) for n in range(10, 20)], plan_of(VIEW))
    assert [one.order for one in unpacked(later, plan_of(VIEW)).rows] == [*range(19, 9, -1)]
    assert not look_up(VIEW, [later], [START + 2 * DAY])[0].exact


def test_of_a_view_with_columns_only_the_rows_that_asks_can_want_are_kept() -> None:
    record = None
    for place in range(50):
        record = merged(record, [row(place, START + place * DAY, float(place), "가")], plan_of(COLUMNS))
    assert len(unpacked(record or b"", plan_of(COLUMNS)).rows) <= 3
    assert values(COLUMNS, record, START + 49 * DAY + 1) == {"price": 49.0, "color": "가"}


def test_many_entities_each_at_its_own_moment() -> None:
    one = merged(None, [row(1, START, 1.0, "r", True)], plan_of(VIEW))
    two = merged(None, [row(2, START + DAY, 2.0, "g", False)], plan_of(VIEW))
    found = look_up(VIEW, [one, two, two, None], [START + 1, START + DAY, START + DAY + 1, START])
    assert [looked.values["price"] for looked in found] == [1.0, None, 2.0, None]
    assert [looked.values["clicks"] for looked in found] == [1, 0, 0, 0]
    assert [looked.known for looked in found] == [True, True, True, False]


def test_nobody_has_zero_rows() -> None:
    assert values(VIEW, None, START) == {"price": None, "color": None, "clicks": 0}


def test_a_table_of_last_states_is_assumed_since_and_ages() -> None:
    view = replace(COLUMNS, source=replace(EVENTS, since="joined"), max_age_us=10 * DAY)
    plan = plan_of(view)
    record = merged(None, [Row(START, START, NEVER, START - 5 * DAY, 1, (3, "r"))], plan)
    assert values(view, record, START - 5 * DAY)["price"] is None
    assert values(view, record, START - DAY)["price"] == 3
    assert values(view, record, START + 10 * DAY)["price"] == 3
    assert values(view, record, START + 10 * DAY + 1)["price"] is None
    later = merged(record, [Row(START + DAY, START + DAY, NEVER, START - 5 * DAY, 2, (4, "g"))], plan)
    assert values(view, later, START - DAY)["price"] == 3
    assert values(view, later, START + DAY + 1)["price"] == 4


def test_a_column_of_nulls_takes_the_kind_that_comes() -> None:
    plan = plan_of(VIEW)
    record = merged(None, [row(1, START, None, None, False)], plan)
    record = merged(record, [row(2, START + 1, None, "g", True)], plan)
    record = merged(record, [row(3, START + 2, 2.5, None, True)], plan)
    assert values(VIEW, record, START + 3)["price"] == 2.5
    assert values(VIEW, record, START + 2)["color"] == "g"
    whole = merged(merged(None, [row(1, START, None, None, False)], plan), [row(2, START + 1, 3, None, True)], plan)
    assert type(values(VIEW, whole, START + 2)["price"]) is int


def test_one_entity_whatever_type_its_key_came_in() -> None:
    assert entity_key([17850, "a"]) == entity_key(["17850", "a"]) == entity_key([17850.0, "a"]) == b'["17850","a"]'
    assert entity_key(["가"]) == '["가"]'.encode()
    assert entity_key(["a", None]) is None
    assert entity_key(['a"b\\\n']) == b'["a\\"b\\\\\\n"]'


def test_views_of_the_same_rows_share_a_space() -> None:
    assert space(VIEW.only("clicks").on("other", customer="seller")) == space(VIEW)
    assert space(COLUMNS) != space(VIEW)
    assert space(view_of([], ["price"])) != space(VIEW)


def test_the_format_of_records_is_in_the_name_of_their_space() -> None:
    assert space(VIEW).startswith(f"view/{MAGIC.decode().strip()}/")
