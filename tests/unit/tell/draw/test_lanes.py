"""What happened under a plot, on its axis; points that rest on too little."""

from __future__ import annotations

import re
from xml.etree import ElementTree as ET

from tidemill.tell.draw import css
from tidemill.tell.draw.axis import Axis, scale
from tidemill.tell.draw.frame import Told
from tidemill.tell.draw.icon import State
from tidemill.tell.draw.lines import Line, lines
from tidemill.tell.draw.timeline import Happened, Lane, shapes

TOLD = Told(title="t")
X, Y = Axis(name="x", low=0.0, high=100.0), Axis(name="y")


def happened(*at: float, state: State = "ok") -> list[Happened]:
    return [Happened(at=one, state=state, text=f"at {one:g}") for one in at]


def test_a_shape_stands_where_it_happened_on_the_axis_of_the_plot() -> None:
    picture = lines(
        TOLD, [Line(name="a", x=[0, 100], y=[1, 2])], x=X, y=Y, lanes=[Lane(name="l<", events=(*happened(25),))]
    )
    ET.fromstring(picture)
    assert re.search(r'<svg x="25%"[^>]*class="ok"><title>at 25</title>', picture)
    assert ">l&lt;</text>" in picture


def test_lanes_make_room_below_and_for_their_names() -> None:
    plain = lines(TOLD, [Line(name="a", x=[0, 100], y=[1, 2])], x=X, y=Y)
    with_lanes = lines(
        TOLD, [Line(name="a", x=[0, 100], y=[1, 2])], x=X, y=Y, lanes=[Lane(name="undecided"), Lane(name="b")]
    )
    gutters, heights = zip(
        *(re.findall(r'<svg width="(\d+)" height="(\d+)"', one)[0] for one in (plain, with_lanes)), strict=True
    )
    assert int(gutters[1]) > int(gutters[0])
    assert int(heights[1]) == int(heights[0]) + 44


def test_shapes_that_would_cover_one_another_are_one_that_counts_and_names_them() -> None:
    drawn = shapes(scale(X, []), happened(10, 10.5, 11, 60))
    assert drawn.count("<title>") == 2
    assert "<title>at 10\nat 10.5\nat 11</title>" in drawn
    assert re.findall(r"<text[^>]*>(\d+)</text>", drawn) == ["3"]


def test_a_number_is_left_out_where_the_next_shape_stands() -> None:
    assert "<text" not in shapes(scale(X, []), happened(10, 10.5, 12.5))


def test_many_are_named_up_to_a_point() -> None:
    drawn = shapes(scale(X, []), happened(*[50 + k / 100 for k in range(20)]))
    assert "and 12 more" in drawn


def test_states_are_never_one_shape() -> None:
    drawn = shapes(scale(X, []), [*happened(10), *happened(10.2, state="bad")])
    assert drawn.count("<title>") == 2


def test_a_point_on_too_little_is_hollow_joined_to_none_and_does_not_stretch_the_axis() -> None:
    line = Line(name="a", x=[0, 1, 2, 3, 4], y=[1.0, 1.1, 9.0, 1.2, 1.1], few=[False, False, True, False, False])
    picture = lines(TOLD, [line], x=X, y=Y)
    assert len(re.findall("<polyline", picture)) == 2
    assert picture.count("pt few champ") == 1
    assert picture.count('class="pt champ"') == 4
    assert ">8</text>" not in picture
    assert ".pt.few{" in css()


def test_of_many_points_only_those_that_no_line_reaches_have_a_dot() -> None:
    y: list[float | None] = [float(k % 5) for k in range(60)]
    y[29], y[31] = None, None
    picture = lines(TOLD, [Line(name="a", x=list(range(60)), y=y)], x=X, y=Y)
    assert picture.count("<circle") == 1
