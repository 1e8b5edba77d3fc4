"""What a ranking says of its candidates together."""

from __future__ import annotations

from tidemill.lifecycle.serve.answer import Answer
from tidemill.lifecycle.serve.ask import Ask
from tidemill.lifecycle.serve.respond import flags_of


def answer(*flags: str) -> Answer:
    ask = Ask(asked_at_us=0, keys={}, request={})
    return Answer(ask=ask, score=0.5, decision=None, flags=flags, looked_up={}, computed={}, marks={})


def test_a_ranking_carries_what_holds_of_all_and_what_of_any_keeps_it_from_being_proven() -> None:
    answers = [
        answer("unknown:product", "out_of_scope", "overflow:seen.spent"),
        answer("out_of_scope", "forgotten:seen"),
        answer("out_of_scope"),
    ]
    assert flags_of(answers) == ["out_of_scope", "overflow:seen.spent", "forgotten:seen"]
