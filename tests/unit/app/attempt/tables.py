"""Synthetic tables to try: calls whose world turns round half-way, with a column that is known only afterwards."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from pyarrow import csv

N = 900
START = datetime.fromisoformat("2026-01-01")
"""Naive, as files mostly have it."""


def calls(n: int = N, **changed: Any) -> pa.Table:
    """In the newer three quarters `mood` means the opposite of what it meant before; `seconds` is known afterwards."""
    random = np.random.default_rng(7)
    mood = random.normal(0, 1, n)
    turned = np.where(np.arange(n) < n // 4, -1.0, 1.0)
    yes = random.random(n) < 1 / (1 + np.exp(-1.2 * mood * turned))
    columns: dict[str, Any] = {
        "call": np.arange(n),
        "at": [START + timedelta(minutes=30 * i) for i in range(n)],
        "mood": mood,
        "city": np.array(["Seoul", "Busan", "O'Fallon"], object)[random.integers(0, 3, n)],
        "seconds": np.round(np.where(yes, 300, 60) + random.normal(0, 90, n)).astype(int),
        "y": np.where(yes, "yes", "no"),
    }
    return pa.table({name: values for name, values in (columns | changed).items() if values is not None})


def parquet(folder: Path, table: pa.Table, name: str = "calls.parquet") -> Path:
    """The table as a Parquet file."""
    pq.write_table(table, folder / name)
    return folder / name


def comma_separated(folder: Path, table: pa.Table) -> Path:
    """The table as a CSV file."""
    csv.write_csv(table, folder / "calls.csv")
    return folder / "calls.csv"
