"""Numbers of several workers, as Prometheus reads them."""

from __future__ import annotations

from pathlib import Path

from tidemill.interfaces.http.counts import BOUNDS_MS, Counts, others, share, text


def lines(*counts: Counts) -> list[str]:
    return [line for line in text(one.snapshot() for one in counts).decode().splitlines() if not line.startswith("#")]


def test_counters_of_workers_add_up() -> None:
    one, other = Counts(), Counts()
    one.add("tidemill_requests_total", route="/predict", status="200")
    other.add("tidemill_requests_total", 2, route="/predict", status="200")
    other.add("tidemill_requests_total", route="/predict", status="400")
    assert lines(one, other) == [
        'tidemill_requests_total{route="/predict",status="200"} 3',
        'tidemill_requests_total{route="/predict",status="400"} 1',
    ]


def test_buckets_are_cumulative_and_end_with_all() -> None:
    counts = Counts()
    for us in (1_000, 1_001, 30_000, 9_999_999):
        counts.took(us, route="/predict")
    found = lines(counts)
    assert 'tidemill_latency_ms_bucket{route="/predict",le="1.0"} 1' in found
    assert 'tidemill_latency_ms_bucket{route="/predict",le="2.5"} 2' in found
    assert 'tidemill_latency_ms_bucket{route="/predict",le="50.0"} 3' in found
    assert 'tidemill_latency_ms_bucket{route="/predict",le="+Inf"} 4' in found
    assert found[-2:] == [
        'tidemill_latency_ms_sum{route="/predict"} 10032',
        'tidemill_latency_ms_count{route="/predict"} 4',
    ]
    assert len(found) == len(BOUNDS_MS) + 3


def test_each_name_has_its_help_and_type_once() -> None:
    counts = Counts()
    counts.add("tidemill_unlogged_total", model="a")
    counts.add("tidemill_unlogged_total", model="b")
    counts.gauge("tidemill_policy", 7, model="a", worker="w")
    told = text([counts.snapshot()]).decode()
    assert told.count("# TYPE tidemill_unlogged_total counter") == 1
    assert told.count("# TYPE tidemill_policy gauge") == 1
    assert told.endswith('tidemill_policy{model="a",worker="w"} 7\n')


def test_label_values_are_escaped() -> None:
    counts = Counts()
    counts.add("tidemill_flags_total", model='a"b\\c\nd', flag="x")
    assert lines(counts) == [r'tidemill_flags_total{model="a\"b\\c\nd",flag="x"} 1']


def test_workers_see_each_others_numbers_and_survive_a_damaged_file(tmp_path: Path) -> None:
    counts = Counts()
    counts.add("tidemill_unlogged_total", model="a")
    share(tmp_path, "w-0", counts)
    (tmp_path / "w-1-7.json").write_bytes(b"{nonsense")
    assert list(others(tmp_path, "w-0")) == []
    assert [one.counters[0].value for one in others(tmp_path, "w-9")] == [1]
