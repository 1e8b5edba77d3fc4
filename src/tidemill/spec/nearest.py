"""The name that was probably meant."""

from __future__ import annotations

from collections.abc import Iterable


def nearest(name: str, known: Iterable[str]) -> str | None:
    """The known name closest in spelling (difflib ratio >= 0.6), None when none is close.

    Letter case and blanks around a name do not count.
    """
    from difflib import get_close_matches

    folded = {candidate.strip().casefold(): candidate for candidate in known}
    matches = get_close_matches(name.strip().casefold(), folded, n=1)
    return folded[matches[0]] if matches else None
