"""Every mark is well-formed, named for who cannot see it, escapes what it is given, and lies where its numbers say."""

from __future__ import annotations

import re
from collections.abc import Callable
from xml.etree import ElementTree as ET

import pytest

from tidemill.tell import draw
from tidemill.tell.draw.axis import Axis
from tidemill.tell.draw.bars import Bar, bars, histogram
from tidemill.tell.draw.calibration import Group, calibration
from tidemill.tell.draw.forest import Interval, forest
from tidemill.tell.draw.frame import Bound, Moment, Stretch, Told
from tidemill.tell.draw.icon import SHAPES, icon, state
from tidemill.tell.draw.lines import Line, lines
from tidemill.tell.draw.spark import bins, spark
from tidemill.tell.draw.timeline import Happened, Lane, Span, timeline
from tidemill.tell.draw.wheel import logo, wheel

EVIL = "<script>alert('x')</script> & \"quoted\" 카드"
TOLD = Told(title=EVIL, description=EVIL, heads=(EVIL, "n"), rows=((EVIL, "1"),))
X, Y = Axis(name=EVIL, unit=EVIL), Axis(name="AUC", low=0.0, high=1.0)

HAPPENED = Happened(at=1e15, state="bad", text=EVIL)

MARKS: dict[str, Callable[[], str]] = {
    "lines": lambda: lines(
        TOLD,
        [
            Line(name=EVIL, x=[1, 2, 3], y=[0.5, None, 0.7], low=[0.4, None, 0.6], high=[0.6, None, 0.8]),
            Line(name="b", x=[1, 3], y=[0, 1], style="dash"),
        ],
        x=X, y=Y, bounds=[Bound(value=0.6, text=EVIL)], moments=[Moment(at=2, text=EVIL)],
        stretches=[Stretch(low=1, high=2, text=EVIL)],
    ),
    "steps": lambda: lines(TOLD, [Line(name=EVIL, x=[0, 1, 2], y=[0.1, 0.9, 0.2], step=True)], x=X, y=Y),
    "histogram": lambda: histogram(TOLD, [0, 1, 2], [5, 3, 0, 2], x=X, y=Axis(name="rows", kind="count")),
    "bars": lambda: bars(TOLD, [Bar(name=EVIL, value=2, text=EVIL), Bar(name="b", value=0, text="0")]),
    "forest": lambda: forest(
        TOLD, [Interval(name=EVIL, value=0.7, low=0.6, high=0.8, n=9, note=EVIL), Interval(name="b", value=None)],
        x=Y, bound=Bound(value=0.5, text=EVIL, good=True),
    ),
    "calibration": lambda: calibration(
        TOLD, [Group(predicted=0.1, actual=0.2, low=0.1, high=0.3, n=10)],
        x=Axis(name="p", kind="share"), y=Axis(name="a", kind="share"),
    ),
    "spark": lambda: spark([1, None, 3], title=EVIL),
    "bins": lambda: bins([1, 0, 3], title=EVIL),
    "timeline": lambda: timeline(
        TOLD, [Lane(name=EVIL, spans=(Span(low=0, high=9e15, text=EVIL),), events=(HAPPENED,))],
        x=Axis(name="when", kind="time"), moments=[Moment(at=2e15, text=EVIL)],
    ),
    "wheel": lambda: wheel(["ok", "bad", "none", "run", "warn", "ok", "ok", "ok"], title=EVIL),
    "logo": logo,
    "state": lambda: state("warn", EVIL),
    "hatch": draw.hatch,
}  # fmt: skip


@pytest.mark.parametrize("name", MARKS)
def test_a_mark_is_well_formed_and_escapes_what_it_is_given(name: str) -> None:
    markup = MARKS[name]()
    root = ET.fromstring(markup)
    assert "script" not in {element.tag for element in root.iter()}
    assert not re.search(r"https?:|url\((?!#hatch\))|\bon\w+=", markup)
    if "alert" in markup:
        assert EVIL in "".join(root.itertext())


@pytest.mark.parametrize("name", ["lines", "histogram", "calibration", "timeline", "spark", "bins", "wheel"])
def test_a_picture_has_a_role_and_a_name(name: str) -> None:
    pictures = [element for element in ET.fromstring(MARKS[name]()).iter("svg") if element.get("role") == "img"]
    pictures += [root for root in [ET.fromstring(MARKS[name]())] if root.tag == "svg"]
    assert pictures
    assert all(EVIL in (picture.get("aria-label") or "") for picture in pictures)
    assert all(EVIL in (picture.findtext("title") or "") for picture in pictures)


def test_a_line_lies_where_its_numbers_say() -> None:
    root = ET.fromstring(
        lines(Told(title="t"), [Line(name="a", x=[0, 10], y=[0.0, 1.0])], x=Axis(name="x"), y=Y, height=100)
    )
    (stroke,) = root.iter("polyline")
    assert stroke.get("points") == "0,108 1000,8"
    assert [(dot.get("cx"), dot.get("cy")) for dot in root.iter("circle")] == [("0%", "108"), ("100%", "8")]


def test_a_line_is_interrupted_where_nothing_is_known() -> None:
    root = ET.fromstring(
        lines(Told(title="t"), [Line(name="a", x=[0, 1, 2, 3, 4], y=[1, 1, None, 1, 1])], x=Axis(name="x"), y=Y)
    )
    assert len(list(root.iter("polyline"))) == 2


def test_steps_hold_their_level_until_the_next() -> None:
    root = ET.fromstring(
        lines(Told(title="t"), [Line(name="a", x=[0, 1, 2], y=[0, 1, 0], step=True)], x=Axis(name="x"), y=Y, height=100)
    )
    (stroke,) = root.iter("polyline")
    assert stroke.get("points") == "0,108 500,108 500,8 1000,8 1000,108"


def test_a_histogram_hides_nothing() -> None:
    root = ET.fromstring(
        histogram(Told(title="t"), [0, 1, 2], [7, 1, 4, 2], x=Axis(name="x"), y=Axis(name="n", kind="count"))
    )
    boxes = [box for box in root.iter("rect") if "bar" in (box.get("class") or "")]
    assert [box.get("class") for box in boxes] == ["bar tide", "bar tide", "bar ink", "bar ink"]


def test_empty_marks_are_drawn() -> None:
    for markup in (
        lines(Told(title="t"), [], x=Axis(name="x"), y=Axis(name="y")),
        timeline(Told(title="t"), [], x=Axis(name="x", kind="time")),
        bars(Told(title="t"), []),
        forest(Told(title="t"), [], x=Y),
        spark([], title="t"),
        bins([], title="t"),
    ):
        ET.fromstring(markup)


def test_states_differ_in_shape() -> None:
    assert len({re.sub(r"class=\S+", "", icon(kind)) for kind in SHAPES}) == len(SHAPES)


def test_every_class_that_a_mark_wears_has_a_look() -> None:
    worn = {
        name
        for make in MARKS.values()
        for element in ET.fromstring(make()).iter()
        for name in (element.get("class") or "").split()
    }
    plain = {"pa", "wheel", "vh", "lane", "small", "dim", "nw", "num", "ci", "chip"}
    assert {name for name in worn - plain if f".{name}" not in draw.css()} == set()
