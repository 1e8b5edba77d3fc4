"""Libraries of a training function, imported before it runs."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from functools import wraps
from pathlib import Path
from typing import Any

import pytest

import tidemill as tm
from tidemill.engines.flavors.constant import ConstantFlavor
from tidemill.engines.foresight import import_ahead, imports
from tidemill.engines.trainers.child import ChildTrainer
from tidemill.errors import ModelError
from tidemill.testing.trainer import task


class OvenFlavor(ConstantFlavor):
    """Of a library that a test writes."""

    name = "oven"


@pytest.fixture
def oven(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """The folder of a library with a part; both tell `imported` there of it."""
    folder = tmp_path / "oven"
    folder.mkdir()
    telling = f"with open({str(folder / 'imported')!r}, 'a') as file:\n    print(__name__, file=file)\n"
    (folder / "__init__.py").write_text(f"RATE = 0.5\n{telling}", encoding="utf-8")
    (folder / "part.py").write_text(telling, encoding="utf-8")
    monkeypatch.syspath_prepend(tmp_path)
    yield folder
    for name in ("oven", "oven.part"):
        sys.modules.pop(name, None)


def bakes(train: tm.Data, valid: tm.Data) -> object:
    from oven import RATE, part  # type: ignore[import-not-found]  # the test writes it

    return RATE if part else 0.0


def test_a_library_is_imported_once_for_all_trainings(oven: Path) -> None:
    trainer = ChildTrainer([OvenFlavor()])
    for _ in range(3):
        assert trainer.fit(task(bakes)).flavor == "oven"
    assert (oven / "imported").read_text(encoding="utf-8").split() == ["oven", "oven.part"]


def test_what_belongs_to_no_flavor_is_left_to_the_function(oven: Path) -> None:
    import_ahead(bakes, {"ovens", "constant"})
    assert not (oven / "imported").exists()


def test_a_library_that_cannot_be_imported_is_told_as_the_functions_trouble(oven: Path) -> None:
    (oven / "__init__.py").write_text("raise OSError('no libgomp')", encoding="utf-8")
    with pytest.raises(ModelError) as raised:
        ChildTrainer([OvenFlavor()]).fit(task(bakes))
    assert (raised.value.code, raised.value.fields["words"]) == ("model.function-raised", "no libgomp")
    assert str(raised.value.fields["line"]).startswith("from oven import RATE, part")


def wrapped(function: Callable[..., Any]) -> Callable[..., Any]:
    @wraps(function)
    def outer(*given: object) -> object:
        return function(*given)

    return outer


def test_imports_are_read_from_the_functions_own_lines() -> None:
    def several() -> object:
        import lightgbm as lgb
        import sklearn.ensemble
        from sklearn import linear_model, svm

        return lgb, sklearn, linear_model, svm

    expected = [("lightgbm", ()), ("sklearn.ensemble", ()), ("sklearn", ("linear_model", "svm"))]
    assert list(imports(several)) == list(imports(wrapped(several))) == expected


def test_what_has_no_lines_imports_nothing() -> None:
    assert list(imports(max)) == list(imports(OvenFlavor)) == []
