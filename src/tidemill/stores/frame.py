"""The bytes of a journal's segment: frames one after the other, each knowing its own place."""

from __future__ import annotations

import os
import struct
from dataclasses import dataclass
from zlib import crc32

MAGIC = b"tmlog\x00\x00\x01"
"""First bytes of a segment; the last of them is the format's version."""

HEAD = struct.Struct("<IIQ")
"""Length of the payload, CRC-32 of place and payload, place: the frame's offset in its segment, which is its number."""

PLACE = struct.Struct("<Q")
WINDOW = 1 << 20
"""Bytes read at once, more only for a frame that is longer."""

UPPER = bytes(4)
"""The upper half of a place: no segment reaches 4 GiB."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """A good frame in a segment: where it begins, where it ends, its payload."""

    place: int
    end: int
    payload: bytes


def frame(place: int, payload: bytes) -> bytes:
    """The bytes that are to stand at that offset."""
    return HEAD.pack(len(payload), crc32(payload, crc32(PLACE.pack(place))), place) + payload


def at(data: bytes, offset: int, start: int) -> Found | None:
    """The frame at `offset` of the bytes that begin at place `start` of their segment; None if no whole good one is."""
    body = offset + HEAD.size
    if body > len(data):
        return None
    length, check, place = HEAD.unpack_from(data, offset)
    end = body + length
    if place != start + offset or end > len(data):
        return None
    payload = data[body:end]
    if crc32(payload, crc32(PLACE.pack(place))) != check:
        return None
    return Found(place=place, end=start + end, payload=payload)


def length_at(head: bytes) -> int:
    """The payload's length that a frame's head tells; 0 for bytes that are too few."""
    return int(HEAD.unpack(head)[0]) if len(head) == HEAD.size else 0


def after_damage(data: bytes, offset: int, start: int) -> Found | None:
    """The first good frame behind a damaged one: a frame names its own place, so it is known anywhere."""
    upper = HEAD.size - len(UPPER)
    end = len(data.rstrip(b"\0")) + HEAD.size
    spot = data.find(UPPER, offset + 1 + upper, end)
    while spot != -1:
        if good := at(data, spot - upper, start):
            return good
        spot = data.find(UPPER, spot + 1, end)
    return None


@dataclass(frozen=True, slots=True, kw_only=True)
class Scan:
    """Good frames from a place on, where the next one will begin, the lost (place, bytes), and whether that is all."""

    frames: tuple[Found, ...]
    place: int
    lost: tuple[tuple[int, int], ...]
    ended: bool


def scan(handle: int, place: int, limit: int, *, final: bool) -> Scan:
    """Up to `limit` frames of an open segment from `place` on.

    What is no good frame is lost if a good one follows, and when the segment is `final`; else it may still be being
    written, and the scan ends before it.
    """
    frames: list[Found] = []
    lost: list[tuple[int, int]] = []
    window = WINDOW
    while len(frames) < limit:
        data = os.pread(handle, window, place)
        more = _whole(data, place, limit - len(frames))
        if more:
            frames += more
            place, window = more[-1].end, WINDOW
        elif len(data) == window:
            window *= 4
        elif data and (good := after_damage(data, 0, place)):
            lost.append((place, good.place - place))
            place, window = good.place, WINDOW
        else:
            if data and final:
                lost.append((place, len(data)))
                place += len(data)
            return Scan(frames=tuple(frames), place=place, lost=tuple(lost), ended=True)
    return Scan(frames=tuple(frames), place=place, lost=tuple(lost), ended=False)


def _whole(data: bytes, start: int, limit: int) -> list[Found]:
    """The unbroken run of good frames that the bytes begin with."""
    run: list[Found] = []
    while len(run) < limit and (good := at(data, run[-1].end - start if run else 0, start)):
        run.append(good)
    return run
