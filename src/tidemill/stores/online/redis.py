"""Online records in a Redis or Valkey that many machines share: one hash a space, one writer at a time."""

from __future__ import annotations

import os
import socket
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from secrets import token_hex
from time import monotonic
from typing import Any, TypeVar
from urllib.parse import parse_qsl, urlencode, urlsplit

from tidemill.errors import BusyError, SettingsError, StoreError
from tidemill.ports.online import Extent

T = TypeVar("T")

PREFIX = "tidemill"
FORM = "redis://[user:password@]host[:port][/number][?prefix=name], or rediss:// with TLS"

TLS = {"ssl_ca_certs", "ssl_certfile", "ssl_keyfile"}
"""What else a URL may say: files for TLS."""

LEASE_S = 10
"""So long after its last write a writer is thought to be at work; one that was killed blocks another no longer."""

READ_S, WRITE_S = 1.0, 60.0
"""How long an answer may take: a server that does not answer must not hold up who does."""
CONNECT_S = 0.5
REST_S = 0.5
"""A reader that got no answer does not ask again for so long: not every request waits for a server that is gone."""

AT_ONCE = 1_000
"""Records in one command, keys in one step of a scan."""
TRIES = 3

PROCESS = token_hex(8)
"""Tells a process from another that has its number, in another container or later."""

MARK, RECORD = b"m", b"k"
"""Fields of a space's hash: its mark, and what the fields of records begin with."""


class RedisOnline:
    """A space is the hash `<prefix>:in:<name>` with its mark, so that one command reads both and one drops both.

    `readonly`: `write` and `drop` are refused, and an answer that takes long is given up early. Nothing is asked of the
    server before the first use. The first write takes the right to write until `close`, or until LEASE_S after the last
    write: BusyError `online-written-elsewhere` while another process has it. StoreError `driver-missing`,
    `online-unreachable`, `online-forbidden`, `online-out-of-memory`, `online-replica`, `online-failed`; SettingsError
    `setting-type`.
    """

    def __init__(self, url: str, *, readonly: bool = False) -> None:
        self.readonly = readonly
        bare, self._prefix, self.url = parts(url)
        try:
            import redis
            from redis.backoff import NoBackoff
            from redis.retry import Retry
        except ModuleNotFoundError as error:
            raise StoreError("driver-missing", url=self.url, reason=str(error), extra="redis") from error
        try:
            self._server: Any = redis.Redis.from_url(
                bare,
                protocol=2,
                client_name="tidemill",
                socket_connect_timeout=CONNECT_S if readonly else WRITE_S,
                socket_timeout=READ_S if readonly else WRITE_S,
                # A kept connection may have been cut since: that is found out and mended by asking once more.
                retry=Retry(NoBackoff(), 1, supported_errors=(redis.ConnectionError,)),
            )
        except ValueError as error:
            raise SettingsError("setting-type", setting="online", value=self.url, expected=FORM) from error
        self._errors = redis.exceptions
        self._writer = f"{self._prefix}:writer"
        self._named = f"{self._prefix}:marked"
        self._rests_until, self._gone = 0.0, ""

    def get(self, space: str, keys: Sequence[bytes]) -> list[bytes | None]:
        return self.read(space, keys)[0]

    def read(self, space: str, keys: Sequence[bytes]) -> tuple[list[bytes | None], str]:
        with self._told():
            fields = [MARK, *(RECORD + key for key in keys)]
            mark, *found = self._server.execute_command("HMGET", self._home(space), *fields)
        return found, (mark or b"").decode()

    def write(
        self,
        changes: Mapping[str, Iterable[tuple[bytes, bytes | None]]],
        marks: Mapping[str, str] | None = None,
        after: Mapping[str, str] | None = None,
    ) -> None:
        final = {space: dict(records) for space, records in changes.items()}

        def queue(pipe: Any) -> None:
            for space, records in final.items():
                put = [(RECORD + key, record) for key, record in records.items() if record is not None]
                gone = [RECORD + key for key, record in records.items() if record is None]
                for some in sliced(put):
                    pipe.execute_command("HSET", self._home(space), *(part for pair in some for part in pair))
                for fields in sliced(gone):
                    pipe.execute_command("HDEL", self._home(space), *fields)
            for name, text in (marks or {}).items():
                if text:
                    pipe.execute_command("HSET", self._home(name), MARK, text.encode())
                    pipe.execute_command("SADD", self._named, name)
                else:
                    pipe.execute_command("HDEL", self._home(name), MARK)
                    pipe.execute_command("SREM", self._named, name)

        self._change(queue, after or {})

    def mark(self, name: str) -> str:
        return self.read(name, ())[1]

    def marked(self) -> tuple[str, ...]:
        with self._told():
            return tuple(sorted(name.decode() for name in self._server.execute_command("SMEMBERS", self._named)))

    def extent(self, space: str) -> Extent:
        sizes: dict[bytes, int] = {}
        with self._told():
            for field, record in self._server.hscan_iter(self._home(space), count=AT_ONCE):
                if field != MARK:
                    sizes[field] = len(record)
        return Extent(records=len(sizes), bytes=sum(sizes.values()))

    def drop(self, space: str) -> None:
        def queue(pipe: Any) -> None:
            pipe.execute_command("UNLINK", self._home(space))
            pipe.execute_command("SREM", self._named, space)

        self._change(queue, {})

    def close(self) -> None:
        with suppress(self._errors.RedisError, OSError):
            if not self.readonly:
                self._leave()
            self._server.close()

    @property
    def _token(self) -> bytes:
        """Who this process is to other writers; a child that it forks is another."""
        return f"{socket.gethostname()}:{os.getpid()}:{PROCESS}".encode()

    def _home(self, space: str) -> str:
        return f"{self._prefix}:in:{space}"

    def _change(self, queue: Callable[[Any], None], after: Mapping[str, str]) -> None:
        """One transaction of the writer, which begins or goes on to be it; all of it, or nothing of it."""
        if self.readonly:
            raise StoreError("not-writable", path=self.url, reason="opened to be read")
        for _ in range(TRIES):
            with suppress(self._errors.WatchError), self._told(), self._server.pipeline() as pipe:
                self._demand(pipe, after)
                pipe.multi()
                pipe.execute_command("SET", self._writer, self._token, "EX", LEASE_S)
                queue(pipe)
                pipe.execute()
                return
        raise BusyError("online-written-elsewhere", path=self.url)

    def _demand(self, pipe: Any, after: Mapping[str, str]) -> None:
        """Nobody else has the right to write, and marks are as they were; from now on until the end, or all is off."""
        pipe.watch(self._writer, *(self._home(name) for name in after))
        if pipe.execute_command("GET", self._writer) not in {None, self._token}:
            raise BusyError("online-written-elsewhere", path=self.url)
        for name, text in after.items():
            if (pipe.execute_command("HGET", self._home(name), MARK) or b"").decode() != text:
                raise BusyError("online-moved", space=name)

    def _leave(self) -> None:
        """Gives the right to write back, if this is who has it."""
        with self._server.pipeline() as pipe:
            pipe.watch(self._writer)
            if pipe.execute_command("GET", self._writer) == self._token:
                pipe.multi()
                pipe.execute_command("DEL", self._writer)
                pipe.execute()

    @contextmanager
    def _told(self) -> Iterator[None]:
        """What the server or the way to it refuses, in the house's words."""
        errors = self._errors
        if monotonic() < self._rests_until:
            raise StoreError("online-unreachable", url=self.url, reason=self._gone)
        try:
            yield
        except (errors.AuthenticationError, errors.AuthorizationError, errors.NoPermissionError) as error:
            raise StoreError("online-forbidden", url=self.url, reason=str(error)) from error
        except errors.ReadOnlyError as error:
            raise StoreError("online-replica", url=self.url, reason=str(error)) from error
        except errors.OutOfMemoryError as error:
            raise StoreError("online-out-of-memory", url=self.url, reason=str(error)) from error
        except (errors.ConnectionError, errors.TimeoutError, OSError) as error:
            self._gone = str(error)
            self._rests_until = monotonic() + REST_S if self.readonly else 0.0
            raise StoreError("online-unreachable", url=self.url, reason=self._gone) from error
        except errors.WatchError:
            raise
        except errors.RedisError as error:
            raise StoreError("online-failed", url=self.url, reason=str(error)) from error


def parts(url: str) -> tuple[str, str, str]:
    """The URL without what is ours, the prefix of all keys, and the URL as it may be shown. SettingsError."""
    given = urlsplit(url)
    words = dict(parse_qsl(given.query, keep_blank_values=True))
    prefix = words.pop("prefix", PREFIX)
    try:
        host = f"{given.hostname or ''}{f':{given.port}' if given.port else ''}"
    except ValueError as error:
        raise SettingsError("setting-type", setting="online", value=given.scheme, expected=FORM) from error
    shown = f"{given.scheme}://{host}{given.path}{f'?prefix={prefix}' if prefix != PREFIX else ''}"
    number = given.path.strip("/") or "0"
    if not given.hostname or not prefix or not number.isdecimal() or words.keys() - TLS:
        raise SettingsError("setting-type", setting="online", value=shown, expected=FORM)
    return given._replace(query=urlencode(words)).geturl(), prefix, shown


def sliced(items: Sequence[T]) -> Iterator[Sequence[T]]:
    """The items, so many as one command takes at once."""
    return (items[start : start + AT_ONCE] for start in range(0, len(items), AT_ONCE))
