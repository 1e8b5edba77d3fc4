"""Files written whole, or not at all."""

from __future__ import annotations

import errno
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from tidemill.errors import StoreError
from tidemill.stores.disk import asked, folder_name, refusal, write_new, write_whole


def names(folder: Path) -> list[str]:
    return [place.name for place in folder.iterdir()]


def test_replaces_a_file_and_leaves_no_part(tmp_path: Path) -> None:
    place = tmp_path / "deep" / "file"
    write_whole(place, b"old")
    write_whole(place, b"new")
    assert place.read_bytes() == b"new"
    assert names(place.parent) == ["file"]


def test_a_new_file_never_takes_anothers_place(tmp_path: Path) -> None:
    place = tmp_path / "file"
    assert write_new(place, b"first")
    assert not write_new(place, b"second")
    assert place.read_bytes() == b"first"
    assert names(tmp_path) == ["file"]


@pytest.mark.parametrize("write", [write_whole, write_new])
def test_a_write_that_fails_leaves_the_old_state(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, write: Callable[[Path, bytes], object]
) -> None:
    place = tmp_path / "file"
    place.write_bytes(b"old")

    def full(handle: int) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(StoreError) as caught:
        write(place, b"new")
    assert caught.value.code == "store.disk-full"
    assert caught.value.fields["path"] == str(place)
    assert place.read_bytes() == b"old"
    assert names(tmp_path) == ["file"]


@pytest.mark.parametrize(
    ("number", "code"),
    [
        (errno.ENOSPC, "disk-full"),
        (errno.EDQUOT, "disk-full"),
        (errno.EFBIG, "disk-full"),
        (errno.EROFS, "not-writable"),
        (errno.EACCES, "not-writable"),
        (errno.EIO, "io-failed"),
    ],
)
def test_each_refusal_of_the_system_has_its_code(number: int, code: str) -> None:
    error = refusal(OSError(number, os.strerror(number)), Path("lake"))
    assert (error.code, error.fields["reason"]) == (f"store.{code}", os.strerror(number))


@pytest.mark.parametrize("name", ["events", "a/b", "..", ".", "주문", "a b%", "CON.txt"])
def test_any_name_is_one_folder(tmp_path: Path, name: str) -> None:
    place = tmp_path / folder_name(name)
    place.mkdir()
    assert place.resolve().parent == tmp_path.resolve()


def test_the_operating_system_is_asked_without_a_trace(tmp_path: Path) -> None:
    assert asked(tmp_path, 1 << 30) is None
    assert names(tmp_path) == []
    said = asked(tmp_path / "gone", 0)
    assert said is not None
    assert said.errno == errno.ENOENT
