"""Blobs whose files were damaged, taken away, or could not be written."""

from __future__ import annotations

import os
from hashlib import file_digest
from io import BufferedReader
from pathlib import Path

import pytest

from tidemill.errors import StoreError
from tidemill.stores.blobs.local import LocalBlobs
from tidemill.testing.blobs import ABC


@pytest.fixture
def blobs(tmp_path: Path) -> LocalBlobs:
    return LocalBlobs(tmp_path)


def damage(path: Path) -> None:
    """Another byte in the same place, as a bad disk would have it."""
    status = path.stat()
    path.chmod(0o644)
    path.write_bytes(b"abd")
    os.utime(path, ns=(status.st_atime_ns, status.st_mtime_ns + 1))


def test_lies_under_the_first_digits_and_cannot_be_written(blobs: LocalBlobs, tmp_path: Path) -> None:
    blobs.put(b"abc")
    place = tmp_path / "sha256" / "ba" / ABC
    assert blobs.path(ABC) == place
    assert place.stat().st_mode & 0o222 == 0


def test_a_damaged_file_is_named_and_never_given(blobs: LocalBlobs) -> None:
    blobs.put(b"abc")
    damage(blobs.path(ABC))
    for ask in (blobs.get, blobs.path):
        with pytest.raises(StoreError) as caught:
            ask(ABC)
        assert caught.value.code == "store.blob-corrupt"
        assert str(caught.value.fields["path"]).endswith(ABC)


def test_putting_the_bytes_again_mends_a_damaged_file(blobs: LocalBlobs) -> None:
    blobs.put(b"abc")
    damage(blobs.path(ABC))
    blobs.put(b"abc")
    assert blobs.get(ABC) == b"abc"


def test_a_file_that_did_not_change_is_hashed_once(blobs: LocalBlobs, monkeypatch: pytest.MonkeyPatch) -> None:
    blobs.put(b"abc")
    hashed: list[object] = []

    def counted(file: BufferedReader, kind: str) -> object:
        hashed.append(file)
        return file_digest(file, kind)

    monkeypatch.setattr("tidemill.stores.verified.file_digest", counted)
    again = LocalBlobs(blobs.folder)
    assert again.path(ABC) == again.path(ABC)
    assert again.put(b"abc") == ABC
    assert len(hashed) == 1


def test_a_folder_that_cannot_be_made_is_said(tmp_path: Path) -> None:
    (tmp_path / "sha256").touch()
    with pytest.raises(StoreError) as caught:
        LocalBlobs(tmp_path).put(b"abc")
    assert caught.value.code == "store.io-failed"
