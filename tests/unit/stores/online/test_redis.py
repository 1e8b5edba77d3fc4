"""A Redis that is shared: one writer at a time, and one clear error for each way in which it refuses."""

from __future__ import annotations

import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import pytest

from tests import redis
from tests.needs import need
from tidemill.errors import BusyError, SettingsError, StoreError
from tidemill.stores.online.redis import RedisOnline

OTHER = """
import sys
from tidemill.errors import BusyError
from tidemill.stores.online.redis import RedisOnline

store = RedisOnline(sys.argv[1])
for line in sys.stdin:
    try:
        if line == "write\\n":
            store.write({"view": [(b"other", b"1")]}, {"view": "other"})
        print(store.get("view", [b"mine", b"other"]), flush=True)
    except BusyError as error:
        print(error.code, flush=True)
"""

Opened = Callable[..., RedisOnline]


@pytest.fixture
def opened() -> Iterator[Opened]:
    """Opens stores, which are closed at the end."""
    handles: list[RedisOnline] = []

    def make(url: str, **named: Any) -> RedisOnline:
        handles.append(RedisOnline(url, **named))
        return handles[-1]

    yield make
    for handle in handles:
        handle.close()


@pytest.fixture
def own() -> Iterator[redis.Server]:
    """A server that the test starts, kills and sets as it likes."""
    with redis.placed(need("redis")) as server:
        yield server


@pytest.fixture
def other(redis_url: str) -> Iterator[subprocess.Popen[str]]:
    """Another process with the store open."""
    command = [sys.executable, "-c", OTHER, redis_url]
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    yield process
    process.communicate(timeout=30)


def ask(process: subprocess.Popen[str], line: str) -> str:
    assert process.stdin is not None
    assert process.stdout is not None
    process.stdin.write(f"{line}\n")
    process.stdin.flush()
    return process.stdout.readline().strip()


def refused(act: Callable[[], object]) -> StoreError:
    with pytest.raises(StoreError) as caught:
        act()
    return caught.value


def keys(server: redis.Server, url: str) -> set[str]:
    prefix = url.partition("=")[2]
    with server.connect() as link:
        return {key.decode().removeprefix(prefix) for key in link.keys(f"{prefix}*")}


def test_one_process_writes_until_it_closes(opened: Opened, redis_url: str, other: subprocess.Popen[str]) -> None:
    store = opened(redis_url)
    store.write({"view": [(b"mine", b"1")]})
    assert ask(other, "write") == "busy.online-written-elsewhere"
    assert ask(other, "read") == "[b'1', None]"
    store.close()
    assert ask(other, "write") == "[b'1', b'1']"
    store = opened(redis_url)
    with pytest.raises(BusyError):
        store.write({})
    with pytest.raises(BusyError):
        store.drop("view")
    assert store.get("view", [b"mine", b"other"]) == [b"1", b"1"]


def test_who_was_silent_too_long_does_not_write_over_what_another_wrote(
    opened: Opened, redis_server: redis.Server, redis_url: str, other: subprocess.Popen[str]
) -> None:
    store = opened(redis_url)
    store.write({"view": [(b"mine", b"1")]}, {"view": "mine"})
    with redis_server.connect() as link:
        assert 0 < link.ttl(f"{redis_url.partition('=')[2]}:writer") <= 10
        link.delete(f"{redis_url.partition('=')[2]}:writer")
    assert ask(other, "write") == "[b'1', b'1']"
    with pytest.raises(BusyError, match="online-written-elsewhere"):
        store.write({"view": [(b"mine", b"2")]})
    other.communicate(timeout=30)
    with redis_server.connect() as link:
        link.delete(f"{redis_url.partition('=')[2]}:writer")
    with pytest.raises(BusyError, match="online-moved"):
        store.write({"view": [(b"mine", b"2")]}, {"view": "mine 2"}, {"view": "mine"})
    assert store.read("view", [b"mine"]) == ([b"1"], "other")


def test_a_right_that_is_lost_in_the_middle_writes_nothing(
    opened: Opened, redis_server: redis.Server, redis_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = opened(redis_url)
    demand = store._demand

    def robbed(*given: Any) -> None:
        demand(*given)
        with redis_server.connect() as link:
            link.set(f"{redis_url.partition('=')[2]}:writer", "another")

    monkeypatch.setattr(store, "_demand", robbed)
    with pytest.raises(BusyError, match="online-written-elsewhere"):
        store.write({"view": [(b"mine", b"1")]}, {"view": "m"})
    assert (store.get("view", [b"mine"]), store.mark("view"), store.marked()) == ([None], "", ())


def test_a_reader_does_not_write(opened: Opened, redis_url: str) -> None:
    store = opened(redis_url, readonly=True)
    assert refused(lambda: store.write({"view": []})).code == "store.not-writable"
    assert refused(lambda: store.drop("view")).code == "store.not-writable"
    assert store.get("view", [b"a"]) == [None]


def test_what_is_dropped_leaves_no_key(opened: Opened, redis_server: redis.Server, redis_url: str) -> None:
    store = opened(redis_url)
    store.write({"view": ((b"%d" % n, b"x") for n in range(2_500))}, {"view": "m"})
    assert keys(redis_server, redis_url) == {":in:view", ":marked", ":writer"}
    store.drop("view")
    assert keys(redis_server, redis_url) == {":writer"}
    store.close()
    assert keys(redis_server, redis_url) == set()


def test_a_server_that_goes_is_said_and_one_that_comes_back_is_read_again(own: redis.Server, opened: Opened) -> None:
    url = own.url.replace("//", "//:hidden@")
    store, reader = opened(url), opened(url, readonly=True)
    error = refused(lambda: reader.get("view", [b"a"]))
    assert error.code == "store.online-unreachable"
    assert (error.fields["url"], "hidden" in str(error)) == (f"redis://127.0.0.1:{own.port}/0", False)
    own.start("--requirepass", "hidden", "--appendonly", "yes", "--appendfsync", "always")
    store.write({"view": [(b"a", b"1")]}, {"view": "m"})
    fresh = opened(url, readonly=True)
    assert fresh.read("view", [b"a"]) == ([b"1"], "m")
    own.kill()
    for handle in (store, fresh, fresh):
        assert refused(partial(handle.mark, "view")).code == "store.online-unreachable"
    own.start("--requirepass", "hidden", "--appendonly", "yes", "--appendfsync", "always")
    assert store.read("view", [b"a"]) == ([b"1"], "m")
    assert opened(url, readonly=True).read("view", [b"a"]) == ([b"1"], "m")


def test_a_kept_connection_that_was_cut_is_made_anew(own: redis.Server, opened: Opened) -> None:
    own.start()
    store, reader = opened(own.url), opened(own.url, readonly=True)
    store.write({"view": [(b"a", b"1")]}, {"view": "m"})
    assert reader.mark("view") == "m"
    with own.connect() as link:
        link.execute_command("CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes")
    assert reader.read("view", [b"a"]) == ([b"1"], "m")
    store.write({"view": [(b"a", b"2")]})
    assert reader.get("view", [b"a"]) == [b"2"]


def test_a_server_that_takes_a_connection_and_never_answers_holds_nobody_up(opened: Opened) -> None:
    with socket.create_server(("127.0.0.1", 0)) as deaf:
        reader = opened(f"redis://127.0.0.1:{deaf.getsockname()[1]}", readonly=True)
        for _ in range(50):  # each of its own would take a minute
            assert refused(lambda: reader.get("view", [b"a"])).code == "store.online-unreachable"


def test_a_wrong_password_and_a_user_who_may_only_read(own: redis.Server, opened: Opened) -> None:
    own.start("--requirepass", "right", *["--user", "reader", "on", ">secret", "~*", "+@read", "+@connection"])
    for given in ("", ":wrong@", "nobody:right@"):
        error = refused(partial(opened(own.url.replace("//", f"//{given}")).mark, "view"))
        assert error.code == "store.online-forbidden"
        assert "wrong" not in str(error.fields["url"])
    opened(own.url.replace("//", "//:right@")).write({"view": [(b"a", b"1")]})
    reading = opened(own.url.replace("//", "//reader:secret@"))
    assert reading.get("view", [b"a"]) == [b"1"]
    assert refused(lambda: reading.write({"view": [(b"a", b"2")]})).code == "store.online-forbidden"
    assert reading.get("view", [b"a"]) == [b"1"]


def test_a_server_whose_memory_is_full_keeps_what_it_has(own: redis.Server, opened: Opened) -> None:
    own.start("--maxmemory-policy", "noeviction")
    store = opened(own.url)
    store.write({"view": [(b"a", b"1")]}, {"view": "v1"})
    store.write({"fill": [(b"%d" % n, bytes(1_000)) for n in range(3_000)]})
    with own.connect() as link:
        link.config_set("maxmemory", "2mb")
    late = refused(lambda: store.write({"view": [(b"a", b"2")]}, {"view": "v2"}))
    assert late.code == "store.online-out-of-memory"
    assert store.read("view", [b"a"]) == ([b"1"], "v1")
    with own.connect() as link:
        link.config_set("maxmemory", 0)
    store.write({"view": [(b"a", b"3")]}, {"view": "v3"})
    assert store.read("view", [b"a"]) == ([b"3"], "v3")


def test_a_replica_is_read_and_not_written(own: redis.Server, opened: Opened) -> None:
    own.start("--replicaof", "127.0.0.1", "1")
    store = opened(own.url)
    assert store.get("view", [b"a"]) == [None]
    assert refused(lambda: store.write({"view": [(b"a", b"1")]})).code == "store.online-replica"


def test_another_programs_keys_are_said_to_be_in_the_way(
    opened: Opened, redis_server: redis.Server, redis_url: str
) -> None:
    with redis_server.connect() as link:
        link.set(f"{redis_url.partition('=')[2]}:in:view", "not ours")
    error = refused(lambda: opened(redis_url).get("view", [b"a"]))
    assert error.code == "store.online-failed"
    assert "WRONGTYPE" in str(error.fields["reason"])


def test_two_prefixes_are_two_stores(opened: Opened, redis_url: str) -> None:
    one, two = opened(redis_url), opened(f"{redis_url}-2")
    one.write({"view": [(b"a", b"1")]}, {"view": "m"})
    two.write({"view": [(b"a", b"2")]})
    two.drop("view")
    assert (one.read("view", [b"a"]), two.get("view", [b"a"])) == (([b"1"], "m"), [None])


def test_without_the_driver_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "redis", None)
    error = refused(lambda: RedisOnline("redis://localhost"))
    assert (error.code, error.fields["extra"]) == ("store.driver-missing", "redis")


@pytest.mark.parametrize(
    "url",
    [
        "redis://", "redis:///0", "redis://host:port", "redis://host:99999", "redis://host?prefix=", "redis://host/zero",
        "redis://host?socket_timeout=1",
    ],
)  # fmt: skip
def test_a_url_that_means_no_server_is_refused(url: str) -> None:
    with pytest.raises(SettingsError, match="setting-type"):
        RedisOnline(url)
