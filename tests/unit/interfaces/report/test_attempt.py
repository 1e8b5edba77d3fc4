"""The first look as a page and in the terminal: figures with intervals, leaks named, nothing loaded, nothing hidden."""

from __future__ import annotations

import io
import re
from dataclasses import replace
from pathlib import Path

import pytest
from rich.console import Console

from tests.unit.interfaces.report.attempts import attempt, leak
from tests.unit.interfaces.report.test_explore import EVIL, read
from tidemill.app.attempt.record import Chosen, Target, Timing
from tidemill.interfaces.report.attempt import try_html
from tidemill.interfaces.report.attempt_text import try_terminal
from tidemill.interfaces.report.attempt_words import next_steps


def plain(html: str) -> str:
    """The page's text."""
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", html.partition("</style>")[2]))


def test_the_page_says_the_two_figures_first(tmp_path: Path) -> None:
    html = try_html(attempt(tmp_path))
    text = plain(html)
    assert "calls.parquet: AUC 0.80 on a random split, 0.50 in time order" in text
    assert "A random split promises AUC 0.8; in time order it is 0.5 (0.48 to 0.52)." in text
    assert text.index("In short") < text.index("What a model is worth here") < text.index("How often to train again")


def test_every_figure_has_its_interval_and_the_leak_its_column(tmp_path: Path) -> None:
    text = plain(try_html(attempt(tmp_path)))
    for shown in (
        "0.950 (0.940 to 0.960)",
        "0.800 (0.790 to 0.810)",
        "0.500 (0.490 to 0.510)",
        "0.700 (0.690 to 0.710)",
    ):
        assert shown in text
    assert "with seconds" in text
    assert "0.960 leaks" in text
    assert "seconds knows too much about y" in text


def test_the_recommended_way_is_marked_and_the_file_shown(tmp_path: Path) -> None:
    folder = tmp_path / "calls"
    folder.mkdir()
    (folder / "system.py").write_text('system = tm.System("calls")  # <b>\n', encoding="utf-8")
    html = try_html(attempt(tmp_path))
    assert re.search(r'class="pick"><td>newest 200</td><td>every 80 rows', html)
    assert "# &lt;b&gt;" in html
    assert "curl -s http://127.0.0.1:8000/predict/scorer" in html


def test_the_page_asks_nobody_and_has_no_script(tmp_path: Path) -> None:
    parser = read(try_html(attempt(tmp_path)))
    assert not parser.tags & {"script", "link", "img", "iframe", "a"}
    assert not [name for name, _ in parser.attributes if name.startswith("on") or name in {"src", "href", "style"}]


@pytest.mark.parametrize("kind", ["order", "time"])
def test_stretches_stand_on_rows_or_on_time(tmp_path: Path, kind: str) -> None:
    timing = Timing(column="t" if kind == "order" else "at", kind=kind, name="at")  # type: ignore[arg-type] # one of the kinds
    text = plain(try_html(attempt(tmp_path, timing=timing)))
    assert ("row, in the order of t" in text) == (kind == "order")
    assert ("from 1970-01-01 to 1970-05-21" in text) == (kind == "time")


def test_a_number_has_no_line_of_a_coin_and_no_second_forest(tmp_path: Path) -> None:
    target = Target(column="price", kind="number", outcome="price")
    text = plain(try_html(attempt(tmp_path, metric="mae", target=target, share=52.0)))
    assert "guessing" not in text
    assert "Inside stretches" not in text
    assert "52 mean price" in text


def test_hostile_names_stay_text(tmp_path: Path) -> None:
    chosen = Chosen(features=((EVIL, "x"),), left_out=(leak(EVIL),), leaks=(EVIL,), key="")
    made = attempt(tmp_path, chosen=chosen, target=Target(column=EVIL, kind="event", outcome="y", positive=EVIL))
    made = replace(made, wanted=replace(made.wanted, file=tmp_path / EVIL.replace("/", "")), request=EVIL)
    html = try_html(made)
    assert "<script" not in html
    read(html)


def test_without_leaks_ages_or_a_way_that_pays_the_page_still_stands(tmp_path: Path) -> None:
    made = attempt(tmp_path)
    honesty = replace(made.honesty, with_leaks=None)
    chosen = replace(made.chosen, leaks=(), left_out=())
    html = try_html(
        replace(made, honesty=honesty, chosen=chosen, ages=made.ages[:1], enough=0, best=0, again=1, strengths=())
    )
    text = plain(html)
    assert "How a model ages" not in text
    assert "leaks left in" not in text
    read(html)


def test_the_terminal_says_the_same(tmp_path: Path) -> None:
    stream = io.StringIO()
    Console(file=stream, width=110, color_system=None).print(try_terminal(attempt(tmp_path)))
    text = stream.getvalue()
    assert "calls.parquet: AUC 0.80 on a random split, 0.50 in time order" in text
    assert re.search(r"random split, leaks left in +0\.950 +\(0\.940 to 0\.960\)", text)
    assert "✖ seconds knows too much about y" in text
    assert re.search(r"newest 200 +every 80 rows +10 +0\.740 .*enough", text)
    assert "tidemill up" in text


def test_next_steps_survive_a_shell(tmp_path: Path) -> None:
    made = replace(attempt(tmp_path / "it's here"), request='{"a": "it\'s"}')
    commands = [command for _, command in next_steps(made)]
    assert commands[0].startswith("cd '")
    assert """'{"a": "it'"'"'s"}'""" in commands[-1]
