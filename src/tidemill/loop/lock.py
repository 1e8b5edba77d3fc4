"""Installed versions of what a team's code imports from others, and of what that needs in turn."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterable, Mapping
from functools import cache
from importlib.metadata import Distribution, PackageNotFoundError, distribution, packages_distributions

NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")
OFTEN = {
    "sklearn": "scikit-learn",
    "yaml": "pyyaml",
    "PIL": "pillow",
    "cv2": "opencv-python",
    "dateutil": "python-dateutil",
}
"""Import names that are not their distribution's, so that the machine need not be searched for the usual ones."""
PYTHON = f"{sys.version_info.major}.{sys.version_info.minor}"


def lock_of(names: Iterable[str]) -> dict[str, str]:
    """Distribution -> installed version, for these top import names and all that they require; with `python`."""
    found: dict[str, str] = {}
    waiting = [owner for name in names for owner in owners(name)]
    while waiting:
        name = normal(waiting.pop())
        package = installed(name)
        if package is not None and name not in found:
            found[name] = package.version
            waiting += required(name)
    return {"python": PYTHON, **dict(sorted(found.items()))}


@cache
def owners(name: str) -> tuple[str, ...]:
    """Distributions that bring a top import name; the whole machine is only searched for one with another name."""
    likely = normal(OFTEN.get(name, name))
    if installed(likely) is not None:
        return (likely,)
    return tuple(dict.fromkeys(everything().get(name, ())))


@cache
def everything() -> Mapping[str, list[str]]:
    """Import name -> distributions, of all that is installed."""
    return packages_distributions()


@cache
def installed(name: str) -> Distribution | None:
    """The distribution of that name, or None."""
    try:
        return distribution(name)
    except PackageNotFoundError:
        return None


@cache
def required(name: str) -> tuple[str, ...]:
    """Names that a distribution requires, those of its extras left out."""
    package = installed(name)
    lines = (package.requires if package else None) or []
    matches = (NAME.match(line) for line in lines if "extra ==" not in line)
    return tuple(match[0] for match in matches if match)


def normal(name: str) -> str:
    """A distribution's name as the index writes it (PEP 503)."""
    return re.sub(r"[-_.]+", "-", name).lower()
