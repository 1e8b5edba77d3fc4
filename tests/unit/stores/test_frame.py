"""The bytes of a segment: known from outside, and read past any damage."""

from __future__ import annotations

import os
import struct
import zlib
from pathlib import Path
from tempfile import TemporaryDirectory

from hypothesis import given
from hypothesis import strategies as st

from tidemill.stores import frame

PAYLOADS = st.lists(st.binary(max_size=40) | st.just(bytes(30)), min_size=1, max_size=12)


def segment(payloads: list[bytes]) -> tuple[bytes, list[int]]:
    """A segment's bytes and the places of its frames."""
    data, places = bytearray(frame.MAGIC), []
    for payload in payloads:
        places.append(len(data))
        data += frame.frame(len(data), payload)
    return bytes(data), places


def scanned(data: bytes, *, final: bool, limit: int = 1000) -> frame.Scan:
    with TemporaryDirectory() as folder:
        path = Path(folder) / "segment"
        path.write_bytes(data)
        handle = os.open(path, os.O_RDONLY)
        try:
            return frame.scan(handle, len(frame.MAGIC), limit, final=final)
        finally:
            os.close(handle)


def test_a_frame_is_length_crc_place_payload() -> None:
    place, payload = 4096, b"payload"
    check = zlib.crc32(struct.pack("<Q", place) + payload)
    assert frame.frame(place, payload) == struct.pack("<IIQ", 7, check, place) + payload


@given(PAYLOADS, st.booleans())
def test_every_frame_is_read_back(payloads: list[bytes], final: bool) -> None:
    data, places = segment(payloads)
    scan = scanned(data, final=final)
    assert [(found.place, found.payload) for found in scan.frames] == list(zip(places, payloads, strict=True))
    assert (scan.place, scan.lost, scan.ended) == (len(data), (), True)


@given(PAYLOADS, st.data())
def test_a_torn_tail_is_cut_when_final_and_waited_for_when_not(payloads: list[bytes], data: st.DataObject) -> None:
    whole, places = segment(payloads)
    cut = data.draw(st.integers(places[-1] + 1, len(whole) - 1))
    expected = payloads[:-1]
    live, final = scanned(whole[:cut], final=False), scanned(whole[:cut], final=True)
    assert [found.payload for found in live.frames] == [found.payload for found in final.frames] == expected
    assert (live.place, live.lost) == (places[-1], ())
    assert (final.place, final.lost) == (cut, ((places[-1], cut - places[-1]),))


@given(PAYLOADS, st.data())
def test_a_damaged_frame_costs_itself_only(payloads: list[bytes], data: st.DataObject) -> None:
    whole, places = segment([*payloads, b"last"])
    hit = data.draw(st.integers(0, len(payloads) - 1))
    spot = data.draw(st.integers(places[hit], places[hit + 1] - 1))
    damaged = bytearray(whole)
    damaged[spot] ^= data.draw(st.integers(1, 255))
    scan = scanned(bytes(damaged), final=False)
    kept = [payload for place, payload in zip(places, [*payloads, b"last"], strict=True) if place != places[hit]]
    assert [found.payload for found in scan.frames] == kept
    assert scan.lost == ((places[hit], places[hit + 1] - places[hit]),)


def test_a_payload_that_looks_like_a_frame_is_none() -> None:
    inner = frame.frame(100, b"inside")
    data, places = segment([inner, b"after"])
    damaged = bytearray(data)
    damaged[places[0]] ^= 1
    assert [found.payload for found in scanned(bytes(damaged), final=True).frames] == [b"after"]


def test_frames_longer_than_a_window_and_a_tail_of_zeros_are_read_at_once() -> None:
    payloads = [b"a" * (3 * frame.WINDOW), b"b", b"c" * frame.WINDOW]
    data, _ = segment(payloads)
    scan = scanned(data + bytes(5 * frame.WINDOW), final=True)
    assert [found.payload for found in scan.frames] == payloads
    assert scan.lost == ((len(data), 5 * frame.WINDOW),)


def test_a_limit_stops_between_frames() -> None:
    data, places = segment([b"a", b"b", b"c"])
    scan = scanned(data, final=True, limit=2)
    assert ([found.payload for found in scan.frames], scan.place, scan.ended) == ([b"a", b"b"], places[2], False)
