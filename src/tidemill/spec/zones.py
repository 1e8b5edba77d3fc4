"""Time zones from the table of the package `tzdata`, which is pinned with everything else; never the machine's own.

A machine's table may be years old, and would then read a wall clock otherwise than the engine that computes on tables.
"""

from __future__ import annotations

from functools import cache
from importlib import resources
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError


@cache
def zone_names() -> frozenset[str]:
    """The names that there are: `Asia/Seoul`, `UTC`."""
    return frozenset(resources.files("tzdata").joinpath("zones").read_text("utf-8").split())


@cache
def zone_info(name: str) -> ZoneInfo:
    """The zone of that name. ZoneInfoNotFoundError where there is none."""
    if name not in zone_names():
        raise ZoneInfoNotFoundError(f"no time zone {name!r}")
    with resources.files("tzdata").joinpath("zoneinfo", *name.split("/")).open("rb") as file:
        return ZoneInfo.from_file(file, key=name)
