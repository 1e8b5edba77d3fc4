"""Names of things: run ids that sort by time, version names, dataset references."""

from __future__ import annotations

import uuid
from dataclasses import dataclass


def uuid7(now_us: int, entropy: bytes) -> str:
    """A version-7 UUID (RFC 9562, section 5.7): 48 bits of unix milliseconds, then 74 bits of entropy (>= 10 bytes)."""
    milliseconds = (now_us // 1000) & ((1 << 48) - 1)
    random = int.from_bytes(entropy[:10], "big")
    high = random >> 68
    low = random & ((1 << 62) - 1)
    value = (milliseconds << 80) | (0x7 << 76) | (high << 64) | (0b10 << 62) | low
    return str(uuid.UUID(int=value))


def run_id(now_us: int, entropy: bytes) -> str:
    """`run_<uuid7>`: sorts by the time it began."""
    return f"run_{uuid7(now_us, entropy)}"


@dataclass(frozen=True, slots=True, kw_only=True)
class DatasetRef:
    """`events`, `events@v12` or `events@2026-11-01` taken apart; the newest version if neither is named."""

    dataset: str
    number: int | None = None
    day: str | None = None

    def __str__(self) -> str:
        if self.number is not None:
            return f"{self.dataset}@v{self.number}"
        return f"{self.dataset}@{self.day}" if self.day else self.dataset


def dataset_ref(text: str) -> DatasetRef:
    """The reference that a person wrote; a number after `@v`, else a day after `@`."""
    dataset, _, version = text.partition("@")
    if version.startswith("v") and version[1:].isdigit():
        return DatasetRef(dataset=dataset, number=int(version[1:]))
    return DatasetRef(dataset=dataset, day=version or None)


def version_name(model: str, ordinal: int) -> str:
    """`ranker@7`."""
    return f"{model}@{ordinal}"
