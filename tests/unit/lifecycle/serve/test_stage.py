"""The serve stage lets no version into traffic that cannot answer."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import cast

import pytest

from tests.shelf import Shelf
from tidemill.engines.flavors.constant import ConstantFlavor
from tidemill.engines.flavors.lightgbm import LightgbmFlavor
from tidemill.errors import ModelError, StoreError
from tidemill.lifecycle.serve.stage import Given, run
from tidemill.ports.context import Context


@pytest.fixture
def shelf(tmp_path: Path) -> Shelf:
    return Shelf(tmp_path)


def context(shelf: Shelf) -> Context:
    flavors = {"constant": ConstantFlavor(), "lightgbm": LightgbmFlavor()}
    return cast("Context", SimpleNamespace(blobs=shelf.blobs, flavors=flavors))


def test_gives_the_policy_when_every_new_version_answers(shelf: Shelf) -> None:
    policy = shelf.policy("risk", (1, shelf.risk(0.25)), challenger=(2, shelf.risk(0.75)), share=0.1)
    assert run(Given(policy=policy, before=None), context(shelf)) == (policy,)


@pytest.mark.parametrize("role", ["champion", "challenger"])
def test_refuses_a_version_that_cannot_answer(shelf: Shelf, role: str) -> None:
    arms = [(1, shelf.risk()), (2, shelf.damaged())]
    champion, challenger = arms if role == "challenger" else arms[::-1]
    policy = shelf.policy("risk", champion, challenger=challenger, share=0.1)
    with pytest.raises(ModelError):
        run(Given(policy=policy, before=None), context(shelf))


def test_a_version_whose_bytes_are_gone_is_refused(shelf: Shelf) -> None:
    policy = shelf.policy("risk", (1, "0" * 64))
    with pytest.raises(StoreError, match="blob-missing"):
        run(Given(policy=policy, before=None), context(shelf))


def test_what_is_in_traffic_already_is_not_proven_again(shelf: Shelf) -> None:
    before = shelf.policy("risk", (1, "0" * 64))
    after = shelf.policy("risk", (1, "0" * 64), challenger=(2, shelf.risk()), share=0.1)
    assert run(Given(policy=after, before=before), context(shelf)) == (after,)
