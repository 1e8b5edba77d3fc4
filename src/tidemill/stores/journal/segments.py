"""Streams as append-only segment files: whoever is killed after an append has lost nothing."""

from __future__ import annotations

import fcntl
import json
import logging
import os
import re
import secrets
from dataclasses import dataclass
from heapq import heapify, heappop, heappush
from pathlib import Path
from threading import Lock

from tidemill.errors import StoreError
from tidemill.ports.journal import Frame
from tidemill.stores import frame
from tidemill.stores.disk import folder_name, refusal, sync_folder, told

SEGMENT_BYTES = 64 << 20
WORKER = re.compile(r"[A-Za-z0-9_-]+")
ID = re.compile(r"([A-Za-z0-9_-]+)\.([0-9]{1,8})-([0-9]{1,10})")
SEGMENT = re.compile(r"([0-9]{8})\.seg")

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Damage:
    """Bytes of a segment that are no frame: what stood there, or was about to, is lost."""

    path: Path
    place: int
    bytes: int


class SegmentJournal:
    """`<folder>/<stream>/<worker>/00000003.seg`; the frame at byte 4096 of it has the id `<worker>.3-4096`.

    Who writes a segment holds a lock on it, which ends with the process: a segment without one is final, and its torn
    tail, if any, is cut. The newest segment of a worker must stay, or its numbers would be given again.
    """

    def __init__(self, folder: Path, *, segment_bytes: int = SEGMENT_BYTES) -> None:
        self.folder = folder
        self._segment_bytes = segment_bytes
        self._damage: set[Damage] = set()

    def writer(self, stream: str, worker: str) -> SegmentWriter:
        if not WORKER.fullmatch(worker):
            raise ValueError(f"a worker's name is made of letters, digits, _ and -, not {worker!r}")
        return SegmentWriter(self._home(stream) / worker, self._segment_bytes)

    def read(self, stream: str, cursor: str = "", limit: int = 10_000) -> tuple[tuple[Frame, ...], str]:
        """Segments with low numbers first; within a worker in the order written. See `damage` for what is skipped."""
        marks: dict[str, list[int]] = json.loads(cursor) if cursor else {}
        frames: list[Frame] = []
        turns = self._turns(stream, marks)
        while turns and len(frames) < limit:
            number, worker = heappop(turns)
            begun, offset = marks.get(worker, (0, 0))
            path = _segment(self._home(stream) / worker, number)
            scan, final = self._scan(path, offset if begun == number else 0, limit - len(frames))
            frames += [Frame(id=f"{worker}.{number}-{found.place}", payload=found.payload) for found in scan.frames]
            marks[worker] = [number, scan.place]
            if scan.ended and final:
                marks[worker] = [number + 1, 0]
                if following := _first(path.parent, number + 1):
                    heappush(turns, (following, worker))
        return tuple(frames), json.dumps(marks, sort_keys=True, separators=(",", ":")) if marks else cursor

    def find(self, stream: str, id: str) -> bytes | None:
        named = ID.fullmatch(id)
        path = _segment(self._home(stream) / named[1], int(named[2])) if named else None
        if named is None or path is None or not path.exists():
            return None
        place = int(named[3])
        with told(path), path.open("rb", buffering=0) as file:
            length = frame.length_at(os.pread(file.fileno(), frame.HEAD.size, place))
            found = frame.at(os.pread(file.fileno(), frame.HEAD.size + length, place), 0, place)
        return found.payload if found else None

    def damage(self, stream: str) -> tuple[Damage, ...]:
        """What `read` came across in this stream since this object was made; each was logged as a warning too."""
        home = self._home(stream)
        return tuple(sorted((d for d in self._damage if home in d.path.parents), key=lambda d: (d.path, d.place)))

    def _turns(self, stream: str, marks: dict[str, list[int]]) -> list[tuple[int, str]]:
        """The segment where each worker's reading goes on, as a heap."""
        home = self._home(stream)
        workers = [folder.name for folder in home.iterdir()] if home.is_dir() else []
        turns = [(_first(home / worker, marks.get(worker, (1, 0))[0]), worker) for worker in workers]
        begun = [(number, worker) for number, worker in turns if number]
        heapify(begun)
        return begun

    def _scan(self, path: Path, offset: int, limit: int) -> tuple[frame.Scan, bool]:
        """Frames of one segment, and whether no more can come. The lock is asked first: then nothing is missed."""
        with told(path), path.open("rb", buffering=0) as file:
            final = _is_free(file.fileno())
            magic = os.pread(file.fileno(), len(frame.MAGIC), 0)
            if magic[:-1] == frame.MAGIC[:-1] and magic > frame.MAGIC:
                raise StoreError("segment-newer", path=str(path))
            scan = frame.scan(file.fileno(), max(offset, len(frame.MAGIC)), limit, final=final)
        for place, length in scan.lost:
            damage = Damage(path=path, place=place, bytes=length)
            if damage not in self._damage:
                self._damage.add(damage)
                log.warning("%s: %d bytes at %d are no frame and were skipped", path, length, place)
        return scan, final

    def _home(self, stream: str) -> Path:
        return self.folder / folder_name(stream)


class SegmentWriter:
    """Appends to one segment after another. `append` belongs to one thread; `sync` may be called from a second one."""

    def __init__(self, folder: Path, segment_bytes: int) -> None:
        self.folder = folder
        self._segment_bytes = segment_bytes
        self._lock = Lock()
        self._handle: int | None = None
        self._number = 0
        self._end = 0
        self._retired: list[int] = []
        self._unnamed = False

    def next_id(self) -> str:
        with self._lock:
            self._open()
            return f"{self.folder.name}.{self._number}-{self._end}"

    def append(self, payload: bytes) -> str:
        with self._lock:
            handle, place = self._open(), self._end
            data = frame.frame(place, payload)
            try:
                written = os.write(handle, data)
                while written < len(data):
                    written += os.write(handle, data[written:])
            except OSError as error:
                self._cut_back(handle)
                raise refusal(error, _segment(self.folder, self._number)) from error
            id = f"{self.folder.name}.{self._number}-{place}"
            self._end = place + len(data)
            if self._end >= self._segment_bytes:
                self._retire()
            return id

    def sync(self) -> None:
        with self._lock:
            retired, self._retired = self._retired, []
            live = [] if self._handle is None else [os.dup(self._handle)]
            unnamed, self._unnamed = self._unnamed, False
        try:
            with told(self.folder):
                for handle in (*retired, *live):
                    os.fdatasync(handle)
                if unnamed:
                    sync_folder(self.folder)
        finally:
            for handle in (*retired, *live):
                os.close(handle)

    def close(self) -> None:
        with self._lock:
            self._retire()
        self.sync()

    def _open(self) -> int:
        """The live segment; a new one where there is none, locked before it has a name that others look at."""
        if self._handle is None:
            with told(self.folder):
                self.folder.mkdir(parents=True, exist_ok=True)
                part = self.folder / f".{secrets.token_hex(4)}.part"
                handle = os.open(part, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_EXCL, 0o644)
                try:
                    fcntl.flock(handle, fcntl.LOCK_EX)
                    os.write(handle, frame.MAGIC)
                    self._number = _name(part, self.folder)
                except OSError:
                    os.close(handle)
                    raise
                finally:
                    part.unlink(missing_ok=True)
            self._handle, self._end, self._unnamed = handle, len(frame.MAGIC), True
        return self._handle

    def _cut_back(self, handle: int) -> None:
        """Takes away the half of a frame; where even that is refused, nothing may follow in this segment."""
        try:
            os.ftruncate(handle, self._end)
        except OSError:
            self._retire()

    def _retire(self) -> None:
        """Ends the live segment: readers may take it as final; the disk gets it with the next `sync`."""
        if self._handle is not None:
            fcntl.flock(self._handle, fcntl.LOCK_UN)
            self._retired.append(self._handle)
            self._handle = None


def _segment(folder: Path, number: int) -> Path:
    return folder / f"{number:08d}.seg"


def _numbers(folder: Path) -> list[int]:
    return [int(named[1]) for place in folder.iterdir() if (named := SEGMENT.fullmatch(place.name))]


def _first(folder: Path, number: int) -> int:
    """The number itself if that segment is there, else the next higher one that is, else 0."""
    if _segment(folder, number).exists():
        return number
    return min((other for other in _numbers(folder) if other > number), default=0)


def _name(part: Path, folder: Path) -> int:
    """Gives the file the next free number."""
    while True:
        number = max(_numbers(folder), default=0) + 1
        try:
            _segment(folder, number).hardlink_to(part)
        except FileExistsError:
            continue
        return number


def _is_free(handle: int) -> bool:
    """Whether no writer holds the segment."""
    try:
        fcntl.flock(handle, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
