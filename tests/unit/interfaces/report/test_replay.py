"""A replay to read: its verdict, its curves with every decision, and the same numbers as the record's."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

import pytest

from tests.unit.interfaces.report.replays import figures, gain, replayed, totals, turn
from tests.unit.interfaces.report.test_explore import EVIL, read
from tidemill.facts.model import Verdict
from tidemill.interfaces.report.reason import because
from tidemill.interfaces.report.replay import replay_html
from tidemill.interfaces.report.replay_course import course, upright
from tidemill.interfaces.report.replay_turns import set_off, stood_by
from tidemill.interfaces.report.replay_verdict import in_the_way, judge, verdict
from tidemill.loop.replay.record import PeriodFigure, Replayed, Turn


def text(html: str) -> str:
    """What a reader sees of it, on one line."""
    body = re.sub(r"<style>.*?</style>|<title>.*?</title>", " ", html, flags=re.DOTALL)
    return " ".join(re.sub(r"<[^>]+>", " ", body).split())


def test_the_page_stands_alone() -> None:
    html = replay_html([replayed()])
    parser = read(html)
    assert not parser.tags & {"script", "link", "img", "iframe", "object"}
    assert not re.search(r"(?:https?:)?//[a-z]", html)
    assert "default-src 'none'" in html
    assert html.index("Verdict") < html.index("AUC by month") < html.index("Figures") < html.index("Turns")


def test_the_numbers_are_those_of_the_record() -> None:
    said = text(replay_html([replayed()]))
    assert "flip, replayed: AUC 0.824 with the loop, 0.723 without" in said
    assert "The loop would have won: AUC 0.824 with it, 0.723" in said
    assert "better by 0.102 (0.032 to 0.172)" in said
    assert "better by 0.096" in said  # retrained, without its gates
    for number in ("0.799", "0.812", "0.805"):  # of static, the first of the totals
        assert number in said
    assert "2026-01 900 0.800 (0.769 to 0.829) 0.800 (0.769 to 0.829) 0.810 (0.779 to 0.839)" in said
    assert "roc_auc &gt;= 0.75 0.735 (0.710 to 0.760) The whole interval lies beyond the bound." in said
    assert "3 versions tried 2 let in 1 refused" in said


def test_few_answers_are_hollow_joined_to_none_and_said() -> None:
    drawn = course(replayed(), "roc_auc")
    assert drawn.count('class="pt few') == 3
    runs = re.findall(r'class="l champ" points="([^"]+)"', drawn)
    assert [len(points.split()) for points in runs] == [2]  # two months, then a gap, then one alone
    assert drawn.count("not enough data") == 3


def test_the_bound_that_gates_ask_for_is_drawn_and_named() -> None:
    assert "gate: at least 0.75" in course(replayed(), "roc_auc")
    assert "gate: at most 0.75" in course(replayed(figures=figures("mae"), floors={"mae": 0.75}), "mae")
    assert "gate" not in course(replayed(floors={}), "roc_auc")


def test_a_wide_interval_does_not_press_the_curves_together() -> None:
    wide = tuple(replace(one, low=0.0, high=1.0) if one.curve == "loop" else one for one in figures())
    wide += (PeriodFigure(curve="rolling", metric="roc_auc", period="2026-01", value=0.1, n=900),)
    axis = upright(replayed(figures=wide), "roc_auc")
    assert axis.low == pytest.approx(0.4)  # figures from 0.61 to 0.84, 0.4 of that more, and then a whole tick
    assert axis.high == pytest.approx(1.0)
    assert upright(replayed(figures=(), floors={}), "roc_auc").low is None


def test_every_decision_is_a_mark_with_its_reason() -> None:
    drawn = course(replayed("first", "refused", "undecided", "failed", "promoted"), "roc_auc")
    for lane in ("let in", "refused", "undecided", "failed"):
        assert f">{lane}</text>" in drawn
    assert "<title>2026-01-31 flip@4 refused: 500 new rows of sold; roc_auc &gt;= 0.75: 0.735. The whole" in drawn
    assert drawn.count('class="mark"') == 2  # both champions through the whole plot


def test_a_curve_that_answers_nothing_or_as_static_is_said_to() -> None:
    silent = replayed("refused", figures=figures(loop=(None,) * 4))
    assert "loop (answers nothing)" in course(silent, "roc_auc")
    same = replayed("first", figures=figures(loop=(0.80, 0.76, 0.68, 0.61)))
    assert "loop (as static)" in course(same, "roc_auc")


@pytest.mark.parametrize(
    ("found", "code", "state"),
    [
        (replayed(), "replay.won", "ok"),
        (replayed(gains=(gain(value=-0.1, low=-0.2, high=-0.01),)), "replay.lost", "bad"),
        (replayed(gains=(gain(low=-0.01),)), "replay.not-shown", "none"),
        (replayed(gains=(gain(value=-0.01, low=-0.1),)), "replay.not-shown-worse", "none"),
        (replayed(gains=(gain(low=None, high=None, periods=2),)), "replay.too-short", "none"),
        (replayed(gains=()), "replay.nothing-known", "warn"),
        (replayed("first", "refused", "undecided"), "replay.kept-first", "none"),
        (replayed("first"), "replay.never-again", "none"),
        (replayed("refused", "undecided", "failed"), "replay.none-let-in", "warn"),
        (replayed("refused", "first"), "replay.won", "ok"),
        (replayed("failed", "failed"), "replay.nothing-trained", "bad"),
        (replayed("failed", "untested"), "replay.nothing-tested", "warn"),
        (replayed("untested", "first", "promoted"), "replay.won", "ok"),
        (replayed("first", "untested"), "replay.kept-first", "none"),
        (replayed(turns=()), "replay.nothing-trained", "bad"),
    ],
)
def test_the_verdict_follows_what_was_let_in_and_the_gains_interval(found: Replayed, code: str, state: str) -> None:
    judged = judge(found)
    assert (judged.code, judged.state) == (code, state)
    assert "replay." not in verdict(found).sentence  # worded, with all its fields
    read(replay_html([found]))


def test_a_loss_is_told_from_the_other_side() -> None:
    said = verdict(replayed(gains=(gain(value=-0.1, low=-0.2, high=-0.01),))).sentence
    assert "worse by 0.100 (0.010 to 0.200)" in said


def test_gates_that_let_none_in_say_which_stood_in_the_way_and_what_would_have_been() -> None:
    found = replayed("refused", "refused", "undecided", gains=(gain("retrained"),))
    said = verdict(found)
    assert said.sentence.startswith("The gates let none of 3 versions answer: 2 refused, 1 undecided")
    assert "roc_auc >= 0.75 stood in the way of 3 of 3 versions; 2 broke it, the best at 0.735, for 1" in said.why
    assert "Had every version been let in whatever its gates said: AUC 0.824 against 0.723, better by 0.102" in said.why


def test_versions_that_could_not_be_tested_say_why() -> None:
    untested = tuple(turn("untested", place, reason="data.too-few-known") for place in range(3))
    found = replayed(turns=(*untested, turn("refused", 4)))
    said = verdict(found)
    assert said.sentence == "The gates let none of 4 versions answer: 1 refused, 0 undecided, 3 not tested."
    assert "3 of 4 versions could not be tested: Too few outcomes are known" in said.why
    page = text(replay_html([found]))
    assert "4 versions tried 1 refused 3 untested" in page
    drawn = course(found, "roc_auc")
    assert drawn.count(">refused</text>") == drawn.count(">untested</text>") == 1
    assert "flip@2 untested: the replay begins; Too few outcomes are known" in drawn
    assert stood_by(untested[0]) == "Too few outcomes are known to hold some back for a test."
    told = {"model": "flip", "part": "test", "rows": 40, "positives": 3, "needed": 10, "immature": 9_000}
    assert stood_by(replace(untested[0], fields=told)) == (
        "flip cannot be tried: its test part has 40 rows, 3 of them positive, where 10 of both kinds are the least; "
        "9,000 asks wait for their outcome."
    )


def test_where_no_gate_ever_judged_the_verdict_blames_none() -> None:
    told = {"model": "flip", "part": "test", "rows": 40, "positives": 3, "needed": 10, "immature": 9_000}
    untested = turn("untested", 1, reason="data.too-few-known", fields=told)
    found = replayed(turns=(turn("failed", reason="data.nothing-mature"), untested))
    assert verdict(found).sentence == (
        "No version could be tested in this time, so the loop let none of 2 answer. flip cannot be tried: its "
        "test part has 40 rows, 3 of them positive, where 10 of both kinds are the least; 9,000 asks wait for their "
        "outcome."
    )
    assert [one.code for one in in_the_way(found)] == ["replay.not-trained", "replay.not-tested"]
    assert verdict(replayed(turns=(turn("failed", reason="data.nothing-mature"),))).sentence == (
        "No version could be trained in this time. Not one outcome is known yet."
    )


def test_the_best_of_those_that_broke_an_upper_bound_is_the_lowest() -> None:
    checks = [
        Verdict(check="mae <= 3", value=value, bound=3, outcome="failed", reason="beyond-bound") for value in (5, 4)
    ]
    (one,) = in_the_way(replayed(turns=tuple(turn("refused", verdicts=(check,)) for check in checks)))
    assert one.fields["value"] == "4.000"


def test_a_loop_that_begins_late_says_how_much_it_answered_and_has_no_headline() -> None:
    html = replay_html([replayed("refused", "first", "promoted", totals=totals(loop=700))])
    said = text(html)
    assert "first version in on 2026-01-31: the loop answered 700 of 2,890 asks" in said
    assert "Not all answered the same rows" in said
    assert "<h1>flip, replayed</h1>" in html


def test_an_auc_that_follows_the_rate_is_read_with_care() -> None:
    pooled = tuple(
        replace(one, value=0.5) if one.part != "pooled" and one.against in {"retrained", "rolling"} else one
        for one in totals()
    )
    assert "AUC mostly tells how the rate changes" in verdict(replayed(totals=pooled)).why
    assert "rate changes" not in verdict(replayed()).why


def test_a_hypothesis_is_marked_in_title_verdict_and_banner() -> None:
    html = replay_html([replayed(labels="at-once")])
    assert html.count("(hypothetical)") >= 1
    said = text(html)
    assert said.count("Hypothetical") == 2
    assert "<code>--labels at-once</code>" in html
    assert "ypothetical" not in replay_html([replayed()])


def test_windows_cut_short_are_named() -> None:
    said = text(replay_html([replayed(truncated={"sales": 5, "visits": 5, "prices": 1})]))
    assert "5 of the moments asked lie so early that windows reach back before the first row" in said
    assert "there they hold less than declared (sales, visits)." in said
    assert "(prices)" in said


def test_a_first_version_that_comes_after_the_last_known_outcome_is_said_to() -> None:
    said = verdict(replayed("refused", "first", "refused", gains=(), totals=totals(loop=0)))
    assert said.sentence.startswith(
        "The gates let the first version in on 2026-01-31, and of what it answered no outcome"
    )
    assert "answered 0" not in said.why


def test_several_models_stand_under_each_other() -> None:
    other = replayed("refused", model="flop", gains=())
    html = replay_html([replayed(), other])
    said = text(html)
    assert "The loop would have won for 1 of 2 models" in said
    assert "flip: AUC by month" in said
    assert "flop: Turns" in said
    read(html)


@pytest.mark.parametrize(
    "found",
    [
        replayed(figures=(), totals=(), gains=(), floors={}),
        replayed(figures=figures(n=(900,)), gains=(gain(low=None, high=None, periods=1),)),
        replayed(figures=figures(loop=(None,) * 4, retrained=(None,) * 4, static=(None,) * 4), gains=()),
        replayed(turns=tuple(turn("undecided", place) for place in range(200))),
    ],
    ids=["no figures", "one period", "no value", "200 turns"],
)
def test_little_and_much_is_shown_too(found: Replayed) -> None:
    html = replay_html([found])
    read(html)
    assert ("All 200 turns" in html) == (len(found.turns) == 200)


def test_hostile_names_stay_text() -> None:
    check = Verdict(check=EVIL, value=0.5, bound=1, outcome="failed", reason=EVIL, fields={"slice": EVIL})
    evil = turn("refused", 1, trigger=EVIL, evidence={"rows": 3, "of": EVIL}, version=EVIL, verdicts=(check,))
    found = replayed(system=EVIL, model=EVIL, turns=(turn("first"), evil), truncated={EVIL: 1})
    for html in (replay_html([found]), replay_html([found, found])):
        assert "<script" not in html
        assert not read(html).tags & {"script"}
        assert html.count("&lt;script&gt;") > 8


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"trigger": "first", "evidence": {}}, "the replay begins"),
        ({"trigger": "cron 0 2 * * *", "evidence": {}}, "schedule 0 2 * * *"),
        ({"trigger": "new_rows sold 1000", "evidence": {"rows": 1000, "of": "sold"}}, "1,000 new rows of sold"),
        (
            {"trigger": "rate_gap <= 0.2", "evidence": {"value": 0.5688, "bound": 0.2, "rows": 1000}},
            "rate_gap <= 0.2 missed: 0.569 on 1,000 answers",
        ),
        (
            {"trigger": "no_drift psi <= 0.25", "evidence": {"value": 13.888, "bound": 0.25, "column": "a", "rows": 9}},
            "a drifted: 13.9, bound 0.250",
        ),
    ],
)
def test_what_set_a_turn_off_is_told_with_its_evidence(changes: dict[str, Any], said: str) -> None:
    assert set_off(turn("first", **changes)) == said


def test_what_decided_a_turn_is_its_failed_check_or_why_it_failed() -> None:
    assert stood_by(turn("promoted")) == ""
    assert stood_by(turn("undecided")).startswith("roc_auc >= 0.75: 0.735. The bound lies within the interval.")
    assert stood_by(turn("failed", reason="data.nothing-mature")) == "Not one outcome is known yet."
    failed: Turn = turn("failed", reason="model.function-raised")
    assert stood_by(failed) == "function raised"


def test_a_reason_names_its_worst_slice() -> None:
    assert because("too-few", {"slice": "None", "needed": 1200}) == (
        "Too few rows to tell. About 1,200 would decide. Worst in slice null."
    )
