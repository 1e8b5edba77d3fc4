"""Names as SQL writes them."""

from __future__ import annotations


def quoted(name: str) -> str:
    """An identifier as standard SQL quotes it."""
    return '"' + name.replace('"', '""') + '"'
