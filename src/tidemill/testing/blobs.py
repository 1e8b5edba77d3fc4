"""What every Blobs must do; a backend's test inherits the suite and gives its `make` fixture."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tidemill.errors import StoreError
from tidemill.ports.blobs import Blobs
from tidemill.ports.tables import Waste

ABC = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
"""SHA-256 of b"abc", FIPS 180-4's own example."""


class BlobsSuite:
    """Inherit and define `make`: it gives a handle on one and the same store each time it is called."""

    @pytest.fixture
    def make(self) -> Callable[[], Blobs]:
        raise NotImplementedError

    def test_bytes_are_named_by_their_sha_256(self, make: Callable[[], Blobs]) -> None:
        assert make().put(b"abc") == ABC
        assert make().get(ABC) == b"abc"
        assert make().has(ABC)

    def test_putting_again_is_fine(self, make: Callable[[], Blobs]) -> None:
        blobs = make()
        assert blobs.put(b"abc") == blobs.put(b"abc") == ABC

    @pytest.mark.parametrize("data", [b"", b"\x00\xff", b"tide" * 500_000])
    def test_any_bytes_come_back(self, make: Callable[[], Blobs], data: bytes) -> None:
        assert make().get(make().put(data)) == data

    def test_a_path_is_a_file_with_the_bytes(self, make: Callable[[], Blobs]) -> None:
        blobs = make()
        path = blobs.path(blobs.put(b"abc"))
        assert path.read_bytes() == b"abc"
        assert blobs.path(ABC) == path

    @pytest.mark.parametrize("digest", [ABC, "", "abc", "../ledger.db", ABC[:-1] + "/"])
    def test_what_is_not_there_is_missing(self, make: Callable[[], Blobs], digest: str) -> None:
        blobs = make()
        assert not blobs.has(digest)
        for ask in (blobs.get, blobs.path):
            with pytest.raises(StoreError) as caught:
                ask(digest)
            assert caught.value.code == "store.blob-missing"

    def test_what_nobody_puts_any_more_can_be_taken_away(self, make: Callable[[], Blobs]) -> None:
        blobs = make()
        kept, gone = blobs.put(b"kept"), blobs.put(b"gone away")
        assert blobs.waste([gone, ABC], idle_s=0) == Waste(files=1, bytes=9)
        assert blobs.has(gone)
        assert blobs.remove([gone, ABC], idle_s=0) == Waste(files=1, bytes=9)
        assert (blobs.has(gone), blobs.get(kept)) == (False, b"kept")
        assert blobs.get(blobs.put(b"gone away")) == b"gone away"

    def test_what_was_put_a_while_ago_at_most_stays(self, make: Callable[[], Blobs]) -> None:
        blobs = make()
        young = blobs.put(b"young")
        assert blobs.remove([young], idle_s=3_600) == Waste(files=0, bytes=0)
        assert blobs.get(young) == b"young"
