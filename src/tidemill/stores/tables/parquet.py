"""Dataset versions as files: append-only Parquet named by content, one manifest per version."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import unquote

from tidemill.errors import StoreError
from tidemill.facts.data import DataFile, DatasetVersion
from tidemill.ports.tables import Draft
from tidemill.stores.disk import folder_name, told, write_new, write_whole
from tidemill.stores.landing import decode, encode, together
from tidemill.stores.manifest import decode as read_manifest
from tidemill.stores.manifest import encode as write_manifest
from tidemill.stores.manifest import following, proven
from tidemill.stores.verified import Verified

if TYPE_CHECKING:
    import pyarrow as pa

NUMBERED = re.compile(r"v(\d{8})\.json")


class ParquetTables:
    """`<folder>/files/ab/abcd....parquet` and `<folder>/manifests/<dataset>/v00000012.json`.

    One file per `stage`. A version begins to exist when its manifest gets its name, whole and on the disk; a crash
    before leaves at worst files that no version holds.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._verified = Verified()

    def stage(self, dataset: str, rows: pa.Table, *, time: str) -> DataFile:
        data, file = encode(rows, dataset=dataset, time=time)
        place = self._place(file)
        with told(place):
            if not self._verified.holds(place, file.digest):
                write_whole(place, data)
        return file

    def commit(self, draft: Draft, parent: DatasetVersion | None) -> DatasetVersion:
        self.paths((*draft.files, *draft.rejected))
        version = following(draft, parent)
        if not write_new(self._manifest(draft.dataset, version.number), write_manifest(version)):
            raise StoreError("version-taken", dataset=draft.dataset, number=version.number)
        return version

    def newest(self, dataset: str) -> DatasetVersion | None:
        numbers = self._numbers(dataset)
        return self.version(dataset, max(numbers)) if numbers else None

    def version(self, dataset: str, number: int) -> DatasetVersion:
        place = self._manifest(dataset, number)
        with told(place):
            if not place.is_file():
                raise StoreError("version-missing", dataset=dataset, number=number)
            return read_manifest(place.read_bytes(), str(place))

    def restore(self, version: DatasetVersion) -> None:
        place = self._manifest(version.dataset, version.number)
        data = write_manifest(proven(version, str(place)))
        with told(place):
            if not place.is_file() or place.read_bytes() != data:
                write_whole(place, data)

    def datasets(self) -> tuple[str, ...]:
        home = self.folder / "manifests"
        names = sorted(unquote(place.name) for place in home.iterdir()) if home.is_dir() else []
        return tuple(name for name in names if self._numbers(name))

    def paths(self, files: Iterable[DataFile]) -> tuple[Path, ...]:
        return tuple(self._whole(file) for file in files)

    def read(self, files: Iterable[DataFile], columns: Sequence[str] | None = None) -> pa.Table:
        return together([decode(path, columns) for path in self.paths(files)], columns)

    def _whole(self, file: DataFile) -> Path:
        place = self._place(file)
        with told(place):
            if not self._verified.holds(place, file.digest):
                if place.exists():
                    raise StoreError("data-file-corrupt", path=str(place))
                raise StoreError("data-file-missing", path=str(place))
        return place

    def _numbers(self, dataset: str) -> list[int]:
        home = self._manifest(dataset, 0).parent
        found = [NUMBERED.fullmatch(place.name) for place in home.iterdir()] if home.is_dir() else []
        return [int(match[1]) for match in found if match]

    def _manifest(self, dataset: str, number: int) -> Path:
        return self.folder / "manifests" / folder_name(dataset) / f"v{number:08d}.json"

    def _place(self, file: DataFile) -> Path:
        return self.folder / "files" / file.digest[:2] / f"{file.digest}.parquet"
