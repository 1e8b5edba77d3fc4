"""What a serving process loads: nothing heavy for a LightGBM model, and not LightGBM's own Python package."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from pathlib import Path
from urllib.request import Request, urlopen

from tests.shelf import ASK, Shelf

HEAVY = {
    "pyarrow",
    "pandas",
    "duckdb",
    "lightgbm",
    "sklearn",
    "sqlglot",
    "rich",
    "jinja2",
    "sqlalchemy",
    "scipy",
}


def test_a_worker_that_serves_lightgbm_loads_none_of_the_heavy_libraries(tmp_path: Path) -> None:
    shelf = Shelf(tmp_path)
    shelf.stock()
    shelf.policy("ranker", (1, shelf.ranker()))
    shelf.policy("risk", (1, shelf.risk()))
    modules = tmp_path / "modules"
    argv = [
        sys.executable, "-m", "tidemill.interfaces.worker", "--home", str(tmp_path), "--system", "shelf", "--announce",
        "--modules-to", str(modules),
    ]  # fmt: skip
    with subprocess.Popen(argv, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        address = process.stdout.readline().strip()
        for path, body in (
            ("recommend", {"customer_id": 1}),
            ("predict/risk", {"instances": [ASK]}),
            ("events/clicks", {"rows": [{"click_id": 1, "at": "2026-01-01"}]}),
        ):
            request = Request(f"http://{address}/{path}", json.dumps(body).encode(), method="POST")
            with urlopen(request, timeout=30) as response:
                assert response.status == 200
        process.send_signal(signal.SIGTERM)
        assert process.wait(30) == 0
    loaded = {name.partition(".")[0] for name in modules.read_text().split()}
    assert {"lmdb", "numpy", "uvicorn", "httptools", "uvloop"} <= loaded
    assert loaded & HEAVY == set()
