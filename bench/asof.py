"""The newest row as of each ask, beside Feast: seconds, CPU seconds and memory, each case in its own process.

    python -m bench.asof                          10M events, 1M asks, 100k entities (some minutes, 15 GiB for Feast)
    python -m bench.asof --rows 1000000           in short
    python -m bench.asof --peer FOLDER            where Feast's environment is, or is made by pip

Two columns of an entity's newest row, not older than 30 days, for every ask; uniform and Zipf 1.1 keys. Ours is the
prepare stage over a landed lake: asks and outcomes from their source, the join, the split with its proof, the card,
the slices on disk. Feast's is `get_historical_features` over the same rows as one Parquet file, with the asks given as
a data frame. What each needs to load its libraries is not counted; memory is the whole process's. Feast joins a row of
the very moment that is asked about too (ours only what came before): such moments are counted apart, every other value
must be the same. Compare the ratios of one run only.
"""

from __future__ import annotations

import argparse
import subprocess
import tempfile
import venv
from pathlib import Path
from typing import Any

import duckdb

from bench.history import Size, child, ensured, measured, opened, printed, python, stands_on, system_of, training_set

COLUMNS = ("amount", "category")
FEAST = ("feast[duckdb]",)
STORES = ("duckdb", "dask")
KEYS = ("uniform", "skewed")
CODE = """
import json, os, resource, sys, time, warnings
warnings.filterwarnings("ignore")
home, store, key, out = sys.argv[1:5]
resource.setrlimit(resource.RLIMIT_AS, (15 << 30, 15 << 30))
import pandas as pd, pyarrow.parquet as pq
from datetime import timedelta
from feast import Entity, FeatureStore, FeatureView, Field, FileSource, RepoConfig, ValueType
from feast.types import Float64, Int64
repo = out + ".repo"
os.makedirs(repo, exist_ok=True)
source = FileSource(name="events", path=os.path.join(home, "events.parquet"), timestamp_field="ts")
entity = Entity(name="who", join_keys=[key], value_type=ValueType.INT64)
view = FeatureView(name="past", entities=[entity], ttl=timedelta(days=30), source=source, online=False,
                   schema=[Field(name="amount", dtype=Float64), Field(name="category", dtype=Int64)])
store = FeatureStore(config=RepoConfig(project="bench", registry=os.path.join(repo, "registry.db"), provider="local",
    offline_store={"type": store}, online_store={"type": "sqlite", "path": os.path.join(repo, "online.db")},
    entity_key_serialization_version=3))
store.apply([entity, view])
def spent():
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(one.ru_utime + one.ru_stime for one in used)
begun, before = time.perf_counter(), spent()
asks = pd.read_parquet(os.path.join(home, "asks.parquet"), columns=["ask", key, "ts"])
asks = asks.rename(columns={"ts": "event_timestamp"})
found = store.get_historical_features(entity_df=asks, features=["past:amount", "past:category"]).to_df()
found[["ask", "amount", "category"]].to_parquet(out)
print(json.dumps({"wall_s": time.perf_counter() - begun, "cpu_s": spent() - before,
    "rss_mib": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024}))
"""


def ours(home: Path, key: str, *, keyed: bool) -> dict[str, Any]:
    """The training set of one view, and where its rows are."""
    ctx = opened(home)
    system = system_of(COLUMNS, {}, entity=key, keyed=keyed, late=False)
    system.declared()
    found = measured(lambda: training_set(ctx, system))
    facts = found.pop("gave")
    return found | {"slices": [str(ctx.blobs.path(digest)) for digest in facts.slices]}


def different(home: Path, key: str, slices: list[str], theirs: Path) -> tuple[int, int, int]:
    """(asks, values that differ, of these where a row has the very moment that was asked about)."""
    files = ", ".join(f"'{place}'" for place in slices)
    sql = f"""
    with pairs as (select a.ask, a."{key}" as who, a.ts,
        (a."past.amount" is distinct from b.amount or a."past.category" is distinct from b.category) as other
        from read_parquet([{files}]) a join '{theirs}' b using (ask))
    select count(*), count(*) filter (other), count(*) filter (other and exists (
        select 1 from '{home}/events.parquet' e where e."{key}" = pairs.who and e.ts = pairs.ts)) from pairs"""
    asks, other, ties = duckdb.connect().execute(sql).fetchall()[0]
    return int(asks), int(other), int(ties)


def brute(home: Path, key: str, slices: list[str], few: int = 2000) -> tuple[int, int]:
    """(values, of these wrong) of some asks, each looked up by itself: the newest row before it, if not too old."""
    files = ", ".join(f"'{place}'" for place in slices)
    sql = f"""
    with few as materialized (select * from read_parquet([{files}]) using sample {few} rows (reservoir, 1)),
    found as (select s.ask, max_by(struct_pack(a := e.amount, c := e.category), (e.ts, e.event)) as newest,
        max(e.ts) as at from few s left join '{home}/events.parquet' e on e."{key}" = s."{key}" and e.ts < s.ts
        group by s.ask)
    select 2 * count(*), count(*) filter (case when f.at >= s.ts - interval 30 day then f.newest.a end
        is distinct from s."past.amount") + count(*) filter (
        case when f.at >= s.ts - interval 30 day then f.newest.c end
        is distinct from s."past.category") from few s join found f using (ask)"""
    values, wrong = duckdb.connect().execute(sql).fetchall()[0]
    return int(values), int(wrong)


def peer(folder: Path) -> str:
    """Feast's interpreter; its environment is made if it is not there."""
    place = folder / "bin" / "python"
    if not place.exists():
        venv.create(folder, with_pip=True)
        subprocess.run([str(place), "-m", "pip", "install", "-q", *FEAST], check=True)
    return str(place)


def main() -> None:
    """Lands the history, runs every case and prints the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=10_000_000, help="events; a tenth as many asks")
    parser.add_argument(
        "--repeat", type=int, default=1, help="runs of each case, that of the fewest CPU seconds counts"
    )
    parser.add_argument("--peer", type=Path, default=Path(tempfile.gettempdir()) / "tidemill-bench" / "feast")
    parser.add_argument("--home", type=Path, help="a folder with the history, which is kept; made if it is not there")
    parser.add_argument("--stores", nargs="*", choices=STORES, default=STORES, help="Feast's, the slow ones left out")
    parser.add_argument("--case", nargs=2, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.case:
        key, keyed = given.case
        printed(ours(given.home, key, keyed=keyed == "keyed"))
        return
    size = Size(rows=given.rows)
    with tempfile.TemporaryDirectory() as name:
        home = given.home or Path(name)
        ensured(home, size)
        compare(home, size, peer(given.peer), given)


def compare(home: Path, size: Size, feast: str, given: argparse.Namespace) -> None:
    """All cases and what they say of one another."""
    print("| case | keys | s | CPU s | peak MiB |\n|---|---|---|---|---|")
    for key in KEYS:
        found: dict[str, dict[str, Any]] = {}
        for keyed in ("rows", "keyed"):
            command = [python(), "-m", "bench.asof", "--home", str(home), "--case", key, keyed]
            found[f"tidemill, {keyed}"] = best(command, given.repeat)
        for store in given.stores:
            out = home / f"feast-{store}-{key}.parquet"
            found[f"feast {store}"] = best([feast, "-c", CODE, str(home), store, key, str(out)], given.repeat)
        for case, one in found.items():
            figures = one.get("error") or f"{one['wall_s']:.2f} | {one['cpu_s']:.2f} | {one['rss_mib']:.0f}"
            print(f"| {case} | {key} | {figures} |", flush=True)
        said(home, key, found)
    version = subprocess.run(
        [feast, "-c", "from importlib.metadata import version; print(version('feast'))"],
        capture_output=True, text=True, check=True,
    ).stdout.strip()  # fmt: skip
    print(f"\n{stands_on(size, more=f', feast {version}')}")


def best(command: list[str], repeat: int) -> dict[str, Any]:
    """The run of the fewest CPU seconds; an error if one failed."""
    runs = [child(command) for _ in range(repeat)]
    return min(runs, key=lambda one: (0 if "error" in one else 1, one.get("cpu_s", 0.0)))


def said(home: Path, key: str, found: dict[str, dict[str, Any]]) -> None:
    """The ratios, and how many values differ."""
    mine = found["tidemill, rows"]
    print(f"\nValues wrong against a search of their own, {key}: {brute(home, key, mine['slices'])}")
    for store in STORES:
        one = found.get(f"feast {store}", {"error": "left out"})
        if "error" not in one:
            ratios = ", ".join(f"{name} 1/{one[name] / mine[name]:.1f}" for name in ("wall_s", "cpu_s", "rss_mib"))
            other = different(home, key, mine["slices"], home / f"feast-{store}-{key}.parquet")
            print(f"Beside feast {store}, {key}: {ratios}; asks, different, of these at a row's moment: {other}")
    print()


if __name__ == "__main__":
    main()
