"""What every Flavor must do; a backend's test inherits the suite and gives its `case` fixture."""

from __future__ import annotations

from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
import pytest
from numpy.typing import NDArray

from tidemill.engines.flavors.trial import TrialFlavor
from tidemill.errors import ModelError
from tidemill.facts.codec import canonical
from tidemill.ports.flavor import FeatureColumn, Flavor

FEATURES = (
    FeatureColumn(name="call.age", type="float"),
    FeatureColumn(name="call.job", type="text", vocabulary=("clerk", "cook", "nurse")),
    FeatureColumn(name="past.calls", type="int"),
    FeatureColumn(name="past.city", type="text"),
)
"""Numbers and categories, one of them with a vocabulary of nothing (its column was null in all of training)."""


LAST_BITS = 1e-12
"""Linear algebra on other numbers of rows may add up in another order."""


def matrix(rows: int, seed: int = 0) -> NDArray[np.float64]:
    """Rows for FEATURES: every seventh age and every fifth job missing, cities never seen."""
    random = np.random.default_rng(seed)
    columns = [random.normal(40, 10, rows), random.integers(0, 3, rows), random.poisson(2, rows), np.full(rows, np.nan)]
    made = np.stack([column.astype(np.float64) for column in columns], axis=1)
    made[::7, 0] = np.nan
    made[::5, 1] = np.nan
    return made


def outcome(rows: NDArray[np.float64], seed: int = 1) -> NDArray[np.float64]:
    """0 or 1 for each row: cooks and the old say yes more often."""
    lift = (rows[:, 1] == 1) * 0.5 + (np.nan_to_num(rows[:, 0]) > 45) * 0.3
    said: NDArray[np.float64] = (np.random.default_rng(seed).random(len(rows)) < 0.1 + lift).astype(np.float64)
    return said


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """A fitted model of FEATURES and what its own library says of `rows`."""

    flavor: Flavor
    model: object
    kind: str
    rows: NDArray[np.float64]
    expected: NDArray[np.float64]


class FlavorSuite:
    """Inherit and define `case`."""

    @pytest.fixture(scope="class")
    @classmethod
    def case(cls) -> Case:
        raise NotImplementedError

    def test_recognises_its_own_and_nothing_else(self, case: Case) -> None:
        assert case.flavor.recognises(case.model)
        assert not any(case.flavor.recognises(other) for other in (None, "model", object(), [1.0], {}, True, len))

    def test_scores_are_the_very_ones_of_the_library(self, case: Case) -> None:
        saved = case.flavor.save(case.model, FEATURES, case.kind)
        scorer = case.flavor.load(saved.files, saved.config, FEATURES)
        assert saved.flavor == case.flavor.name
        np.testing.assert_array_equal(scorer.predict(case.rows), case.expected)
        one_by_one = [scorer.predict(row[None])[0] for row in case.rows[:20]]
        np.testing.assert_allclose(one_by_one, case.expected[:20], rtol=LAST_BITS)
        assert scorer.predict(case.rows[:0]).shape == (0,)
        scorer.close()

    def test_memory_layout_of_the_matrix_does_not_matter(self, case: Case) -> None:
        saved = case.flavor.save(case.model, FEATURES, case.kind)
        scorer = case.flavor.load(saved.files, saved.config, FEATURES)
        np.testing.assert_array_equal(scorer.predict(np.asfortranarray(case.rows)), case.expected)
        scorer.close()

    def test_saving_twice_gives_the_same_bytes_and_the_config_survives_json(self, case: Case) -> None:
        first, second = (case.flavor.save(case.model, FEATURES, case.kind) for _ in range(2))
        assert first == second
        assert canonical(first.config) == canonical(second.config)

    def test_threads_may_ask_at_once(self, case: Case) -> None:
        saved = case.flavor.save(case.model, FEATURES, case.kind)
        scorer = case.flavor.load(saved.files, saved.config, FEATURES)

        def right(row: int) -> bool:
            rows = slice(row, row + row % 3 + 1)
            return np.allclose(scorer.predict(case.rows[rows]), case.expected[rows], rtol=LAST_BITS, atol=0)

        with ThreadPoolExecutor(4) as pool:
            assert all(pool.map(right, range(60)))
        scorer.close()

    @pytest.mark.parametrize("damage", ["empty", "half", "noise", "backwards"])
    def test_a_damaged_file_is_found_out_and_ends_no_process(self, case: Case, damage: str) -> None:
        saved = case.flavor.save(case.model, FEATURES, case.kind)
        scorer = TrialFlavor(case.flavor).load(damaged(saved.files, damage), saved.config, FEATURES)
        with pytest.raises(ModelError) as caught:
            scorer.predict(case.rows)
        assert (caught.value.code, caught.value.fields["flavor"]) == ("model.damaged", case.flavor.name)

    def test_a_sound_file_scores_in_a_throwaway_process_as_here(self, case: Case) -> None:
        saved = case.flavor.save(case.model, FEATURES, case.kind)
        scorer = TrialFlavor(case.flavor).load(saved.files, saved.config, FEATURES)
        np.testing.assert_array_equal(scorer.predict(case.rows), case.expected)


def damaged(files: Mapping[str, bytes], damage: str) -> Mapping[str, bytes]:
    """The files, each spoiled in that way."""
    return {name: spoiled(data, damage) for name, data in files.items()}


def spoiled(data: bytes, damage: str) -> bytes:
    match damage:
        case "half":
            return data[: len(data) // 2]
        case "noise":
            return np.random.default_rng(0).bytes(len(data))
        case "backwards":
            return data[::-1]
        case _:
            return b""
