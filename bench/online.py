"""Looking features up while answering, and filling the store, beside Feast: embedded and on a Redis that is shared.

    python -m bench.online                     100,000 entities x 20 features (some minutes; Debian: redis-server)
    python -m bench.online --feast VENV        an environment with `feast[redis]`, else it is made by pip
    python -m bench.online --only embedded redis

Each case is a process of its own. A look-up is the whole call: ours as a serving worker makes it for one view (keys
of asks, records and how far they are, 20 named values an ask), Feast's `get_online_features(...).to_dict()`. Filling is
the product's own bringing up of a view from what has landed, and Feast's `write_to_online_store` of the same rows in
memory. Both servers of a run are the same Redis, on this machine. Compare the ratios of one run only.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import random
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, TextIO, cast

import lmdb
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

import tidemill as tm
from tests import redis
from tests.needs import ROOT
from tidemill.app.context import open_context
from tidemill.app.settings import Settings
from tidemill.app.wiring import online as open_online
from tidemill.features.online import space
from tidemill.lifecycle.serve.answer import Seen, fill, look_of
from tidemill.lifecycle.serve.ask import Ask
from tidemill.loop import intake
from tidemill.loop.street import STREET
from tidemill.ports.online import Online
from tidemill.spec.view import Lookup

FEATURES = 20
TIME_US = 1_767_225_600_000_000  # 2026-01-01 UTC
LATER_US = TIME_US + 86_400_000_000
CALLS, PEERS_CALLS = {1: 1_000, 100: 200}, {1: 100, 100: 20}
ROUNDS = 6
"""Each number of keys is asked in so many rounds; of every figure the best round counts, for other work disturbs."""
BATCH = 1_000
NEEDS = ("feast[redis]",)

FEAST = """
import json, os, sys, time, textwrap
from datetime import timedelta
folder, kind, port, plan = sys.argv[1], sys.argv[2], sys.argv[3], json.loads(sys.argv[4])
import numpy as np, pandas as pd
from feast import Entity, FeatureStore, FeatureView, Field, FileSource, ValueType
from feast.types import Float64
sqlite = f"type: sqlite\\n  path: {folder}/online.db"
online = sqlite if kind == "sqlite" else f'type: redis\\n  connection_string: "127.0.0.1:{port}"'
open(f"{folder}/feature_store.yaml", "w").write(
    f"project: bench\\nregistry:\\n  path: {folder}/registry.db\\n  cache_ttl_seconds: 3600\\nprovider: local\\n"
    f"online_store:\\n  {online}\\nentity_key_serialization_version: 3\\n")
names = [f"f{i}" for i in range(plan["features"])]
rows = pd.DataFrame(np.random.default_rng(7).random((plan["entities"], len(names))), columns=names)
rows["k"] = range(plan["entities"])
rows["ts"] = pd.Timestamp(plan["time_us"], unit="us", tz="UTC")
rows.to_parquet(f"{folder}/rows.parquet")
entity = Entity(name="k", join_keys=["k"], value_type=ValueType.INT64)
source = FileSource(name="rows", path=f"{folder}/rows.parquet", timestamp_field="ts")
view = FeatureView(name="view", entities=[entity], ttl=timedelta(0), source=source, online=True,
                   schema=[Field(name=name, dtype=Float64) for name in names])
store = FeatureStore(repo_path=folder)
store.apply([entity, view])
begun, before = time.perf_counter(), time.process_time()
store.write_to_online_store("view", rows)
told = {"load": [time.perf_counter() - begun, time.process_time() - before]}
features = [f"view:{name}" for name in names]
def look_up(rows):
    return store.get_online_features(features=features, entity_rows=rows).to_dict()
found = look_up([{"k": 3}])
assert abs(found["f5"][0] - rows["f5"][3]) < 1e-12, found
for many, calls in plan["calls"]:
    calls, rounds = [[{"k": key} for key in keys] for keys in calls], []
    for _ in range(plan["rounds"]):
        taken, before = [], time.process_time()
        for keys in calls:
            begun = time.perf_counter_ns()
            look_up(keys)
            taken.append((time.perf_counter_ns() - begun) / 1000)
        rounds.append([*np.percentile(taken, [50, 99]), (time.process_time() - before) / len(calls) * 1e6])
    told[str(many)] = [float(min(figures)) for figures in zip(*rounds)]
print(json.dumps(told))
"""
"""The peer's side: the same values under the same keys, filled and looked up; prints what it took."""


class Shop:
    """A home whose source has the rows, and the view of them; `url`: of a Redis, else embedded."""

    def __init__(self, folder: Path, entities: int, url: str) -> None:
        self.folder, self.entities, self.url = folder, entities, url
        system = tm.System("shop", owner="owner@shop.example")
        rows = system.source("rows", tm.files(str(folder / "rows.parquet")), key="k", time="at")
        names = [f"f{place}" for place in range(FEATURES)]
        self.view: Lookup = system.features("view", rows, entity="k", columns=names)
        self.system = system.declared()
        self.ctx = open_context(Settings(folder=folder, home=folder / "home", environment="default", online=url))

    def land(self) -> None:
        """The dataset, before the clock runs."""
        values = np.random.default_rng(7).random((self.entities, FEATURES))
        columns: dict[str, Any] = {f"f{place}": values[:, place] for place in range(FEATURES)}
        columns["k"] = np.arange(self.entities)
        columns["at"] = pa.array(np.full(self.entities, TIME_US)).cast(pa.timestamp("us", tz="UTC"))
        pq.write_table(pa.table(columns), self.folder / "rows.parquet")
        intake.poll(self.system, self.system.source("rows"), self.ctx, STREET)

    def load(self) -> list[float]:
        """Seconds and CPU seconds of bringing the view up."""
        begun, before = time.perf_counter(), time.process_time()
        intake.bring_up(self.system, self.ctx, STREET)
        return [time.perf_counter() - begun, time.process_time() - before]

    @contextmanager
    def reader(self) -> Iterator[Callable[[Sequence[Ask]], list[Seen]]]:
        """What a serving worker does for a view, with a handle as it has one."""
        online: Online = open_online(self.folder / "home", self.url, readonly=True)
        look = look_of(self.view)

        def look_up(asks: Sequence[Ask]) -> list[Seen]:
            seen = [Seen(row=dict(ask.keys), looked_up={}, flags={}, unknown={}) for ask in asks]
            fill(look, asks, seen, online)
            return seen

        yield look_up
        online.close()


def calls(many: int, count: int, entities: int) -> list[list[int]]:
    """Keys of each call, the same for everybody."""
    chance = random.Random(3)
    return [[chance.randrange(entities) for _ in range(many)] for _ in range(count)]


def asks(many: int, count: int, entities: int) -> list[list[Ask]]:
    """The same as a server has read them."""
    wanted = calls(many, count, entities)
    return [[Ask(keys={"k": key}, request={}, asked_at_us=LATER_US) for key in keys] for keys in wanted]


def timed(look_up: Callable[[Any], object], wanted: Sequence[Sequence[Any]]) -> list[float]:
    """Microseconds a call: half of them below, 1 % above, and CPU of this process; of each the best round."""
    rounds = []
    for _ in range(ROUNDS):
        taken, before = [], time.process_time()
        for keys in wanted:
            begun = time.perf_counter_ns()
            look_up(keys)
            taken.append((time.perf_counter_ns() - begun) / 1000)
        cpu = (time.process_time() - before) / len(wanted) * 1e6
        rounds.append([*map(float, np.percentile(taken, [50, 99])), cpu])
    return [min(figures) for figures in zip(*rounds, strict=True)]


def looked_up(folder: Path, entities: int, url: str) -> dict[str, list[float]]:
    """Our side: filling, then 1 and 100 keys; on an embedded store also beside a writer that never pauses."""
    shop = Shop(folder, entities, url)
    shop.land()
    told = {"load": shop.load()}
    shop.ctx.online.close()
    with shop.reader() as look_up:
        (seen,) = look_up([Ask(keys={"k": 3}, request={}, asked_at_us=LATER_US)])
        if seen.looked_up["view.f5"] != np.random.default_rng(7).random((entities, FEATURES))[3, 5]:
            raise ValueError(seen.looked_up)
        for many, count in CALLS.items():
            told[str(many)] = timed(look_up, asks(many, count, entities))
        if not url:
            told["raw get"] = raw(folder / "raw", entities)
            told |= beside_a_writer(folder, entities, look_up)
    return told


def raw(folder: Path, entities: int) -> list[float]:
    """One LMDB `get` of one record of 20 floats, the least that a look-up must do."""
    import struct

    form = struct.Struct(f"<q{FEATURES}d")
    with lmdb.open(str(folder), map_size=1 << 30) as env:
        with env.begin(write=True) as txn:
            for key in range(entities):
                txn.put(b"%d" % key, form.pack(TIME_US, *[float(key)] * FEATURES))

        def get(keys: Sequence[int]) -> list[tuple[Any, ...]]:
            with env.begin(buffers=True) as txn:
                return [form.unpack(txn.get(b"%d" % key) or b"") for key in keys]

        return timed(get, calls(1, CALLS[1], entities))


def beside_a_writer(folder: Path, entities: int, look_up: Callable[..., object]) -> dict[str, list[float]]:
    """The same while another process writes 1,000 records a transaction, each on the disk before the next begins."""
    argv = [sys.executable, "-m", "bench.online", "--writer", str(folder), str(entities)]
    with subprocess.Popen(argv, cwd=ROOT, stdout=subprocess.PIPE, text=True) as writer:
        lines = cast("TextIO", writer.stdout)
        lines.readline()
        told = {}
        for many, count in CALLS.items():
            told[f"{many} beside a writer"] = timed(look_up, asks(many, count, entities))
        writer.kill()
        rows = [float(line) for line in lines.read().split()]
    return told | {"writer rows/s": rows[-1:]}


def write_on(folder: Path, entities: int) -> None:
    """Writes the view's own records again and again, and says how many a second."""
    shop = Shop(folder, entities, "")
    where, online = space(shop.view), shop.ctx.online
    records, mark = online.read(where, [b'["%d"]' % key for key in range(entities)])
    kept = [(b'["%d"]' % key, record) for key, record in enumerate(records)]
    begun, written = time.perf_counter(), 0
    while True:
        for start in range(0, entities, BATCH):
            online.write({where: kept[start : start + BATCH]}, {where: mark})
            written += BATCH
            print(written / (time.perf_counter() - begun), flush=True)


def feast(folder: Path, entities: int, kind: str, port: int, python: Path) -> dict[str, list[float]]:
    """The peer's side, in its own environment."""
    wanted = [(many, calls(many, count, entities)) for many, count in PEERS_CALLS.items()]
    plan = {"entities": entities, "features": FEATURES, "time_us": TIME_US, "calls": wanted, "rounds": ROUNDS}
    argv = [str(python), "-W", "ignore", "-c", FEAST, str(folder), kind, str(port), json.dumps(plan)]
    usage = {**os.environ, "FEAST_USAGE": "False"}
    done = subprocess.run(argv, env=usage, check=True, stdout=subprocess.PIPE, text=True)
    found: dict[str, list[float]] = json.loads(done.stdout.splitlines()[-1])
    return found


def environment(given: Path | None, folder: Path) -> Path:
    """The Python of an environment with Feast."""
    if given is None:
        given = folder / "feast"
        subprocess.run([sys.executable, "-m", "venv", given], check=True)
        subprocess.run([given / "bin" / "pip", "install", "-q", *NEEDS], check=True)
    return given / "bin" / "python"


def ours(folder: Path, entities: int, url: str) -> dict[str, list[float]]:
    """`looked_up` in a process of its own."""
    argv = [sys.executable, "-m", "bench.online", "--case", str(folder), str(entities), url]
    done = subprocess.run(argv, cwd=ROOT, check=True, stdout=subprocess.PIPE, text=True)
    found: dict[str, list[float]] = json.loads(done.stdout.splitlines()[-1])
    return found


def shown(taken: dict[str, dict[str, list[float]]]) -> None:
    """The tables, each of ours beside the peer that it is compared with."""
    print(
        "| store | 1 key: p50 / p99 / CPU, us | 100 keys: p50 / p99 / CPU, us | filled: s / CPU s |\n|---|---|---|---|"
    )
    for name, found in taken.items():
        looks = [" / ".join(f"{figure:,.1f}" for figure in found[many]) for many in ("1", "100")]
        print(f"| {name} | {' | '.join(looks)} | {' / '.join(f'{figure:.2f}' for figure in found['load'])} |")
    print("\n| ours over the peer's | p50 | CPU |\n|---|---|---|")
    for mine, peer in (("embedded", "feast sqlite"), ("redis", "feast redis"), ("redis", "feast sqlite")):
        if {mine, peer} <= taken.keys():
            for what, cpu in (("1", 2), ("100", 2), ("load", 1)):
                one, other = taken[mine][what], taken[peer][what]
                print(f"| {mine} over {peer}, {what} | 1/{other[0] / one[0]:.1f} | 1/{other[cpu] / one[cpu]:.1f} |")
    for name, found in taken.items():
        if "raw get" in found:
            beside = {many: found[f"{many} beside a writer"][1] / found[many][1] for many in ("1", "100")}
            print(
                f"\n{name}: p99 beside a writer over p99 alone: {beside['1']:.2f} (1 key), {beside['100']:.2f} (100);"
            )
            print(f"the writer {found['writer rows/s'][0]:,.0f} rows/s, each 1,000 on the disk.")
            print(f"One LMDB get of 20 floats: {found['raw get'][0]:.1f} us; a look-up over that: ", end="")
            print(f"{found['1'][0] / found['raw get'][0]:.1f}.")


def stands_on(entities: int, python: Path) -> str:
    """The size of the data, the date, the versions and the machine."""
    ask = "from importlib.metadata import version; print(version('feast'))"
    peer = subprocess.run([python, "-c", ask], check=True, capture_output=True, text=True).stdout.strip()
    said = subprocess.run([str(redis.server()), "--version"], check=True, capture_output=True, text=True).stdout
    versions = ", ".join(f"{name} {version(name)}" for name in ("tidemill", "lmdb", "redis", "hiredis"))
    machine = f"Python {platform.python_version()} on {platform.system()} {platform.machine()}, {os.cpu_count()} cores"
    server = " ".join(said.split()[:3])
    return f"{entities:,} x {FEATURES}; {datetime.now(UTC):%Y-%m-%d}, {versions}, feast {peer}, {server}, {machine}."


def main() -> None:
    """Runs every case and prints what it took."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--entities", type=int, default=100_000)
    parser.add_argument("--feast", type=Path, help="the folder of a virtual environment with feast[redis]")
    parser.add_argument("--only", nargs="*", help="of: embedded, feast sqlite, redis, feast redis")
    parser.add_argument("--case", nargs=3, help=argparse.SUPPRESS)
    parser.add_argument("--writer", nargs=2, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.case:
        print(json.dumps(looked_up(Path(given.case[0]), int(given.case[1]), given.case[2])))
        return
    if given.writer:
        write_on(Path(given.writer[0]), int(given.writer[1]))
        return
    found = redis.server()
    if found is None:
        parser.error("no Redis here: apt install redis-server")
    with TemporaryDirectory() as name, redis.running(found) as server:
        python, entities = environment(given.feast, Path(name)), given.entities
        cases: dict[str, Callable[[Path], dict[str, list[float]]]] = {
            "embedded": lambda folder: ours(folder, entities, ""),
            "feast sqlite": lambda folder: feast(folder, entities, "sqlite", 0, python),
            "redis": lambda folder: ours(folder, entities, server.url),
            "feast redis": lambda folder: feast(folder, entities, "redis", server.port, python),
        }
        taken = {}
        for case, run in cases.items():
            if not given.only or case in given.only:
                folder = Path(name) / case.replace(" ", "-")
                folder.mkdir()
                taken[case] = run(folder)
        shown(taken)
        print(f"\n{stands_on(entities, python)}")


if __name__ == "__main__":
    main()
