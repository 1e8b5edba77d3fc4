"""The names of the ranges that `bucket` sorts numbers into."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise


def bucket_names(edges: Sequence[float]) -> tuple[str, ...]:
    """One name more than there are edges: 20, 30 give `<20`, `20-30` (20 included, 30 not), `30+`."""
    written = [f"{edge:.15g}" for edge in edges]
    return (f"<{written[0]}", *(f"{low}-{high}" for low, high in pairwise(written)), f"{written[-1]}+")
