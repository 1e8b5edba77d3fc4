"""What an examination says: mistakes, which stop, and notes, which do not."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from tidemill.spec.flaw import Flaw


@dataclass(frozen=True, slots=True, kw_only=True)
class Mistake:
    """One thing that cannot be meant: a code with fields, its path (`model ranker > gates[0]`), and its line."""

    code: str
    path: str
    fields: Mapping[str, object] = field(default_factory=dict)
    place: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Note:
    """One thing worth knowing that stops nothing."""

    code: str
    path: str
    fields: Mapping[str, object] = field(default_factory=dict)
    place: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Examination:
    """Everything that was found, in the order of the lines."""

    mistakes: tuple[Mistake, ...] = ()
    notes: tuple[Note, ...] = ()


class Findings:
    """Collects while the examination goes on; knows the lines of things declared by name."""

    def __init__(self, places: Mapping[str, str]) -> None:
        self.places = places
        self.mistakes: list[Mistake] = []
        self.notes: list[Note] = []

    def mistake(self, path: str, name: str, /, **fields: object) -> None:
        """Adds the mistake `declaration.{name}`."""
        self.found(path, f"declaration.{name}", fields)

    def found(self, path: str, code: str, fields: Mapping[str, object], place: str = "") -> None:
        """Adds a mistake by its full code; without a place of its own it stands at its thing's line."""
        self.mistakes.append(Mistake(code=code, path=path, fields=dict(fields), place=place or self.place(path)))

    def flaw(self, path: str, flaw: Flaw) -> None:
        """Adds what was wrong when a word was read."""
        self.found(path, flaw.code, dict(flaw.fields), flaw.place)

    def note(self, path: str, name: str, /, **fields: object) -> None:
        """Adds the note `declaration.{name}`."""
        self.notes.append(Note(code=f"declaration.{name}", path=path, fields=fields, place=self.place(path)))

    def place(self, path: str) -> str:
        """The line of the thing that a path begins with, '' for none known."""
        return self.places.get(path.partition(" > ")[0].partition("[")[0], "")

    def result(self) -> Examination:
        """All of it, frozen, in the order of the lines."""
        return Examination(
            mistakes=tuple(sorted(self.mistakes, key=lambda mistake: line_of(mistake.place))),
            notes=tuple(sorted(self.notes, key=lambda note: line_of(note.place))),
        )


def line_of(place: str) -> tuple[str, int]:
    """`shop.py:12` as file and line, to sort by; what has no place comes first."""
    file, _, line = place.rpartition(":")
    return file, int(line or 0)
