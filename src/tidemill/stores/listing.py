"""Which files a declared path means, and which of them changed since a cursor."""

from __future__ import annotations

import glob
import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from hashlib import file_digest
from itertools import takewhile
from pathlib import Path
from typing import Any

from tidemill.errors import SourceError

PARQUET = (".parquet", ".pq")
CSV = (".csv", ".tsv", ".csv.gz", ".tsv.gz")
JSON_LINES = (".jsonl", ".ndjson", ".jsonl.gz", ".ndjson.gz")
DATA = (*PARQUET, *CSV, *JSON_LINES)
TAKEN_AWAY = "taken away while it was read"


@dataclass(frozen=True, slots=True, kw_only=True)
class Stamp:
    """What a file was when it was looked at. Size and time of change spare reading it; the digest decides."""

    size: int
    changed_ns: int
    digest: str

    def plain(self) -> list[int | str]:
        """As a cursor keeps it."""
        return [self.size, self.changed_ns, self.digest]


def listed(path: str) -> dict[str, Path]:
    """Files by a name that stays when the folder moves: a file, all data files under a folder, or those of a glob.

    In order of name. SourceError `unreachable` when there are none, `format-unknown` for a file of another kind.
    """
    place = Path(path)
    if place.is_file():
        found = {place.name: place}
    elif place.is_dir():
        found = {file.relative_to(place).as_posix(): file for file in place.rglob("*") if _is_data(file, place)}
    else:
        fixed = Path(*takewhile(lambda part: not glob.has_magic(part), place.parts))
        matches = fixed.glob(str(place.relative_to(fixed))) if fixed != place else ()
        found = {match.relative_to(fixed).as_posix(): match for match in matches if match.is_file()}
    if not found:
        raise SourceError("unreachable", source=path, reason="no such file, or no CSV, JSONL or Parquet file in it")
    for file in found.values():
        if not file.name.lower().endswith(DATA):
            raise SourceError("format-unknown", path=str(file))
    return dict(sorted(found.items()))


def stamps(files: Mapping[str, Path], before: Mapping[str, Sequence[Any]]) -> dict[str, Stamp]:
    """The files as they are; those whose size and time of change are as before are not read."""
    return {name: _stamp(file, before.get(name)) for name, file in files.items()}


def still(before: Mapping[str, Sequence[Any]], now: Mapping[str, Stamp]) -> bool:
    """Whether every file of before is there with the same bytes; there may be more."""
    return all(name in now and now[name].digest == stamp[2] for name, stamp in before.items())


def check_unchanged(files: Mapping[str, Path], stamps: Mapping[str, Stamp]) -> None:
    """SourceError `lost` for a file that was changed or taken away since it was stamped: what was read is no state."""
    for name, file in files.items():
        stamp = stamps[name]
        try:
            status = file.stat()
        except FileNotFoundError as error:
            raise SourceError("lost", source=str(file), reason=TAKEN_AWAY) from error
        if (status.st_size, status.st_mtime_ns) != (stamp.size, stamp.changed_ns):
            raise SourceError("lost", source=str(file), reason="changed while it was read")


def check_there(files: Iterable[Path]) -> None:
    """SourceError `lost` for a file that is there no more."""
    for file in files:
        if not file.exists():
            raise SourceError("lost", source=str(file), reason=TAKEN_AWAY)


def _stamp(file: Path, before: Sequence[Any] | None) -> Stamp:
    try:
        with file.open("rb") as handle:
            status = os.fstat(handle.fileno())
            size, changed_ns = status.st_size, status.st_mtime_ns
            if not size:
                raise SourceError("file-empty", path=str(file))
            if before and tuple(before[:2]) == (size, changed_ns):
                return Stamp(size=size, changed_ns=changed_ns, digest=before[2])
            return Stamp(size=size, changed_ns=changed_ns, digest=file_digest(handle, "sha256").hexdigest())
    except OSError as error:
        raise SourceError("unreachable", source=str(file), reason=error.strerror or str(error)) from error


def _is_data(file: Path, folder: Path) -> bool:
    """A data file, none that is hidden or still being written."""
    parts = file.relative_to(folder).parts
    return file.name.lower().endswith(DATA) and not any(p.startswith((".", "_")) for p in parts) and file.is_file()
