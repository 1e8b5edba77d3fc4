"""Versions of datasets: found by the name that a person typed, listed with what each brought, and compared."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from difflib import get_close_matches

from tidemill.errors import SettingsError
from tidemill.facts.data import DatasetVersion, Profile
from tidemill.facts.ids import dataset_ref
from tidemill.loop.difference import Difference, Kind, SchemaChange, difference, schema_changes
from tidemill.loop.intake import LOGGED
from tidemill.ports.compute import Compute
from tidemill.ports.ledger import Ledger
from tidemill.ports.tables import BATCH, OP, Tables
from tidemill.spec.declaration import Declaration
from tidemill.spec.zones import zone_info

SECOND_US = 1_000_000
LOGGED_KEY = ("id",)


@dataclass(frozen=True, slots=True, kw_only=True)
class DatasetState:
    """A dataset version with how many findings its profile has (None: not explored), and what it brought.

    `put_aside` rows and `schema` changes against the version before; None and () where that is no longer there.
    `corrected`: new rows whose key had landed before; `deleted`: those that say it is gone. Both only in a history.
    """

    version: DatasetVersion
    findings: int | None
    put_aside: int | None = None
    corrected: int = 0
    deleted: int = 0
    schema: tuple[SchemaChange, ...] = ()


def datasets(system: Declaration, ledger: Ledger, tables: Tables) -> tuple[DatasetState, ...]:
    """The newest version of every source that has landed, then of what the server logged."""
    declared = [source.dataset for source in system.roots]
    names = [*declared, *(name for name in tables.datasets() if name not in declared)]
    newest = (tables.newest(name) for name in names)
    return tuple(state(version, ledger, tables) for version in newest if version is not None)


def history(last: DatasetVersion, ledger: Ledger, tables: Tables, *, newest: int) -> tuple[DatasetState, ...]:
    """That version and those before it, newest first."""
    numbers = [number for number in tables.numbers(last.dataset) if number <= last.number]
    versions = (tables.version(last.dataset, number) for number in reversed(numbers[-newest:]))
    counts = operations(last, tables)
    return tuple(
        replace(
            state(version, ledger, tables),
            corrected=counts.get((version.number, "U"), 0),
            deleted=counts.get((version.number, "D"), 0),
        )
        for version in versions
    )


def operations(version: DatasetVersion, tables: Tables) -> dict[tuple[int, str], int]:
    """How many landed rows say what (I, U, D), by the number of the version that brought them."""
    if not version.files:
        return {}
    found = tables.read(version.files, [BATCH, OP]).group_by([BATCH, OP]).aggregate([([], "count_all")])
    return {(row[BATCH], row[OP]): row["count_all"] for row in found.to_pylist()}


def state(version: DatasetVersion, ledger: Ledger, tables: Tables) -> DatasetState:
    """The version with what exploration counted, beside the one before it."""
    profile = ledger.get(Profile, version.system, version.dataset, version.manifest)
    findings = None if profile is None else len(profile.findings)
    if version.parent is None:
        return DatasetState(version=version, findings=findings, put_aside=version.put_aside)
    if version.number - 1 not in tables.numbers(version.dataset):
        return DatasetState(version=version, findings=findings)
    before = tables.version(version.dataset, version.number - 1)
    return DatasetState(
        version=version,
        findings=findings,
        put_aside=version.put_aside - before.put_aside,
        schema=tuple(schema_changes(before.columns, version.columns)),
    )


def named(text: str, tables: Tables, zone: str) -> DatasetVersion:
    """The version that is meant: `events` is the newest, `events@v12` that one, `events@2026-11-01` the newest by then.

    Then is the end of that day, or a moment (`2026-11-01T09:30`), in the zone. SettingsError `dataset-unknown`,
    `dataset-ref-unread`, `dataset-version-unknown`, `dataset-version-pruned`, `dataset-not-then`.
    """
    ref = dataset_ref(text)
    numbers = tables.numbers(ref.dataset)
    if not numbers:
        known = tables.datasets()
        near = get_close_matches(ref.dataset, known, n=1)
        raise SettingsError("dataset-unknown", dataset=ref.dataset, known=known, nearest=near[0] if near else "")
    if ref.number is None:
        if ref.day is None and "@" in text:
            raise SettingsError("dataset-ref-unread", text=text, dataset=ref.dataset)
        return tables.version(ref.dataset, numbers[-1]) if ref.day is None else as_of(text, ref.day, tables, zone)
    if not 0 < ref.number <= numbers[-1]:
        raise SettingsError("dataset-version-unknown", version=str(ref), newest=f"{ref.dataset}@v{numbers[-1]}")
    if ref.number not in numbers:
        later = next(number for number in numbers if number > ref.number)
        raise SettingsError("dataset-version-pruned", version=str(ref), later=f"{ref.dataset}@v{later}")
    return tables.version(ref.dataset, ref.number)


def as_of(text: str, then: str, tables: Tables, zone: str) -> DatasetVersion:
    """The version that was the newest at that moment; the errors of `named`."""
    dataset = dataset_ref(text).dataset
    found = newest_by(dataset, moment_of(text, then, zone), tables)
    if found is None:
        first = tables.version(dataset, tables.numbers(dataset)[0])
        committed = datetime.fromtimestamp(first.at_us / SECOND_US, UTC).astimezone(zone_info(zone))
        raise SettingsError(
            "dataset-not-then", dataset=dataset, then=then, first=first.name, committed=f"{committed:%Y-%m-%d %H:%M}"
        )
    return found


def newest_by(dataset: str, at_us: int, tables: Tables) -> DatasetVersion | None:
    """The last of the versions kept that was committed by that moment, or None; a few of them are read."""
    numbers = tables.numbers(dataset)
    low, high = 0, len(numbers)
    while low < high:
        middle = (low + high) // 2
        if tables.version(dataset, numbers[middle]).at_us <= at_us:
            low = middle + 1
        else:
            high = middle
    return tables.version(dataset, numbers[low - 1]) if low else None


def moment_of(text: str, then: str, zone: str) -> int:
    """Microseconds of a moment in the zone; of a day its last one. SettingsError `dataset-ref-unread`."""
    try:
        day = date.fromisoformat(then) if "T" not in then and " " not in then else None
        if day is not None:
            morrow = datetime.combine(day + timedelta(days=1), time(), zone_info(zone))
            return round(morrow.timestamp() * SECOND_US) - 1
        moment = datetime.fromisoformat(then)
    except (ValueError, OverflowError):
        raise SettingsError("dataset-ref-unread", text=text, dataset=dataset_ref(text).dataset) from None
    local = moment if moment.tzinfo else moment.replace(tzinfo=zone_info(zone))
    return round(local.timestamp() * SECOND_US)


def compared(one: str, other: str | None, system: Declaration, tables: Tables, compute: Compute) -> Difference:
    """The difference of two versions of a dataset, the older one first whichever was named first.

    Without another: of a version to the newest, of a dataset's name from the version before to the newest. The errors
    of `named`; SettingsError `datasets-differ`.
    """
    left = named(one, tables, system.zone)
    right = named(other or left.dataset, tables, system.zone)
    if left.dataset != right.dataset:
        raise SettingsError("datasets-differ", one=left.name, other=right.name)
    if other is None and one == left.dataset:
        earlier = [number for number in tables.numbers(left.dataset) if number < left.number]
        left = tables.version(left.dataset, earlier[-1]) if earlier else left
    before, after = sorted((left, right), key=lambda version: version.number)
    return difference(before, after, kind_of(left.dataset, system), tables, compute)


def kind_of(dataset: str, system: Declaration) -> Kind:
    """What the declaration says of the dataset; what the server logged is named by its id."""
    source = next((source for source in system.roots if source.dataset == dataset), None)
    if source is not None:
        return Kind(key=source.key, time=source.time, zone=system.zone)
    return Kind(key=LOGGED_KEY if dataset in LOGGED else (), time="", zone=system.zone)
