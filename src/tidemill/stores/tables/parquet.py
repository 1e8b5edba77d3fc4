"""Dataset versions as files: append-only Parquet named by content, one manifest per version."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import unquote

from tidemill.cores import each
from tidemill.errors import StoreError
from tidemill.facts.data import DataFile, DatasetVersion
from tidemill.ports.tables import Draft, Waste
from tidemill.stores.claims import Claims
from tidemill.stores.compact import compacted
from tidemill.stores.disk import folder_name, sync_folder, told, write_new, write_whole
from tidemill.stores.landing import decode, encode, together
from tidemill.stores.manifest import decode as read_manifest
from tidemill.stores.manifest import encode as write_manifest
from tidemill.stores.manifest import following, proven
from tidemill.stores.verified import Verified

if TYPE_CHECKING:
    import pyarrow as pa

NUMBERED = re.compile(r"v(\d{8})\.json")
STAGED = re.compile(r"\.?([0-9a-f]{64})\.parquet(?:\.[0-9a-f]+\.part)?")


class ParquetTables:
    """`<folder>/files/ab/abcd....parquet` and `<folder>/manifests/<dataset>/v00000012.json`.

    One file per `stage`. A version begins to exist when its manifest gets its name, whole and on the disk, and ends
    when the manifest goes; a crash leaves at worst files that no version holds. What a living process staged is listed
    in `<folder>/staged/`.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._verified = Verified()
        self._claims = Claims(folder / "staged")

    def stage(self, dataset: str, rows: pa.Table, *, time: str) -> DataFile:
        data, file = encode(rows, dataset=dataset, time=time)
        self._claims.claim(dataset, [file.digest])
        place = self._place(file)
        with told(place):
            if not self._verified.holds(place, file.digest):
                write_whole(place, data)
                self._verified.wrote(place, file.digest)
        return file

    def commit(self, draft: Draft, parent: DatasetVersion | None) -> DatasetVersion:
        added = (*draft.files, *draft.rejected)
        self._claims.claim(draft.dataset, [file.digest for file in added])
        self.paths(added)
        version = following(draft, parent and compacted(parent, self))
        with self._claims.beside_others():
            is_first = write_new(self._manifest(draft.dataset, version.number), write_manifest(version))
        self._claims.settle(draft.dataset)
        if not is_first:
            raise StoreError("version-taken", dataset=draft.dataset, number=version.number)
        return version

    def newest(self, dataset: str) -> DatasetVersion | None:
        numbers = self.numbers(dataset)
        return self.version(dataset, numbers[-1]) if numbers else None

    def numbers(self, dataset: str) -> tuple[int, ...]:
        home = self._manifest(dataset, 0).parent
        with told(home):
            found = [NUMBERED.fullmatch(place.name) for place in home.iterdir()] if home.is_dir() else []
        return tuple(sorted(int(match[1]) for match in found if match))

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

    def waste(self, gone: Collection[DatasetVersion]) -> Waste:
        with self._claims.alone() as claimed:
            return counted(self._loose({(one.dataset, one.number) for one in gone}, claimed))

    def remove(self, gone: Collection[DatasetVersion]) -> Waste:
        with self._claims.alone() as claimed:
            for one in gone:
                if self.numbers(one.dataset)[-1:] == (one.number,):
                    raise StoreError("version-newest", dataset=one.dataset, number=one.number)
            loose = self._loose({(one.dataset, one.number) for one in gone}, claimed)
            for one in gone:
                self._manifest(one.dataset, one.number).unlink(missing_ok=True)
            for home in {self._manifest(one.dataset, 0).parent for one in gone}:
                sync_folder(home)
            found = counted(loose)
            for place in (*loose, *(self.folder / "manifests").glob("*/.*.part")):
                place.unlink(missing_ok=True)
            return found

    def datasets(self) -> tuple[str, ...]:
        home = self.folder / "manifests"
        names = sorted(unquote(place.name) for place in home.iterdir()) if home.is_dir() else []
        return tuple(name for name in names if self.numbers(name))

    def paths(self, files: Iterable[DataFile]) -> tuple[Path, ...]:
        wanted = tuple(files)
        return tuple(each(self._whole, wanted, sum(file.rows for file in wanted)))

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

    def _loose(self, gone: Collection[tuple[str, int]], claimed: Collection[str]) -> list[Path]:
        """Data files, whole and half-written ones, that neither a version but those gone nor a process has."""
        held = {file.digest for version in self._kept(gone) for file in (*version.files, *version.rejected)}
        found = (self.folder / "files").glob("*/*") if (self.folder / "files").is_dir() else ()
        named = ((STAGED.fullmatch(place.name), place) for place in found)
        return [place for match, place in named if match and match[1] not in held and match[1] not in claimed]

    def _kept(self, gone: Collection[tuple[str, int]]) -> Iterator[DatasetVersion]:
        for dataset in self.datasets():
            for number in self.numbers(dataset):
                if (dataset, number) not in gone:
                    yield self.version(dataset, number)

    def _manifest(self, dataset: str, number: int) -> Path:
        return self.folder / "manifests" / folder_name(dataset) / f"v{number:08d}.json"

    def _place(self, file: DataFile) -> Path:
        return self.folder / "files" / file.digest[:2] / f"{file.digest}.parquet"


def counted(places: Sequence[Path]) -> Waste:
    """How many files these are, and their bytes."""
    return Waste(files=len(places), bytes=sum(place.stat().st_size for place in places))
