"""Whatever a person gets wrong, or a disk, there is one answer: what, where, the way out; and nothing is lost.

Each case is met as a user meets it, by a command typed in a project's folder. The answer fits a terminal of 80 letters,
its exit code is that of its family, no traceback is on the screen, and who answered before goes on answering.
"""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from shutil import copytree, rmtree

import pytest

from tests.story.typed import FUNCTION, SYSTEM, Ended, Project, rows, scribble


@pytest.fixture
def project(tmp_path: Path) -> Project:
    return Project(tmp_path / "project")


@pytest.fixture(scope="module")
def first(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a project that ran once."""
    project = Project(tmp_path_factory.mktemp("first") / "project")
    assert project.typed("run").code == 0
    return project.folder


@pytest.fixture
def answering(first: Path, project: Project) -> Project:
    """A project with a champion."""
    copytree(first / ".tidemill", project.home)
    return project


def told(ended: Ended, code: str, hint: str) -> None:
    """The exit code is 2 for what the command line or its settings cannot have, else 1; what, where, the way out."""
    family = code.partition(".")[0]
    assert ended.code == (2 if family == "settings" else 1)
    assert code in ended
    assert hint in ended
    if not re.search(r"^✗ \d+ mistakes?", ended.out, re.MULTILINE):  # these stand in a page of their own
        assert re.search(r"^  do +\S", ended.out + ended.err, re.MULTILINE)


# The command line, the system file and tidemill.toml --------------------------------------------------------------

Typed = tuple[str, Callable[[Project], object], str, str, str]


def nothing(project: Project) -> None:
    """All is well in the folder."""


def toml(text: str) -> Callable[[Project], None]:
    return lambda project: project.write(text, "tidemill.toml")


TYPED: list[Typed] = [
    ("unknown command", nothing, "rnu", "settings.command-unknown", "Did you mean `run`?"),
    ("unknown option", nothing, "run --quick", "settings.option-unknown", "tidemill run --help"),
    ("unknown model", nothing, "run rsik", "settings.model-unknown", "Did you mean `risk`?"),
    ("missing argument", nothing, "why", "settings.command-misused", "NAME"),
    ("why nonsense", nothing, "why nonsense", "settings.nothing-known", "`nonsense`"),
    ("why a version that is not there", nothing, "why risk@9", "settings.nothing-known", "risk@9"),
    ("a version that is none", nothing, "promote risk -r x", "settings.version-unread", "`ranker@7`"),
    ("promote nobody", nothing, "promote risk@9 -r x", "run.no-release", "tidemill releases"),
    ("a port beyond all ports", nothing, "up --port 99999", "settings.command-misused", "65535"),
    ("no system file", lambda p: (p.folder / "system.py").unlink(), "run", "settings.no-system-file", "`system.py`"),
    ("a misspelt file", nothing, "check sytem.py", "settings.no-system-file", "Did you mean `system.py`?"),
    ("a syntax error", lambda p: p.change('"loan_id",', '"loan_id,'), "run", "settings.file-raised", "system.py:4"),
    ("raises on import", lambda p: p.write(SYSTEM + "1 / 0\n"), "run", "settings.file-raised", "ZeroDivisionError"),
    ("a missing library", lambda p: p.write("import nosuch\n"), "run", "settings.file-raised", "system.py:1"),
    ("ends the process", lambda p: p.write("raise SystemExit(0)\n"), "run", "settings.file-raised", "SystemExit"),
    ("no system in it", lambda p: p.write("x = 1\n"), "run", "settings.no-system", "tm.System("),
    ("two systems in it", lambda p: p.write(SYSTEM + 'b = tm.System("b", owner="o")\n'), "run",
     "settings.many-systems", "loan, b"),
    ("bytes for a system", lambda p: (p.folder / "system.py").write_bytes(b"\0\xff"), "run",
     "settings.file-raised", "system.py"),
    ("toml that is none", toml("[environment\n"), "run", "settings.toml-unreadable", "line 1"),
    ("toml that breaks off", toml("system = "), "run", "settings.toml-unreadable", "end of document"),
    ("a port that is a word", toml("[environment.default.serve]\nport = 'x'"), "up", "settings.setting-type", "port"),
    ("a setting misspelt", toml("[environment.default]\nserv = 1"), "run", "settings.setting-unknown", "`serve`?"),
    ("an environment", nothing, "run --env prod", "settings.environment-unknown", "`[environment.prod]`."),
    ("a clock", toml("[environment.default]\nclock = 'sundial'"), "run", "settings.clock-unreadable", "sundial"),
    ("a mistake of the declaration", lambda p: p.change('"7d"', '"7x"'), "check",
     "declaration.duration-unread", "`7x`"),
    ("a metric", lambda p: p.change('"none")', '"none"), gates=[tm.at_least("roc_auk", 0.5)]'), "check",
     "declaration.metric-unknown", "Did you mean `roc_auc`?"),
    ("an expression", lambda p: p.change("bad = 1", "bad = = 1"), "check", "expression.does-not-parse", "`bad = = 1`"),
    ("a name with a space", lambda p: p.change('"state"', '"the state!"'), "check", "expression.", "double quotes"),
]  # fmt: skip


@pytest.mark.parametrize(("case", "spoil", "words", "said", "hint"), TYPED, ids=[one[0] for one in TYPED])
def test_what_is_typed_or_declared_wrongly(
    project: Project, case: str, spoil: Callable[[Project], object], words: str, said: str, hint: str
) -> None:
    spoil(project)
    ended = project.typed(*words.split())
    told(ended, said, hint)


# The data ----------------------------------------------------------------------------------------------------------


def with_value(column: str, value: object, *places: int) -> Callable[[Project], None]:
    """These rows (none: all) say that."""

    def spoil(project: Project) -> None:
        data = rows()
        for place in places or range(len(data)):
            data[place][column] = value
        project.table(data)

    return spoil


def without(column: str) -> Callable[[Project], None]:
    return lambda project: project.table([{k: v for k, v in row.items() if k != column} for row in rows()])


def raw(change: Callable[[bytes], bytes]) -> Callable[[Project], None]:
    """The table's bytes, changed."""

    def spoil(project: Project) -> None:
        file = project.folder / "loans.csv"
        file.write_bytes(change(file.read_bytes()))

    return spoil


def from_url(url: str) -> Callable[[Project], None]:
    """The source is a table of that database."""
    return lambda project: project.change('tm.files("loans.csv")', f'tm.sql("{url}").table("loans")')


def from_database(*statements: str) -> Callable[[Project], None]:
    """The source is a table of a database made so."""

    def spoil(project: Project) -> None:
        with closing(sqlite3.connect(project.folder / "loans.db")) as link:
            for statement in statements:
                link.execute(statement)
            link.commit()
        from_url("sqlite:///loans.db")(project)

    return spoil


def a_spreadsheet(project: Project) -> None:
    project.change("loans.csv", "loans.xlsx")
    project.write("x", "loans.xlsx")


def in_the_future(project: Project) -> None:
    project.table([{**row, "applied_at": f"21{row['applied_at'][2:]}"} for row in rows()])


def a_file_that_differs(project: Project) -> None:
    project.change("loans.csv", "data")
    (project.folder / "data").mkdir()
    project.table(rows(), "data/a.csv")
    (project.folder / "data" / "b.csv").write_text("other,applied_at\n1,2026-01-01\n")


DATA: list[tuple[str, Callable[[Project], object], str, str]] = [
    ("a missing column", without("amount"), "declaration.column-unknown", "`amount` is no column of source loans"),
    ("a missing key", without("loan_id"), "declaration.column-unknown", "`loan_id`"),
    ("one time that is none", with_value("applied_at", "soon", 7), "data.time-type",
     "1 of its 300 values, such as 'soon'"),
    ("one outcome that is none", with_value("bad", "maybe", 7), "expression.type-mismatch", "such as 'maybe'"),
    ("times without a zone", lambda p: p.change(', zone="UTC"', ""), "declaration.zone-missing", "applied_at"),
    ("no rows", raw(lambda text: text.split(b"\n")[0] + b"\n"), "data.empty-source", "loans"),
    ("no bytes", raw(lambda text: b""), "source.file-empty", "loans.csv"),
    ("no file", lambda p: (p.folder / "loans.csv").unlink(), "source.unreachable", "loans.csv"),
    ("a column twice", raw(lambda text: text.replace(b"state", b"amount", 1)), "source.file-unreadable", "'amount'"),
    ("a short line", raw(lambda text: text + b"5,2026-01-01\n"), "source.file-unreadable",
     "line 302 has 2 values, but 6"),
    ("UTF-16", raw(lambda text: text.decode().encode("utf-16")), "source.not-utf8", "UTF-16"),
    ("CP949", raw(lambda text: text.replace(b"CA", "서울".encode("cp949"))), "source.not-utf8", "CP949"),
    ("noise", raw(lambda text: bytes(range(256)) * 9), "source.not-utf8", "loans.csv"),
    ("a file of another kind", a_spreadsheet, "source.format-unknown", "loans.xlsx"),
    ("a file with other columns", a_file_that_differs, "data.column-missing", "b.csv of loans has no column loan_id"),
    ("all times are null", with_value("applied_at", ""), "data.empty-source", "loans"),
    ("all is yet to come", in_the_future, "data.nothing-mature", "300"),
    ("one row", lambda p: p.table(rows(1)), "data.too-few-known", "1 rows"),
    ("one class", with_value("bad", 0), "data.too-few-known", "0 of them positive"),
    ("an unset name", lambda p: p.change("loans.csv", "${GONE_AWAY}/l.csv"), "settings.reference-unset",
     "export GONE_AWAY="),
    ("an open brace", lambda p: p.change("loans.csv", "${GONE/l.csv"), "settings.reference-unread", "${NAME}"),
    ("no database", from_url("sqlite:///no.db"), "source.unreachable", "no.db"),
    ("no such table", from_database("create table loan (id int)"), "source.table-missing", "loan"),
    ("no driver", from_url("nosuch://me:secret@h/x"), "source.", "nosuch"),
]  # fmt: skip


@pytest.mark.parametrize(("case", "spoil", "said", "hint"), DATA, ids=[one[0] for one in DATA])
def test_data_that_cannot_be_used(
    project: Project, case: str, spoil: Callable[[Project], object], said: str, hint: str
) -> None:
    spoil(project)
    ended = project.typed("run")
    told(ended, said, hint)
    assert "secret" not in ended
    assert project.champion() == ""


LOOKED_AT: list[tuple[str, Callable[[Project], object], str]] = [
    ("duplicate keys", lambda p: p.table([*rows(), *({**row, "amount": 1} for row in rows(40))]),
     "40 rows (11.76%) have the key of an earlier row"),
    ("rows out of order", lambda p: p.table(rows()[::-1]), ""),
    ("a number that is a word", with_value("amount", "twelve", 7), "1 rows that say something else, such as 'twelve'"),
    ("a feature that is null", with_value("amount", ""), "amount is empty in all 300 rows"),
    ("infinite", with_value("amount", "1e999", 7), "amount is infinite in 1 rows"),
    ("a byte order mark", raw(lambda text: b"\xef\xbb\xbf" + text), ""),
]  # fmt: skip


@pytest.mark.parametrize(("case", "spoil", "hint"), LOOKED_AT, ids=[one[0] for one in LOOKED_AT])
def test_data_that_is_odd_is_used_and_said(
    project: Project, case: str, spoil: Callable[[Project], object], hint: str
) -> None:
    spoil(project)
    ended = project.typed("run")
    assert ended.code == 0
    assert hint in ended
    assert project.champion() == "risk@1"


def test_a_column_that_is_filled_later_has_its_type_then(project: Project) -> None:
    with_value("amount", "")(project)
    assert project.typed("run").code == 0
    project.table(rows(330))
    assert project.typed("run").code == 0
    assert project.champion() == "risk@2"


def test_names_of_any_script_and_a_folder_with_spaces(tmp_path: Path) -> None:
    project = Project(tmp_path / "내 프로젝트 🙂")
    names = {"amount": "대출 금액", "state": "지역🙂", "bank": "은행", "bad": "부실"}
    project.table([{names.get(name, name): value for name, value in row.items()} for row in rows()])
    project.change('"amount", "state"', "'\"대출 금액\"', '\"지역🙂\"'")
    project.change('entity="bank"', 'entity="은행"')
    project.change('outcome="bad = 1"', 'outcome="부실 = 1"')
    assert project.typed("check").code == 0
    assert project.typed("run").code == 0
    assert project.champion() == "risk@1"


# The training function ---------------------------------------------------------------------------------------------

SHORT = """    import numpy
    from sklearn.dummy import DummyClassifier
    from sklearn.pipeline import Pipeline
    from sklearn.preprocessing import FunctionTransformer
    less = FunctionTransformer(numpy.delete, kw_args={"obj": 0, "axis": 0})
    return Pipeline([("less", less), ("fit", DummyClassifier().fit(train.X, train.y))])
"""
"""A model that drops the first row that it is asked about."""

REGRESSOR = """    from sklearn.dummy import DummyRegressor
    return DummyRegressor().fit(train.X, train.y)
"""

FUNCTIONS: list[tuple[str, str, str, str]] = [
    ("raises", "    raise ValueError('no luck [b] :x:')\n", "model.function-raised",
     "no luck [b] :x: (at system.py:12"),
    ("wants a library", "    import nosuch\n", "model.function-raised", "No module named 'nosuch'"),
    ("ends the process", "    raise SystemExit(3)\n", "model.function-raised", "SystemExit"),
    ("ends it at once", "    import os\n    os._exit(0)\n", "model.function-died", "exit status 0"),
    ("is killed", "    import os\n    os.kill(os.getpid(), 9)\n", "model.function-died", "SIGKILL"),
    ("segfaults", "    import ctypes, faulthandler\n    faulthandler.disable()\n    ctypes.string_at(0)\n",
     "model.function-died", "SIGSEGV"),
    ("returns nothing", "    train.y.mean()\n", "model.returned-nothing", "return model.fit"),
    ("returns a text", "    return 'model'\n", "model.not-a-model", "builtins.str"),
    ("returns NaN", "    return float('nan')\n", "model.nan-score", "60 of 60"),
    ("returns no probability", "    return 7.5\n", "model.not-a-probability", "7.5"),
    ("did not fit", "    from sklearn.linear_model import LogisticRegression\n    return LogisticRegression()\n",
     "model.not-fitted", "Call its fit"),
    ("predicts no probability", REGRESSOR, "model.wrong-kind", "a classifier with probabilities"),
    ("gives a wrong length", SHORT, "model.wrong-length", "59 for 60 rows"),
]  # fmt: skip


@pytest.mark.filterwarnings("ignore::ResourceWarning")  # a process that was killed closes nothing
@pytest.mark.parametrize(("case", "body", "said", "hint"), FUNCTIONS, ids=[one[0] for one in FUNCTIONS])
def test_a_training_function_that_fails(answering: Project, case: str, body: str, said: str, hint: str) -> None:
    answering.change(FUNCTION, body)
    ended = answering.typed("run")
    told(ended, said, hint)
    assert "in train risk" in ended
    assert answering.champion() == "risk@1", "who answered before goes on"


def test_what_a_training_function_prints_stays_off_the_screen(project: Project) -> None:
    project.change(
        FUNCTION, f"    import sys, warnings\n    for n in range(9999): print('much', n)\n"
        f"    print('bah', file=sys.stderr)\n    warnings.warn('careful')\n{FUNCTION}",
    )  # fmt: skip
    ended = project.typed("run")
    assert ended.code == 0
    assert not {"much", "bah", "careful"} & set(re.findall(r"\w+", ended.out + ended.err))
    log = (project.home / "runs" / "log.txt").read_text(encoding="utf-8")
    assert all(word in log for word in ("much 9998", "bah", "careful"))


# What was kept -----------------------------------------------------------------------------------------------------


KEPT: list[tuple[str, str, Callable[[Path], object], str]] = [
    ("a ledger", "ledger.db", lambda path: path.write_bytes(b"nonsense" * 999), "store.ledger-corrupt"),
    ("a data file", "lake/files/*/*.parquet", scribble, "store.data-file-corrupt"),
    ("a data file that is gone", "lake/files/*/*.parquet", Path.unlink, "store.data-file-missing"),
    ("an online store", "online/data.mdb", lambda path: path.write_bytes(b"nonsense" * 999), "store.online-corrupt"),
]


@pytest.mark.parametrize(("case", "pattern", "how", "said"), KEPT, ids=[one[0] for one in KEPT])
def test_damage_that_a_person_mends(
    answering: Project, case: str, pattern: str, how: Callable[[Path], object], said: str
) -> None:
    found = next(answering.home.glob(pattern))
    whole = found.read_bytes()
    for log in answering.home.glob("ledger.db-*"):
        log.unlink()
    answering.damage(pattern, how)
    answering.table(rows(330))
    told(answering.typed("run"), said, str(found.parent) if "online" in pattern else found.name)
    found.unlink(missing_ok=True)
    if case == "an online store":
        rmtree(found.parent)
    else:
        found.write_bytes(whole)
    assert answering.champion() == "risk@1"
    assert answering.typed("run").code == 0


MENDED: list[tuple[str, str, Callable[[Path], object]]] = [
    ("a manifest", "lake/manifests/loans/*.json", lambda path: path.write_text("nonsense")),
    ("a manifest that is gone", "lake/manifests/loans/*.json", Path.unlink),
    ("a cache", "cache/*.json", lambda path: path.write_text("nonsense")),
    ("a training set and a model", "blobs/sha256/*/*", scribble),
]


@pytest.mark.parametrize(("case", "pattern", "how"), MENDED, ids=[one[0] for one in MENDED])
def test_damage_that_the_next_run_mends(
    answering: Project, case: str, pattern: str, how: Callable[[Path], object]
) -> None:
    whole = {path: path.read_bytes() for path in answering.home.glob(pattern)}
    for path in whole:
        path.chmod(0o644)
        how(path)
    ended = answering.typed("run")
    assert ended.code == 0
    assert "there is already" in ended, "nothing new came of it"
    assert answering.champion() == "risk@1"
    if "manifest" in case:
        assert {path: path.read_bytes() for path in whole} == whole
    answering.change(FUNCTION, "    return 0.4\n")
    again = answering.typed("run")
    assert (again.code, "↺ prepare risk" in again, "✓ train risk" in again) == (0, True, True)
    assert "its files are lost" not in answering.typed("status"), "the champion was compared with"


def test_a_champion_whose_files_are_lost_stops_no_new_version(answering: Project) -> None:
    for path in answering.home.glob("blobs/sha256/*/*"):
        path.unlink()
    answering.table(rows(360))
    ended = answering.typed("run")
    assert ended.code == 0
    assert "risk@2" in ended
    assert "its files are lost" in answering.typed("status")


def test_another_declaration_is_compared_with_the_champion_of_the_old_one(answering: Project) -> None:
    answering.change('"amount", "state"', '"amount * 2 as twice"')
    answering.table(rows(600))
    ended = answering.typed("run")
    assert (ended.code, "risk@2" in ended) == (0, True)
