"""The demo in short: a shop, its first model, a mistake refused, one that fails live taken out; real processes all.

What the whole story has more, the change that ends in a promoted challenger, takes minutes: `tidemill demo` tells it.
"""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path

import pytest

from tidemill.app.demo import story
from tidemill.app.demo.play import Play, Size
from tidemill.app.demo.project import OLD_HOURS, Edit
from tidemill.app.demo.told import Chapter, Day, End, Line, Record, Way
from tidemill.facts.release import Release
from tidemill.facts.run import Run
from tidemill.stores.ledger.sqlite import SqliteLedger
from tidemill.tell.words import sentence

pytestmark = pytest.mark.slow

SMALL = Size(
    customers=250,
    products=16,
    days=50,
    wave=0,
    share=0.5,
    trial_s=1.5,
    edits=(
        Edit(
            old='tm.at_least("roc_auc", 0.80), tm.at_least("roc_auc", 0.70, by="age_group")',
            new='tm.at_least("roc_auc", 0.65)',
            why="a shop so small knows too little for more",
        ),
        Edit(
            old='tm.cron("0 3 1 1,7 *"), drift, gap)',
            new='tm.cron("0 3 1 1 *"))',
            why="its few customers drift by chance, and the story is of what a person does",
        ),
        Edit(old='tm.at_most("rate_gap", 0.20)', new='tm.at_most("rate_gap", 0.9)', why="the same"),
        Edit(
            old='tm.not_worse("roc_auc", margin=0.005)',
            new='tm.not_worse("roc_auc", margin=0.2)',
            why="so few outcomes leave wide intervals",
        ),
        Edit(old='tm.at_most("p99_ms", 500)', new='tm.at_most("p99_ms", 2000)', why="tests share the machine"),
    ),
)


def one_on_paper(play: Play) -> None:
    """A person's change that passes its gate and cannot answer in the evening."""
    play.write(OLD_HOURS)
    play.run("evening-run", story.PASSED)
    play.write()


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, list[Record]]:
    folder = tmp_path_factory.mktemp("demo") / "shop"
    records: list[Record] = []
    scenes = (story.a_shop, story.the_first_model, story.it_serves, story.a_mistake, one_on_paper, story.good_on_paper)
    story.run_demo(folder, records.append, SMALL, scenes)
    return folder, records


Told = tuple[Path, list[Record]]


def lines(records: list[Record], code: str) -> list[Line]:
    return [one for one in records if isinstance(one, Line) and one.code == code]


def test_every_chapter_has_words_and_the_run_its_way(told: Told) -> None:
    _, records = told
    chapters = [sentence(one.code, one.fields) for one in records if isinstance(one, Chapter)]
    assert chapters[:2] == ["A shop", "Its first model"]
    assert chapters[3:] == ["A mistake in the training code", "A version that is good on paper only"]
    ways = [one for one in records if isinstance(one, Way)]
    stages = [one.stage for one in ways]
    assert stages[:7] == ["extract"] * 3 + ["explore"] * 3 + ["prepare"]
    assert [way.done for way in ways[:7]] == list(range(7))
    for one in records:
        if isinstance(one, Line):
            assert not sentence(one.code, one.fields).startswith(one.code), "worded"


def test_the_absurd_order_is_named_unasked(told: Told) -> None:
    found = [sentence(one.code, one.fields) for one in told[1] if isinstance(one, Line)]
    assert any("10,000,000,000" in said for said in found)
    assert any("break the promise `price between 0 and 10000000`" in said for said in found)


def test_customers_were_answered_and_none_saw_a_failure(told: Told) -> None:
    _, records = told
    last = [one for one in records if isinstance(one, Day)][-1]
    assert last.asked > 50
    (unharmed,) = lines(records, "demo.unharmed")
    assert unharmed.fields["failed"] == 0


def test_the_spoilt_model_is_refused_by_its_gate_with_its_numbers(told: Told) -> None:
    _, records = told
    (refused,) = lines(records, "verdict.refused")
    assert float(str(refused.fields["high"])) < 0.65
    assert "roc_auc" in str(refused.fields["check"])


def test_the_version_that_fails_live_is_taken_out_for_its_errors(told: Told) -> None:
    _, records = told
    (taken,) = lines(records, "verdict.rolled-back")
    assert taken.fields["check"] == "error_rate <= 0.01"
    assert float(str(taken.fields["low"])) > 0.01
    assert taken.at_us is not None


def test_what_is_told_stands_in_the_ledger(told: Told) -> None:
    folder, _ = told
    ledger = SqliteLedger(folder / ".tidemill" / "ledger.db")
    states = Counter(one.state for one in ledger.find(Release, system="shop", model="ranker"))
    assert states == {"champion": 1, "refused": 1, "rolled_back": 1}
    runs = ledger.find(Run, system="shop", model="ranker")
    assert [(run.state, run.cause) for run in runs] == [
        ("passed", "manual"),
        ("refused", "manual"),
        ("passed", "manual"),
    ]
    ledger.close()


def test_the_team_was_told(told: Told) -> None:
    folder, _ = told
    messages = [json.loads(text) for text in (folder / "alerts.jsonl").read_text(encoding="utf-8").splitlines()]
    assert "verdict.rolled-back" in {one["notice"]["code"] for one in messages}


def test_it_ends_with_the_story_and_where_to_look(told: Told) -> None:
    folder, records = told
    end = records[-1]
    assert isinstance(end, End)
    assert [line.code for line in end.lines][:2] == ["verdict.passed", "verdict.first"]
    assert all(line.at_us is not None for line in end.lines)
    assert end.places[0].what == f"cd {folder}"
    assert 'notify("http://127.0.0.1:' in (folder / "system.py").read_text(encoding="utf-8")
    assert ":1.0:" in (folder / "tidemill.toml").read_text(encoding="utf-8"), "time goes on at the machine's pace"
