"""The ledger's SQLite file: several processes at once, migrations, and every way in which a file can fail."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from threading import Thread

import pytest

from tidemill.errors import BusyError, StoreError
from tidemill.facts.event import Event
from tidemill.facts.kinds import KEPT
from tidemill.facts.release import Policy
from tidemill.facts.run import Run, StageRun
from tidemill.stores import sql
from tidemill.stores.ledger.sqlite import SqliteLedger
from tidemill.testing.ledger import event, run

COUNT = """
import sys
from pathlib import Path
from tidemill.errors import StoreError
from tidemill.facts.release import Policy
from tidemill.facts.run import StageRun
from tidemill.stores.ledger.sqlite import SqliteLedger

path, me = Path(sys.argv[1]), sys.argv[2]
ledger = SqliteLedger(path)
counted = conflicts = 0
while counted < 25:
    lease = ledger.acquire("count", owner=me, ttl_us=60_000_000)
    if lease is None:
        continue
    before = ledger.get(Policy, "s", "m")
    seq = before.seq + 1 if before else 1
    ledger.commit(Policy(system="s", model="m", seq=seq, champion=None, salt="", at_us=1), lease=lease)
    ledger.give_up(lease)
    counted += 1
for n in range(25):
    try:
        ledger.commit(StageRun(key=str(n), run=me, system="s", stage="train", subject="m", parts={}, facts=(),
                               took_ms=1, at_us=1))
    except StoreError as error:
        assert error.code == "store.fact-conflict", error
        conflicts += 1
ledger.close()
print(conflicts)
"""


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "home" / "ledger.db"


@pytest.fixture
def ledger(path: Path) -> Iterator[SqliteLedger]:
    ledger = SqliteLedger(path, patience_s=0.05)
    yield ledger
    ledger.close()


def code_of(error: pytest.ExceptionInfo[StoreError] | pytest.ExceptionInfo[BusyError]) -> str:
    return error.value.code


def test_processes_that_begin_at_once_count_together_and_agree_on_history(path: Path) -> None:
    started = [
        subprocess.Popen([sys.executable, "-c", COUNT, path, f"p{n}"], stdout=subprocess.PIPE, text=True)
        for n in range(3)
    ]
    conflicts = [int(process.communicate(timeout=60)[0]) for process in started]
    with closing(SqliteLedger(path)) as ledger:
        policy = ledger.get(Policy, "s", "m")
        assert policy is not None
        assert policy.seq == 75
        assert sum(conflicts) == 50
        assert len(ledger.find(StageRun)) == 25


def test_another_process_moves_the_change_number(ledger: SqliteLedger, path: Path) -> None:
    before = ledger.change_number()
    script = (
        "import sys; from pathlib import Path; from tidemill.stores.ledger.sqlite import SqliteLedger as L\n"
        "L(Path(sys.argv[1])).acquire('x', owner='o', ttl_us=1)"
    )
    subprocess.run([sys.executable, "-c", script, path], check=True)
    assert ledger.change_number() != before


def test_each_kind_of_fact_has_a_table_with_its_columns(ledger: SqliteLedger, path: Path) -> None:
    with closing(sqlite3.connect(path)) as link:
        for kind in KEPT:
            columns = [name for (name,) in link.execute("SELECT name FROM pragma_table_info(?)", (kind.KIND,))]
            assert columns == ["place", *kind.KEY, *kind.FOUND_BY, "at_us", "document"], kind.KIND
            unique = "SELECT name FROM pragma_index_list(?) WHERE origin = 'u'"
            ((index,),) = link.execute(unique, (kind.KIND,)).fetchall()
            key = [name for (name,) in link.execute("SELECT name FROM pragma_index_info(?)", (index,))]
            assert key == list(kind.KEY), kind.KIND


def test_the_diary_cannot_be_rewritten_by_hand(ledger: SqliteLedger, path: Path) -> None:
    ledger.commit(events=[event("a")])
    with closing(sqlite3.connect(path)) as link:
        for statement in ("UPDATE event SET subject = 'b'", "DELETE FROM event"):
            with pytest.raises(sqlite3.IntegrityError, match="the diary only grows"):
                link.execute(statement)


def test_a_wait_for_another_writer_ends_with_busy(ledger: SqliteLedger, path: Path) -> None:
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(BusyError) as caught:
            ledger.commit(run("a"))
        assert code_of(caught) == "busy.ledger-locked"
        assert ledger.find(Run) == ()
        other.execute("ROLLBACK")
    ledger.commit(run("a"))


def test_a_reader_never_waits_for_a_writer(ledger: SqliteLedger, path: Path) -> None:
    ledger.commit(run("a"))
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        assert ledger.get(Run, "a") == run("a")


def test_a_thread_waits_for_another_threads_commit(ledger: SqliteLedger) -> None:
    with ledger._transaction():
        thread = Thread(target=ledger.commit, args=(run("b"),))
        thread.start()
        assert thread.is_alive()
    thread.join(timeout=10)
    assert ledger.get(Run, "b") == run("b")


@pytest.mark.parametrize("damage", [b"this is no database, whatever its name says" * 100, b"SQLite format 3\x00" * 300])
def test_a_file_that_is_no_ledger_is_said_to_be_corrupt(path: Path, damage: bytes) -> None:
    path.parent.mkdir()
    path.write_bytes(damage)
    with pytest.raises(StoreError) as caught:
        SqliteLedger(path)
    assert code_of(caught) == "store.ledger-corrupt"
    assert caught.value.fields["path"] == str(path)
    assert path.read_bytes() == damage


def test_pages_overwritten_by_others_are_said_to_be_corrupt(path: Path) -> None:
    with closing(SqliteLedger(path)) as ledger:
        ledger.commit(*(run(f"r{n}") for n in range(300)))
    data = bytearray(path.read_bytes())
    data[8192:] = b"\xa5" * (len(data) - 8192)
    path.write_bytes(data)
    with pytest.raises(StoreError) as caught, closing(SqliteLedger(path)) as ledger:
        ledger.find(Run)
    assert code_of(caught) == "store.ledger-corrupt"


def test_a_document_changed_by_hand_is_said_to_be_corrupt(ledger: SqliteLedger, path: Path) -> None:
    ledger.commit(run("a"))
    with closing(sqlite3.connect(path)) as link, link:
        link.execute("UPDATE run SET document = substr(document, 1, 20)")
    with pytest.raises(StoreError) as caught:
        ledger.get(Run, "a")
    assert code_of(caught) == "store.ledger-corrupt"


def test_what_is_in_the_way_is_said(tmp_path: Path) -> None:
    (tmp_path / "ledger.db").mkdir()
    (tmp_path / "file").touch()
    for place, code in (("ledger.db", "store.not-writable"), ("file/ledger.db", "store.io-failed")):
        with pytest.raises(StoreError) as caught:
            SqliteLedger(tmp_path / place)
        assert code_of(caught) == code


def test_a_newer_schema_is_refused_and_left_alone(ledger: SqliteLedger, path: Path) -> None:
    ledger.commit(run("a"))
    with closing(sqlite3.connect(path)) as link, link:
        link.execute("INSERT INTO schema_version (number, name) VALUES (99, 'from the future')")
    with pytest.raises(StoreError) as caught:
        SqliteLedger(path)
    assert code_of(caught) == "store.schema-newer"
    assert caught.value.fields == {"path": str(path), "found": 99, "known": sql.migrations("sqlite")[-1].number}
    assert ledger.get(Run, "a") == run("a")


def test_an_older_file_is_copied_then_migrated_once(
    ledger: SqliteLedger, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ledger.commit(run("a"))
    step = sql.Migration(number=2, name="tide", statements=("CREATE TABLE tide (n INTEGER)",))
    monkeypatch.setattr("tidemill.stores.schema.migrations", lambda dialect: (*sql.migrations(dialect), step))
    for _ in range(2):
        with closing(SqliteLedger(path)) as newer:
            assert newer.get(Run, "a") == run("a")
    copy = path.with_name("ledger.db.before-0002")
    with closing(sqlite3.connect(copy)) as before, closing(sqlite3.connect(path)) as after:
        assert before.execute("SELECT max(number) FROM schema_version").fetchone() == (1,)
        assert before.execute("SELECT id FROM run").fetchall() == [("a",)]
        assert after.execute("SELECT max(number) FROM schema_version").fetchone() == (2,)


def test_a_migration_that_fails_leaves_the_file_as_it_was(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    SqliteLedger(path).close()
    step = sql.Migration(number=2, name="tide", statements=("CREATE TABLE tide (n INTEGER)", "CREATE nonsense"))
    with monkeypatch.context() as patched:
        patched.setattr("tidemill.stores.schema.migrations", lambda dialect: (*sql.migrations(dialect), step))
        with pytest.raises(StoreError):
            SqliteLedger(path)
    with closing(SqliteLedger(path)) as ledger, closing(sqlite3.connect(path)) as link:
        assert ledger.find(Run) == ()
        assert link.execute("SELECT count(*) FROM sqlite_schema WHERE name = 'tide'").fetchone() == (0,)


def test_text_of_any_kind_is_data_never_sql(ledger: SqliteLedger) -> None:
    name = "'; DROP TABLE run; --"
    ledger.commit(run(name), events=[Event(at_us=1, system="조개", code="x", subject=name)])
    assert ledger.get(Run, name) == run(name)
    assert ledger.events(subject=name)[0].system == "조개"


def test_looking_things_up_uses_an_index(ledger: SqliteLedger, path: Path) -> None:
    asked = {
        "SELECT * FROM run WHERE state = 'running'": "run_by_state",
        "SELECT * FROM stage_run WHERE key = 'k'": "sqlite_autoindex_stage_run_1",
        "SELECT * FROM model_version WHERE bundle = 'b'": "model_version_by_bundle",
        "SELECT * FROM reading WHERE system = 's' AND model = 'm' ORDER BY at_us DESC LIMIT 1": "reading_by_model",
        "SELECT * FROM event WHERE subject = 'a' AND seq > 3 ORDER BY seq": "event_by_subject",
    }  # fmt: skip
    with closing(sqlite3.connect(path)) as link:
        for statement, index in asked.items():
            plan = " ".join(row[3] for row in link.execute(f"EXPLAIN QUERY PLAN {statement}"))
            assert index in plan


def policy(seq: int) -> Policy:
    return Policy(system="s", model="m", seq=seq, champion=None, salt="", at_us=1)


def test_a_copy_that_is_put_in_its_place_is_the_ledger(ledger: SqliteLedger, path: Path) -> None:
    copy = path.with_name("copy.db")
    with closing(sqlite3.connect(path)) as source, closing(sqlite3.connect(copy)) as target:
        source.backup(target)
    ledger.commit(policy(7))
    numbers = [ledger.change_number()]
    for file in path.parent.glob(f"{path.name}*"):
        file.unlink()
    with pytest.raises(StoreError, match="the file is gone"):
        ledger.change_number()
    copy.replace(path)
    numbers.append(ledger.change_number())
    assert ledger.find(Policy) == ()
    ledger.commit(policy(8))
    numbers.append(ledger.change_number())
    with closing(SqliteLedger(path)) as other:
        assert other.find(Policy) == (policy(8),)
    assert len(set(numbers)) == len(numbers)
