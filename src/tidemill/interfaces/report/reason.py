"""Why a check came out so, in words; a reason that has none is said by its name."""

from __future__ import annotations

from collections.abc import Mapping

from tidemill.tell.words import codes, sentence

WORST = "verdict.worst-slice"


def because(reason: str, fields: Mapping[str, object], *, language: str = "en") -> str:
    """The reason of a verdict with its worst slice, or of a turn that failed (an error's code)."""
    name = reason.rpartition(".")[2]
    code = f"verdict.{name}"
    said = sentence(code, fields, language=language) if code in codes("verdict") else name.replace("-", " ")
    if "slice" not in fields:
        return said
    worst = "null" if fields["slice"] in {None, "None"} else fields["slice"]
    return sentence(WORST, {"said": said, "slice": worst}, language=language)
