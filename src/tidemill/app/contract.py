"""Contracts of a system: written from a version's rows, beside newer rows, and how they were kept."""

from __future__ import annotations

from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path

from tidemill.app.dataset import named
from tidemill.app.reviewed import FOLDER
from tidemill.errors import SettingsError
from tidemill.facts.data import ContractReport, DatasetVersion, Profile
from tidemill.facts.ids import dataset_ref
from tidemill.loop.promises import Move, moves, proposed
from tidemill.ports.ledger import Ledger
from tidemill.ports.tables import Tables
from tidemill.spec.contract.record import Contract
from tidemill.spec.contract.write import contract_text
from tidemill.spec.declaration import Declaration
from tidemill.spec.source import Source


@dataclass(frozen=True, slots=True, kw_only=True)
class Stand:
    """A dataset's contract (None: it has none), and how the newest version that was judged kept it.

    `written`: the file that was just written, else "".
    """

    dataset: str
    contract: Contract | None
    version: str = ""
    report: ContractReport | None = None
    written: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Drawn:
    """What the rows of a version would change in the contract."""

    dataset: str
    file: str
    version: str
    moves: tuple[Move, ...]


def stands(system: Declaration, ledger: Ledger) -> tuple[Stand, ...]:
    """Each source's contract, and how it stands."""
    return tuple(stand(source, system, ledger) for source in system.roots)


def stand(source: Source, system: Declaration, ledger: Ledger) -> Stand:
    """One of them."""
    contract = system.contract(source.dataset)
    profiles = ledger.find(Profile, system=system.name, dataset=source.dataset)
    judged = [profile for profile in profiles if profile.contract is not None]
    if contract is None or not judged:
        return Stand(dataset=source.dataset, contract=contract)
    newest = max(judged, key=lambda profile: profile.number)
    name = f"{newest.dataset}@v{newest.number}"
    return Stand(dataset=source.dataset, contract=contract, version=name, report=newest.contract)


def write(text: str, system: Declaration, folder: Path, tables: Tables, now_us: int) -> Stand:
    """Writes the contract that a version promises (`events`: its newest, `events@v3`, `events@2026-11-01`).

    The errors of `app.dataset.named`; SettingsError `source-unknown`, `file-there` for a contract that is there,
    `not-writable`.
    """
    source, version = meant(text, system, tables)
    made = proposed(version, source, tables, now_us)
    file = folder / FOLDER / f"{version.dataset}.toml"
    try:
        file.parent.mkdir(exist_ok=True)
        with file.open("x", encoding="utf-8") as new:
            new.write(contract_text(made))
    except FileExistsError as error:
        raise SettingsError("file-there", folder=FOLDER, files=[file.name]) from error
    except OSError as error:
        raise SettingsError("not-writable", folder=str(file.parent), reason=error.strerror or str(error)) from error
    return Stand(dataset=version.dataset, contract=made, version=version.name, written=f"{FOLDER}/{file.name}")


def drawn(text: str, system: Declaration, tables: Tables, now_us: int) -> Drawn:
    """What that version's rows would change. The errors of `write`; SettingsError `no-contract`, ContractError."""
    source, version = meant(text, system, tables)
    contract = system.contract(version.dataset)
    if contract is None:
        raise SettingsError("no-contract", dataset=version.dataset)
    newer = proposed(version, source, tables, now_us)
    return Drawn(dataset=version.dataset, file=contract.file, version=version.name, moves=tuple(moves(contract, newer)))


def meant(text: str, system: Declaration, tables: Tables) -> tuple[Source, DatasetVersion]:
    """The source and the version. The errors of `app.dataset.named`; SettingsError `source-unknown`."""
    dataset = dataset_ref(text).dataset
    for source in system.roots:
        if source.dataset == dataset:
            return source, named(text, tables, system.zone)
    names = [source.name for source in system.roots]
    near = get_close_matches(dataset, names, n=1)
    raise SettingsError("source-unknown", source=dataset, known=names, nearest=near[0] if near else "")
