"""Words: what was verified of a finished split."""

from __future__ import annotations

CODES = {
    "proof.no-time-overlap": (
        "No outcome of one part was known later than the next part begins: {gap_us:length} lie between.",
        "",
    ),
    "proof.no-group-overlap": ("No group stands in two parts: {groups:,} groups.", ""),
}
