"""Every example in a docstring gives what it says."""

from __future__ import annotations

import doctest
from importlib import import_module

import pytest

from tests.house.source import product

EXAMPLES = [file.name for file in product() if "    >>> " in file.text]


@pytest.mark.parametrize("name", EXAMPLES)
def test_examples_give_what_they_say(name: str) -> None:
    module = import_module("tidemill." + name.removesuffix(".py").removesuffix("/__init__").replace("/", "."))
    results = doctest.testmod(module, optionflags=doctest.NORMALIZE_WHITESPACE | doctest.ELLIPSIS)
    assert results.attempted > 0
    assert results.failed == 0
