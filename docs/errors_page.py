"""Writes errors.md from the words in tidemill.tell: every code, what it says, and the way out (`make words`)."""

from __future__ import annotations

from pathlib import Path

from tidemill.tell.words import FAMILIES, codes

PAGE = Path(__file__).with_name("errors.md")
HEAD = """# Codes

Every error, finding, verdict and event has a stable code and fields; the sentence is made from them. `{name}` stands
for a field; what is between `[[` and `]]` is said only where its fields are known. `make words` writes this page.
"""


def page() -> str:
    """The text of errors.md: a table per family, codes in order."""
    return "\n".join([HEAD, *(table(family) for family in FAMILIES if codes(family))])


def table(family: str) -> str:
    """One family's heading and table."""
    rows = [f"| `{code}` | {cell(said)} | {cell(out)} |" for code, (said, out) in sorted(codes(family).items())]
    return "\n".join([f"## {family}", "", "| code | says | way out |", "|---|---|---|", *rows, ""])


def cell(template: str) -> str:
    """A template as the cell of a table: read as written, on one line."""
    plain = " ".join(template.split()).replace("|", "\\|")
    return f"`` {plain} ``" if plain else ""


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
