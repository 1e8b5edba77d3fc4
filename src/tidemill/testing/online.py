"""What every Online must do; a backend's test inherits the suite and gives its `make` fixture."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from tidemill.errors import BusyError
from tidemill.ports.online import Extent, Online

Make = Callable[[], Online]


class OnlineSuite:
    """Inherit and define `make`: it gives a handle on one and the same store each time it is called."""

    @pytest.fixture
    def make(self) -> Make:
        raise NotImplementedError

    def test_a_reader_may_come_before_anything_was_written(self, make: Make) -> None:
        reader = make()
        assert (reader.get("view", [b"a"]), reader.mark("to")) == ([None], "")
        make().write({"view": [(b"a", b"1")]}, {"to": "v1"})
        assert (reader.get("view", [b"a"]), reader.mark("to")) == ([b"1"], "v1")

    def test_records_come_in_the_order_of_the_keys(self, make: Make) -> None:
        store = make()
        store.write({"view": [(b"a", b"1"), (b"b", b"2")]})
        assert store.get("view", [b"b", b"x", b"a", b"b"]) == [b"2", None, b"1", b"2"]
        assert store.get("view", []) == []

    def test_a_later_record_replaces_and_none_deletes(self, make: Make) -> None:
        store = make()
        store.write({"view": [(b"a", b"1"), (b"b", b"2"), (b"a", b"3")]})
        store.write({"view": [(b"b", None), (b"never", None)]})
        assert store.get("view", [b"a", b"b"]) == [b"3", None]

    def test_spaces_and_marks_do_not_touch(self, make: Make) -> None:
        store = make()
        store.write({"view": [(b"a", b"1")], "view/2": [(b"a", b"2")]}, {"view": "m", "a": "n"})
        assert (store.get("view", [b"a"]), store.get("view/2", [b"a"])) == ([b"1"], [b"2"])
        assert (store.mark("view"), store.mark("a"), store.mark("view/2")) == ("m", "n", "")

    def test_a_dropped_space_is_empty_and_the_others_stay(self, make: Make) -> None:
        store = make()
        keys = [str(n).encode() for n in range(1000)]
        store.write({name: [(key, b"x") for key in keys] for name in ("old", "new")}, {"old": "m", "new": "n"})
        store.drop("old")
        store.drop("never")
        assert set(store.get("old", keys)) == {None}
        assert set(store.get("new", keys)) == {b"x"}
        assert (store.mark("old"), store.mark("new")) == ("", "n")
        store.write({"old": [(b"1", b"y")]})
        assert store.get("old", [b"0", b"1"]) == [None, b"y"]

    def test_names_with_a_mark_are_known(self, make: Make) -> None:
        store = make()
        assert store.marked() == ()
        store.write({"view": [(b"a", b"1")], "unmarked": [(b"a", b"1")]}, {"view": "m", "to": "v1", "gone": "x"})
        store.write({}, {"gone": ""})
        assert store.marked() == ("to", "view")
        store.drop("view")
        assert (store.marked(), store.mark("gone")) == (("to",), "")

    def test_records_and_mark_are_read_together(self, make: Make) -> None:
        store = make()
        assert store.read("view", [b"a"]) == ([None], "")
        store.write({"view": [(b"a", b"1")]}, {"view": "m", "other": "n"})
        assert store.read("view", [b"b", b"a"]) == ([None, b"1"], "m")
        assert store.read("other", []) == ([], "n")

    def test_what_was_made_of_an_older_state_is_not_written(self, make: Make) -> None:
        store = make()
        store.write({"view": [(b"a", b"1")]}, {"view": "m1"}, {"view": ""})
        with pytest.raises(BusyError) as caught:
            make().write({"view": [(b"a", b"2")], "other": [(b"a", b"2")]}, {"view": "m2"}, {"view": "", "other": ""})
        assert (caught.value.code, caught.value.fields["space"]) == ("busy.online-moved", "view")
        assert (store.read("view", [b"a"]), store.get("other", [b"a"])) == (([b"1"], "m1"), [None])
        store.write({"view": [(b"a", b"2")]}, {"view": "m2"}, {"view": "m1"})
        assert store.read("view", [b"a"]) == ([b"2"], "m2")

    def test_what_a_space_holds_is_counted(self, make: Make) -> None:
        store = make()
        assert store.extent("view") == Extent(records=0, bytes=0)
        store.write(
            {"view": [(b"a", b"1"), (b"b" * 999, b"22"), (b"c", b"")], "other": [(b"a", b"333")]}, {"view": "m"}
        )
        store.write({"view": [(b"a", b"4444"), (b"c", None)]})
        assert store.extent("view") == Extent(records=2, bytes=6)
        assert store.extent("other") == Extent(records=1, bytes=3)
        store.drop("view")
        assert store.extent("view") == Extent(records=0, bytes=0)

    def test_keys_may_be_long_and_alike(self, make: Make) -> None:
        store = make()
        keys = [b"k" * n for n in (1, 399, 400, 401, 511, 5000)] + [b"k" * 5000 + b"!"]
        store.write({"view": [(key, str(n).encode()) for n, key in enumerate(keys)]})
        assert store.get("view", keys) == [str(n).encode() for n in range(len(keys))]

    def test_records_may_be_empty_or_large(self, make: Make) -> None:
        store = make()
        large = bytes(range(256)) * 4096
        store.write({"view": [(b"empty", b""), (b"large", large)]})
        assert store.get("view", [b"empty", b"large"]) == [b"", large]

    def test_a_write_that_breaks_off_leaves_nothing(self, make: Make) -> None:
        store = make()
        store.write({"view": [(b"a", b"1")]}, {"to": "v1"})

        def broken() -> Iterator[tuple[bytes, bytes | None]]:
            yield b"a", b"2"
            raise RuntimeError

        with pytest.raises(RuntimeError):
            store.write({"view": broken()}, {"to": "v2"})
        assert (store.get("view", [b"a"]), store.mark("to")) == ([b"1"], "v1")
