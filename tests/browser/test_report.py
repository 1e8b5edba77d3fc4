"""A report in a real browser: it asks nobody for anything, is readable on a phone and in the dark, and prints."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

from tests.unit.interfaces.report.attempts import attempt
from tests.unit.interfaces.report.replays import replayed
from tests.unit.interfaces.report.test_explore import EVIL, leak, profile, relation
from tidemill.app.attempt.record import Target
from tidemill.interfaces.report.attempt import try_html
from tidemill.interfaces.report.explore import explore_html
from tidemill.interfaces.report.replay import replay_html


@pytest.fixture(params=["explore", "try", "replay"])
def report(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    made = {
        "explore": lambda: explore_html(
            profile(leak("term"), leak(EVIL), relations=(relation("amount", 0.9),)), time="at"
        ),
        "try": lambda: look(tmp_path),
        "replay": lambda: replay_html([replayed("first", "refused", "undecided", "promoted", model=EVIL * 5)]),
    }
    path = tmp_path / "report.html"
    path.write_text(made[request.param](), encoding="utf-8")
    return path.as_uri()


def look(folder: Path) -> str:
    """A first look whose label is called so that it would do harm."""
    return try_html(attempt(folder, target=Target(column=EVIL, kind="event", outcome="y", positive=EVIL)))


@pytest.mark.needs("browser")
def test_the_report_asks_nobody_for_anything(page: Page, report: str) -> None:
    asked: list[str] = []
    complaints: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.on("console", lambda message: complaints.append(message.text))
    page.goto(report)
    assert asked == [report]
    assert complaints == []


@pytest.mark.needs("browser")
@pytest.mark.parametrize("width", [390, 768, 1440])
def test_nothing_runs_over_the_side(page: Page, report: str, width: int) -> None:
    page.set_viewport_size({"width": width, "height": 900})
    page.goto(report)
    page.evaluate("document.querySelectorAll('details').forEach(part => part.open = true)")
    over = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    assert over == 0


@pytest.mark.needs("browser")
def test_the_report_is_dark_in_the_dark_and_prints(browser: Browser, report: str) -> None:
    grounds = []
    for scheme in ("light", "dark"):
        context = browser.new_context(color_scheme=scheme)
        page = context.new_page()
        page.goto(report)
        grounds.append(page.evaluate("getComputedStyle(document.body).backgroundColor"))
        assert page.pdf().startswith(b"%PDF")
        context.close()
    assert grounds == ["rgb(244, 247, 248)", "rgb(12, 20, 24)"]
