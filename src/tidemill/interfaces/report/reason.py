"""Why a check came out so, in words; a reason that has none is said by its name."""

from __future__ import annotations

from collections.abc import Mapping

from tidemill.tell.words import codes, sentence


def because(reason: str, fields: Mapping[str, object], *, language: str = "en") -> str:
    """The reason of a verdict, or of a turn that failed (an error's code), for the cell of a table."""
    code = f"reason.{reason.rpartition('.')[2]}"
    known = code in codes("reason", language) or code in codes("reason")
    return sentence(code, fields, language=language) if known else reason.rpartition(".")[2].replace("-", " ")
