"""Whatever text stands in a word, the declaration is made and examined: mistakes are said, nothing is raised."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import tidemill as tm
from tests.unit.spec.kit import Kit

WORDS = st.sampled_from(
    ["amount", "price", "past.n", "asked_at", "'x'", "3", "(", ")", "+", "and", "case", "select", "from events", "as",
     ";", "$asked_at", "*", "30d", "\n", "é", "\x00", '"', "--", "/*"]
)  # fmt: skip
TEXT = st.one_of(st.text(max_size=12), st.lists(WORDS, max_size=6).map(" ".join))

SLOTS: dict[str, Callable[[Kit, str], object]] = {
    "system": lambda k, text: tm.System(text, owner=text, zone=text),
    "source": lambda k, text: k.system.source(
        text, tm.query(text, raw=tm.files(text)), time=text, key=text, known=text, since=text, expect=[text]
    ),
    "where": lambda k, text: k.events.where(text, name=text),
    "features": lambda k, text: k.features(
        text, entity=text, columns=[text], windows={text: tm.sum(text, text, where=text, step=text)}, max_age=text
    ),
    "request": lambda k, text: k.request(text, columns=[text]),
    "candidates": lambda k, text: k.candidates(text, entity=text, item=text, every=text, who=text, what=[text]),
    "label": lambda k, text: k.label(
        text, outcome=text, by=text, known=text, matures=text, ahead={text: tm.max(text, text, of=k.events)}
    ),
    "model": lambda k, text: k.model(
        name=text,
        features=[k.form.drop(text), k.past.on(text, customer_id=text)],
        split=tm.by_time(valid=text, test=text, together=text),
        gates=[tm.at_least("roc_auc", 0.5, by=text, where=text), tm.fair(text, decision=text)],
        release=tm.canary(text, shadow=text, deadline=text),
        decide={text: text},
    ),
    "score": lambda k, text: k.system.score(k.model(), to=text, on=text),
    "notify": lambda k, text: k.system.notify(text),
}


@pytest.mark.parametrize("slot", SLOTS)
@settings(max_examples=25)
@given(text=TEXT)
def test_any_text_is_examined(slot: str, text: str) -> None:
    kit = Kit()
    made = SLOTS[slot](kit, text)
    system = made if isinstance(made, tm.System) else kit.system
    kit.system = system
    found = kit.examined()
    assert kit.examined() == found
    assert all(mistake.code.partition(".")[0] in {"declaration", "expression"} for mistake in found.mistakes)
