"""What every Journal must do; a backend's test inherits the suite and gives its `make` fixture."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tidemill.ports.journal import Journal

Make = Callable[[], Journal]


def drained(journal: Journal, stream: str, cursor: str = "", limit: int = 10_000) -> tuple[list[bytes], str]:
    """All payloads from the cursor on, `limit` at a time, and the cursor behind them."""
    payloads: list[bytes] = []
    while True:
        frames, cursor = journal.read(stream, cursor, limit)
        if not frames:
            return payloads, cursor
        assert len(frames) <= limit
        payloads += [frame.payload for frame in frames]


class JournalSuite:
    """Inherit and define `make`: it gives a handle on one and the same journal each time it is called."""

    @pytest.fixture
    def make(self) -> Make:
        raise NotImplementedError

    def test_a_frame_is_read_as_soon_as_it_is_appended(self, make: Make) -> None:
        writer = make().writer("predictions", "w1")
        id = writer.append(b"one")
        (frame,), _ = make().read("predictions")
        assert (frame.id, frame.payload) == (id, b"one")

    def test_the_next_id_is_the_one_that_the_next_append_gives(self, make: Make) -> None:
        writer = make().writer("predictions", "w1")
        ids = []
        for n in range(20):
            foretold = writer.next_id()
            ids.append(writer.append(b"x" * n))
            assert foretold == ids[-1]
        assert len(set(ids)) == 20

    def test_a_frame_is_found_by_its_id(self, make: Make) -> None:
        journal = make()
        one, other = journal.writer("predictions", "w1"), journal.writer("predictions", "w2")
        written = {writer.append(payload): payload for payload in (b"", b"a", b"b" * 5000) for writer in (one, other)}
        assert len(written) == 6
        assert {id: make().find("predictions", id) for id in written} == written

    @pytest.mark.parametrize("id", ["", "w1", "w1.1-7", "w9.1-8", "w1.9-8", "../x.1-8", "w1.1-99999999999", "가.1-8"])
    def test_an_id_that_was_never_given_is_none(self, make: Make, id: str) -> None:
        journal = make()
        journal.writer("predictions", "w1").append(b"one")
        assert journal.find("predictions", id) is None

    def test_reading_goes_on_behind_the_cursor(self, make: Make) -> None:
        journal = make()
        writer = journal.writer("predictions", "w1")
        writer.append(b"one")
        first, cursor = journal.read("predictions")
        assert journal.read("predictions", cursor) == ((), cursor)
        writer.append(b"two")
        again, _ = make().read("predictions", cursor)
        assert [frame.payload for frame in (*first, *again)] == [b"one", b"two"]

    @pytest.mark.parametrize("limit", [1, 3, 7, 10_000])
    def test_each_frame_comes_once_in_its_workers_order(self, make: Make, limit: int) -> None:
        journal = make()
        expected: dict[str, list[bytes]] = {"w1": [], "w2": [], "w3": []}
        got: list[bytes] = []
        cursor = ""
        for life in range(3):
            writers = {worker: journal.writer("s", worker) for worker in expected}
            for n in range(5):
                for worker, writer in writers.items():
                    expected[worker].append(f"{worker}/{life}/{n}".encode())
                    writer.append(expected[worker][-1])
                if n == 2:
                    more, cursor = drained(journal, "s", cursor, limit)
                    got += more
            for writer in writers.values():
                writer.close()
        got += drained(journal, "s", cursor, limit)[0]
        for worker, payloads in expected.items():
            assert [payload for payload in got if payload.startswith(worker.encode())] == payloads
        assert len(got) == 45

    def test_a_stream_that_nobody_wrote_is_empty(self, make: Make) -> None:
        assert make().read("events/shop") == ((), "")

    def test_streams_do_not_touch_whatever_they_are_called(self, make: Make) -> None:
        journal = make()
        names = ["events", "events/clicks", "events/clicks/w1", "..", "주문"]
        for name in names:
            journal.writer(name, "w1").append(name.encode())
        assert {name: drained(journal, name)[0] for name in names} == {name: [name.encode()] for name in names}

    def test_closing_and_syncing_change_nothing_for_readers(self, make: Make) -> None:
        journal = make()
        writer = journal.writer("s", "w1")
        writer.append(b"one")
        writer.sync()
        _, cursor = drained(journal, "s")
        writer.append(b"two")
        writer.close()
        assert drained(journal, "s", cursor)[0] == [b"two"]
        assert drained(journal, "s")[0] == [b"one", b"two"]
