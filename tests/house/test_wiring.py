"""Every backend that the wiring table names is there."""

from __future__ import annotations

import ast
from importlib import import_module

import pytest

from tests.house.source import product


def named() -> list[str]:
    """Each "module:Class" that stands in tidemill.app.wiring."""
    wiring = next(file for file in product() if file.name == "app/wiring.py")
    texts = [
        node.value for node in ast.walk(wiring.tree) if isinstance(node, ast.Constant) and isinstance(node.value, str)
    ]
    return sorted({text for text in texts if text.startswith("tidemill.") and ":" in text and " " not in text})


@pytest.mark.parametrize("name", named())
def test_a_named_backend_resolves(name: str) -> None:
    module, _, attribute = name.partition(":")
    assert isinstance(getattr(import_module(module), attribute), type)
