"""A view's records beside others': filled unseen, proven, then read; kept as long as somebody may want them."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

import tidemill as tm
from tests.looked import look_up
from tests.street import DAY, HOUR, Street, table, us
from tidemill.errors import BusyError, StoreError
from tidemill.facts.data import Value
from tidemill.features import plan
from tidemill.features.online import entity_key, space
from tidemill.features.reader import Reader
from tidemill.lifecycle.extract import push, spaces
from tidemill.lifecycle.serve import answer
from tidemill.spec.view import Lookup

AT = us("2026-01-01")
NOW = AT + 2 * DAY
WHO = ("a", "b", "c", "d", "e")
KINDS = {"at": pa.timestamp("us", tz="UTC"), "customer": pa.string(), "amount": pa.float64()}


class Shop:
    """Five customers with two clicks each, and whatever views of them; on LMDB where there is a home."""

    def __init__(self, home: Path | None = None) -> None:
        self.street = Street(self.declared("30d"), {"clicks": self.clicks(0)}, home=home)
        self.extract()

    def declared(self, length: str, name: str = "shop") -> Any:
        system = tm.System(name, owner="o@shop.example", zone="UTC")
        clicks = system.source("clicks", tm.files("clicks"), key="id", time="at")
        windows = {"n": tm.count(length), "spent": tm.sum("amount", length)}
        system.features("seen", clicks, entity="customer", columns=["amount as last"], windows=windows)
        return system.declared()

    @staticmethod
    def clicks(first: int) -> pa.Table:
        rows = [
            {"id": first + n, "at": AT + n * HOUR, "customer": WHO[n % len(WHO)], "amount": n / 4} for n in range(10)
        ]
        return table(rows, **KINDS)

    @property
    def view(self) -> Lookup:
        (view,) = (one for one in self.street.system.views if isinstance(one, Lookup))
        return view

    def extract(self) -> None:
        self.street.extract("clicks", NOW)

    def more(self) -> None:
        """Ten clicks more have landed."""
        reader: Any = self.street.readers["clicks"]
        reader.add(self.clicks(1000))
        self.extract()

    def push(self, *answering: Lookup, at: int = NOW) -> None:
        given = push.Given(
            system=self.street.system, versions=self.street.versions, now_us=at, answering=tuple(answering)
        )
        push.run(given, self.street.ctx)

    def seen(self, view: Lookup) -> list[dict[str, Value] | None]:
        """What a server reads of each customer."""
        keys = [entity_key([one]) for one in WHO]
        records, _ = answer.read(space(view), keys, self.street.ctx.online)
        found = look_up(view, records, [NOW + HOUR] * len(WHO))
        return [one.values if one.known else None for one in found]

    def counts(self, view: Lookup) -> list[Value]:
        return [None if one is None else one["n"] for one in self.seen(view)]


@pytest.fixture(params=["memory", "lmdb"])
def shop(request: pytest.FixtureRequest, tmp_path: Path) -> Shop:
    return Shop(tmp_path if request.param == "lmdb" else None)


def test_a_changed_view_is_filled_beside_the_one_that_answers_and_both_go_on(shop: Shop) -> None:
    shop.push()
    old = shop.view
    shop.street.system = shop.declared("7d")
    assert (shop.counts(old), shop.counts(shop.view)) == ([2] * 5, [None] * 5)
    shop.push(old)
    assert (shop.counts(old), shop.counts(shop.view)) == ([2] * 5, [2] * 5)
    shop.more()
    shop.push(old)
    assert (shop.counts(old), shop.counts(shop.view)) == ([4] * 5, [4] * 5)


def test_nobody_reads_records_before_a_sample_of_them_is_proven(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    shop.push()
    old, meanwhile = shop.view, []
    shop.street.system = shop.declared("7d")
    monkeypatch.setattr(push, "ENTITIES_AT_ONCE", 2)

    def looked(*given: Any) -> None:
        held = shop.street.ctx.online.extent(space(shop.view)).records
        meanwhile.append((held, shop.counts(shop.view), shop.counts(old)))
        spaces.prove(*given)

    monkeypatch.setattr(push, "prove", looked)
    shop.push(old)
    assert meanwhile == [(5, [None] * 5, [2] * 5)]
    assert shop.counts(shop.view) == [2] * 5


def test_a_sum_that_does_not_fit_keeps_no_view_from_being_filled(shop: Shop) -> None:
    reader: Any = shop.street.readers["clicks"]
    reader.add(table([{"id": 2000, "at": AT, "customer": WHO[0], "amount": 1e13}], **KINDS))
    shop.extract()
    shop.push()
    assert shop.counts(shop.view) == [3, 2, 2, 2, 2]
    spent = [None if one is None else one["spent"] for one in shop.seen(shop.view)]
    assert spent == [None, *(n / 4 + (n + 5) / 4 for n in range(1, 5))]


def test_records_that_are_not_what_training_sees_are_never_read(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    """One entity of the sample wrong by one: the space stays unread, the old one goes on, the next turn mends it."""
    shop.push()
    old = shop.view
    shop.street.system = shop.declared("7d")
    wrong = entity_key(["c"])
    read = Reader.read

    def off_by_one(self: Reader, record: bytes | None, at_us: int) -> tuple[Sequence[Value], tuple[str, ...]]:
        values, flags = read(self, record, at_us)
        there = shop.street.ctx.online.get(space(shop.view), [wrong or b""])[0]
        return ([values[0], int(values[1] or 0) + 1, *values[2:]] if record == there else values), flags

    monkeypatch.setattr(Reader, "read", off_by_one)
    with pytest.raises(StoreError) as caught:
        shop.push(old)
    assert caught.value.code == "store.online-differs"
    assert {name: caught.value.fields[name] for name in ("view", "feature", "entity", "online", "offline")} == {
        "view": "seen", "feature": "n", "entity": '["c"]', "online": 3, "offline": 2,
    }  # fmt: skip
    monkeypatch.setattr(Reader, "read", read)
    assert (shop.counts(shop.view), shop.counts(old)) == ([None] * 5, [2] * 5)
    shop.push(old)
    assert shop.counts(shop.view) == [2] * 5


def test_a_filling_that_breaks_off_begins_again(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(push, "ENTITIES_AT_ONCE", 2)
    online: Any = shop.street.ctx.online
    write, calls = type(online).write, []

    def dies(self: Any, *given: Any) -> None:
        calls.append(given)
        if len(calls) == 3:
            raise KeyboardInterrupt
        write(self, *given)

    monkeypatch.setattr(type(online), "write", dies)
    with pytest.raises(KeyboardInterrupt):
        shop.push()
    monkeypatch.setattr(type(online), "write", write)
    assert 0 < online.extent(space(shop.view)).records < len(WHO)
    assert shop.counts(shop.view) == [None] * 5
    shop.push()
    assert shop.counts(shop.view) == [2] * 5


@pytest.mark.parametrize("lost", ["everything", "another lake", "an older lake"])
def test_a_store_that_is_empty_or_of_another_lake_is_filled_from_this_one(shop: Shop, lost: str) -> None:
    shop.push()
    online, where = shop.street.ctx.online, space(shop.view)
    mark = json.loads(online.mark(where))
    if lost == "everything":
        online.drop(where)
    else:
        changed = {"of": "0" * 16} if lost == "another lake" else {"version": "clicks@v7", "row": 70}
        strange = [(entity_key([one]) or b"", b"not a record") for one in (*WHO, "nobody here")]
        online.write({where: strange}, {where: json.dumps(mark | changed)})
    shop.push()
    assert (shop.counts(shop.view), online.extent(where).records) == ([2] * 5, len(WHO))
    assert json.loads(online.mark(where)) == mark


def test_what_another_wrote_meanwhile_is_not_written_over(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    shop.push()
    shop.more()
    online, where, newly = shop.street.ctx.online, space(shop.view), plan.newly_landed

    def interrupted(*given: Any, **named: Any) -> str:
        online.write({}, {where: json.dumps(json.loads(online.mark(where)) | {"at_us": 1})})
        sql: str = newly(*given, **named)
        return sql

    monkeypatch.setattr(push, "newly_landed", interrupted)
    with pytest.raises(BusyError, match="online-moved"):
        shop.push()
    assert shop.counts(shop.view) == [2] * 5
    monkeypatch.setattr(push, "newly_landed", newly)
    shop.push()
    assert shop.counts(shop.view) == [4] * 5


def test_a_space_is_dropped_when_nobody_has_wanted_it_for_long(shop: Shop) -> None:
    shop.push()
    old = shop.view
    shop.street.system = shop.declared("7d")
    shop.push(old, at=NOW + 30 * DAY)
    assert shop.counts(old) == [2] * 5, "a version that may come back reads it"
    shop.push(at=NOW + 31 * DAY)
    shop.push(at=NOW + 36 * DAY)
    assert shop.counts(old) == [2] * 5, "it was wanted six days ago"
    shop.more()
    shop.push(old, at=NOW + 36 * DAY)
    assert shop.counts(old) == [4] * 5, "and goes on from where it was"
    shop.push(at=NOW + 44 * DAY)
    assert (shop.counts(old), shop.counts(shop.view)) == ([None] * 5, [4] * 5)
    assert shop.street.ctx.online.extent(space(old)).records == 0
    shop.push(old, at=NOW + 45 * DAY)
    assert shop.counts(old) == [4] * 5, "who wants it again has it again"


def test_a_space_that_another_system_of_the_home_wants_stays(shop: Shop) -> None:
    shop.push()
    own, shared = shop.street.system, shop.view
    shop.street.system = shop.declared("30d", "another")
    shop.push()
    shop.street.system = replace(own, views=())
    shop.push(at=NOW + 8 * DAY)
    shop.push(at=NOW + 16 * DAY)
    assert shop.counts(shared) == [2] * 5
    shop.street.system = replace(shop.declared("30d", "another"), views=())
    shop.push(at=NOW + 24 * DAY)
    shop.push(at=NOW + 32 * DAY)
    assert shop.counts(shared) == [None] * 5


def test_a_store_of_another_version_is_one_clear_error_until_it_is_filled(shop: Shop) -> None:
    online = shop.street.ctx.online
    assert shop.counts(shop.view) == [None] * 5
    online.write({"view/TM0/abc": [(b"a", b"1")]}, {"view/TM0/abc": "{}"})
    with pytest.raises(StoreError) as caught:
        shop.seen(shop.view)
    assert (caught.value.code, caught.value.fields["found"]) == ("store.online-other-version", "TM0")
    shop.push()
    assert shop.counts(shop.view) == [2] * 5
    assert online.get("view/TM0/abc", [b"a"]) == [b"1"]
