"""A fingerprint moves with every edit that could change what a function does, and with no other."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from textwrap import dedent
from types import ModuleType

import pytest

from tidemill.lifecycle.prepare import stage as prepare
from tidemill.loop.fingerprint import Code

PROJECT = {
    "system.py": '''
        """The system."""
        import functools

        import flags
        from helpers import *
        from helpers.prices import adjusted
        from recipes import grow as grown

        if flags.WANTED:
            from conditional import FLOOR
        else:
            FLOOR = 0
        try:
            import fast_path as path
        except ImportError:
            import slow_path as path

        RATE = 0.1
        EDGES = [1, 2, 3]
        NAMES = {"low": 1, "high": 2}


        def loud(function):
            return function


        class Shape:
            """A tree."""

            depth = 3

            def leaves(self):
                """Its leaves."""
                return 2 ** self.depth


        @loud
        def fit(train, valid, rounds: int = 50, *, patience=5):
            """Fits."""
            # How it is done
            import importlib
            from lazy.late import late

            plugin = importlib.import_module("plugins.one")
            others = [importlib.import_module(f"kinds.{name}") for name in ("a",)]
            weights = [edge * RATE for edge in EDGES if edge > 1]
            if rounds > 10 and not plugin.off:
                weights.append(adjusted(FLOOR))
            return (weights, late(), others, Shape().leaves(), grown(), path.of(), patience, NAMES)
    ''',
    "flags.py": "WANTED = True\n",
    "conditional.py": "FLOOR = 7\n",
    "slow_path.py": "def of():\n    return 'slow'\n",
    "helpers/__init__.py": '__all__ = ["names"]\n',
    "helpers/names.py": "TITLES = ('a', 'b')\n",
    "helpers/prices.py": '''
        """Prices."""
        from helpers.deep.units import per_unit


        def adjusted(price, *, tax=0.2):
            """With tax."""
            return per_unit(price) * (1 + tax)
    ''',
    "helpers/deep/__init__.py": "",
    "helpers/deep/units.py": "from space.part import LOT\n\n\ndef per_unit(price):\n    return price / LOT\n",
    "space/part.py": "LOT = 12\n",
    "recipes/__init__.py": "from .growing import grow\n",
    "recipes/growing.py": "from . import soil\nfrom .water import *\n\n\ndef grow():\n    return soil.DEPTH + LITRES\n",
    "recipes/soil.py": "DEPTH = 4\n",
    "recipes/water.py": "LITRES = 2\n",
    "lazy/__init__.py": "",
    "lazy/late.py": "def late():\n    return lambda row: row[0]\n",
    "plugins/one.py": "off = False\n",
    "kinds/a.py": "KIND = 'a'\n",
    "kinds/b.py": "KIND = 'b'\n",
    "unrelated.py": "NOTHING = 1\n",
}

REAL = [
    ("system.py", "RATE = 0.1", "RATE = 0.2"),
    ("system.py", "EDGES = [1, 2, 3]", "EDGES = [1, 3, 2]"),
    ("system.py", '"high": 2', '"high": 3'),
    ("system.py", "rounds: int = 50", "rounds: int = 51"),
    ("system.py", "rounds: int = 50", "rounds: float = 50"),
    ("system.py", "patience=5", "patience=6"),
    ("system.py", "@loud\n", ""),
    ("system.py", "@loud\n", "@functools.cache\n"),
    ("system.py", "edge * RATE", "edge / RATE"),
    ("system.py", "if edge > 1", "if edge >= 1"),
    ("system.py", "rounds > 10 and not", "rounds > 10 or not"),
    ("system.py", "depth = 3", "depth = 4"),
    ("system.py", "2 ** self.depth", "3 ** self.depth"),
    ("system.py", "return function", "return lambda *row: None"),
    ("system.py", "if flags.WANTED", "if not flags.WANTED"),
    ("system.py", "except ImportError", "except Exception"),
    ("system.py", "from recipes import grow as grown", "from recipes.growing import grow as grown"),
    ("system.py", 'f"kinds.{name}"', 'f"plugins.{name}"'),
    ("flags.py", "True", "False"),
    ("conditional.py", "7", "8"),
    ("slow_path.py", "slow", "slower"),
    ("helpers/__init__.py", "]", "]\nimport sys\n"),
    ("helpers/names.py", "'b'", "'c'"),
    ("helpers/prices.py", "tax=0.2", "tax=0.25"),
    ("helpers/prices.py", "1 + tax", "1 - tax"),
    ("helpers/deep/units.py", "price / LOT", "price // LOT"),
    ("space/part.py", "12", "13"),
    ("recipes/__init__.py", ".growing", ".growing2"),
    ("recipes/growing.py", "soil.DEPTH + LITRES", "soil.DEPTH - LITRES"),
    ("recipes/soil.py", "4", "5"),
    ("recipes/water.py", "2", "3"),
    ("lazy/late.py", "row[0]", "row[1]"),
    ("plugins/one.py", "False", "True"),
    ("kinds/b.py", "'b'", "'B'"),
]  # fmt: skip

LAYOUT = [
    ("system.py", "# How it is done", "# How it is done, said anew"),
    ("system.py", "            # How it is done\n", ""),
    ("system.py", '"""The system."""', '"""Our system."""'),
    ("system.py", '"""The system."""\n', ""),
    ("system.py", '"""A tree."""', '"""A tree of decisions."""'),
    ("system.py", '"""Its leaves."""\n', "\n"),
    ("system.py", '"""Fits."""', '"""Fits.\n\n            At length.\n            """'),
    ("system.py", "RATE = 0.1", "RATE = 0.10"),
    ("system.py", "RATE = 0.1", "RATE = 1e-1"),
    ("system.py", "RATE = 0.1", "RATE = (0.1)"),
    ("system.py", "RATE = 0.1", "RATE = 0.1  # a tenth"),
    ("system.py", "RATE = 0.1", "RATE  =  0.1"),
    ("system.py", "EDGES = [1, 2, 3]", "EDGES = [\n            1,\n            2,\n            3,\n        ]"),
    ("system.py", '"low": 1', "'low': 1"),
    ("system.py", '"low": 1', 'u"low": 1'),
    ("system.py", '"high": 2', '"hi" "gh": 2'),
    ("system.py", "rounds: int = 50", "rounds: int=50"),
    ("system.py", "rounds: int = 50", "rounds: int = 5_0"),
    ("system.py", "2 ** self.depth", "(2 ** self.depth)"),
    ("system.py", "return (weights", "return (\n                weights"),
    ("system.py", "import flags\n", "import flags  # told by the team\n"),
    ("system.py", "\n\n        def loud", "\n\n\n\n        def loud"),
    ("system.py", "rounds > 10 and not plugin.off", "(rounds > 10) and (not plugin.off)"),
    ("flags.py", "WANTED = True\n", "# wanted\nWANTED = True\n\n\n"),
    ("conditional.py", "FLOOR = 7", "FLOOR = 0x7"),
    ("slow_path.py", "'slow'", '"slow"'),
    ("slow_path.py", "    return", "\treturn"),
    ("helpers/__init__.py", '["names"]', '[\n    "names",\n]'),
    ("helpers/prices.py", "import per_unit", "import (\n            per_unit,\n        )"),
    ("helpers/prices.py", '"""With tax."""', "'''With the tax on top.'''"),
    ("helpers/deep/__init__.py", "", '"""Deep."""\n'),
    ("helpers/deep/units.py", "price / LOT", "price/LOT"),
    ("lazy/late.py", "row[0]", "(row[0])"),
    ("unrelated.py", "NOTHING = 1", "NOTHING = 2"),
]  # fmt: skip


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """The project on disk, which nothing imports."""
    return write(tmp_path / "here")


def write(folder: Path) -> Path:
    for name, text in PROJECT.items():
        file = folder / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(dedent(text).lstrip("\n"), encoding="utf-8")
    return folder


def edit(root: Path, name: str, before: str, after: str) -> None:
    file = root / name
    text = file.read_text(encoding="utf-8")
    before, after = dedent_like(before), dedent_like(after)
    assert before in text, before
    file.write_text(text.replace(before, after, 1) if before else text + after, encoding="utf-8")


def dedent_like(text: str) -> str:
    """The edit as it stands in a file whose text lost its eight columns."""
    return text.replace("\n        ", "\n").replace("            # ", "    # ")


def fit_of(root: Path) -> Callable[..., object]:
    """The function as the compiler sees it; nothing of the project is run."""
    code = compile((root / "system.py").read_text(encoding="utf-8"), str(root / "system.py"), "exec")
    (fit,) = (part for part in code.co_consts if getattr(part, "co_name", "") == "fit")
    module = ModuleType("system")
    exec(compile("def fit(train, valid): ...", "system.py", "exec"), module.__dict__)
    function: Callable[..., object] = module.fit
    function.__code__ = fit
    return function


def parts(root: Path) -> dict[str, str]:
    return Code(root).team(fit_of(root))


@pytest.mark.parametrize(("name", "before", "after"), REAL, ids=lambda text: repr(text)[:40])
def test_a_real_edit_is_noticed(root: Path, name: str, before: str, after: str) -> None:
    old = parts(root)
    edit(root, name, before, after)
    assert parts(root) != old


@pytest.mark.parametrize(("name", "before", "after"), LAYOUT, ids=lambda text: repr(text)[:40])
def test_comments_and_layout_are_not(root: Path, name: str, before: str, after: str) -> None:
    old = parts(root)
    edit(root, name, before, after)
    assert parts(root) == old


def test_there_are_thirty_of_each() -> None:
    assert min(len(set(REAL)), len(set(LAYOUT))) >= 30


def test_names_what_changed(root: Path) -> None:
    old = parts(root)
    edit(root, "space/part.py", "12", "13")
    new = parts(root)
    assert [name for name in new if new[name] != old[name]] == ["code:space.part"]
    assert {name for name in old if name.startswith("code:")} == {
        f"code:{name}"
        for name in [
            "system", "flags", "conditional", "slow_path", "helpers", "helpers.names", "helpers.prices",
            "helpers.deep", "helpers.deep.units", "space.part", "recipes", "recipes.growing", "recipes.soil",
            "recipes.water", "lazy", "lazy.late", "plugins.one", "kinds.a", "kinds.b",
        ]
    }  # fmt: skip


def test_moving_the_folder_changes_nothing(root: Path, tmp_path: Path) -> None:
    assert parts(write(tmp_path / "elsewhere" / "deeper")) == parts(root)


def test_a_removed_or_added_module_is_noticed(root: Path) -> None:
    old = parts(root)
    (root / "fast_path.py").write_text("def of():\n    return 'fast'\n", encoding="utf-8")
    new = parts(root)
    assert new.keys() - old.keys() == {"code:fast_path"}
    (root / "slow_path.py").unlink()
    assert old.keys() - parts(root).keys() == {"code:slow_path"}


def test_a_module_that_does_not_parse_counts_by_its_bytes(root: Path) -> None:
    edit(root, "flags.py", "True", "True if")
    old = parts(root)
    edit(root, "flags.py", "True if", "True  if")
    assert parts(root) != old


def test_the_same_top_package_outside_the_folder_of_the_system_counts(tmp_path: Path) -> None:
    for name, text in {
        "shop/__init__.py": "",
        "shop/prices.py": "TAX = 1\n",
        "shop/ml/__init__.py": "",
        "shop/ml/system.py": "from shop.prices import TAX\n\n\ndef fit(train, valid):\n    return TAX\n",
    }.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text, encoding="utf-8")
    found = parts(tmp_path / "shop" / "ml")
    assert found.keys() >= {"code:shop.prices", "code:shop.ml.system", "code:shop", "code:shop.ml"}


def test_libraries_count_by_their_installed_version(root: Path) -> None:
    edit(root, "flags.py", "WANTED", "import sklearn\n\nWANTED")
    found = parts(root)
    assert {"lock:scikit-learn", "lock:numpy", "lock:scipy", "lock:python"} <= found.keys()
    assert not [name for name in found if name.startswith("code:sklearn")]
    assert "lock:importlib" not in found


def loaded(root: Path, text: str) -> ModuleType:
    file = root / "made.py"
    file.write_text(dedent(text), encoding="utf-8")
    spec = spec_from_file_location("made", file)
    assert spec is not None
    assert spec.loader is not None
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_what_a_function_was_made_with_counts(tmp_path: Path) -> None:
    made = loaded(
        tmp_path,
        """
        def maker(region, sizes):
            def fit(train, valid):
                return region, sizes
            return fit

        def plain(train, valid, depth): ...

        class Recipe:
            def __init__(self, depth):
                self.depth = depth
            def fit(self, train, valid): ...
            def __call__(self, train, valid): ...
        """,
    )
    code = Code(tmp_path)
    north, south = code.team(made.maker("north", (1, 2))), code.team(made.maker("south", (1, 2)))
    assert {name for name in north if north[name] != south[name]} == {"closure:region"}
    assert north["function"] == "maker.<locals>.fit"
    assert code.team(partial(made.plain, depth=3)) != code.team(partial(made.plain, depth=4))
    assert code.team(made.Recipe(3).fit) != code.team(made.Recipe(4).fit)
    assert code.team(made.Recipe(3)) != code.team(made.Recipe(4))
    assert code.team(made.plain) != code.team(made.maker)


def test_parses_are_remembered_and_never_mistaken(root: Path, tmp_path: Path) -> None:
    cache = tmp_path / "cache"
    first = Code(root, cache)
    before = first.team(fit_of(root))
    first.save()
    edit(root, "space/part.py", "12", "13")
    assert first.team(fit_of(root)) == before, "what this process imported is what it runs"
    assert Code(root, cache).team(fit_of(root)) == parts(root) != before
    (cache / "syntax.json").write_text("{", encoding="utf-8")
    assert Code(root, cache).team(fit_of(root)) == parts(root)


def test_our_own_stages_count_by_all_our_modules_that_they_stand_on() -> None:
    code = Code(Path(prepare.__file__).parent)
    found = code.house(prepare.run)
    assert len(found["code:tidemill.lifecycle.prepare.stage"]) == 64
    assert found["lock:numpy"]
