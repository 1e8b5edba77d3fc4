"""What the tests of measures share: chance that is the same in every order of the tests."""

from __future__ import annotations

import numpy as np
import pytest


@pytest.fixture
def random() -> np.random.Generator:
    """A generator of the test's own."""
    return np.random.default_rng(20_261_107)
