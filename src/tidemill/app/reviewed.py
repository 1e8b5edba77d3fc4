"""Contracts as people left them beside the system file."""

from __future__ import annotations

from difflib import get_close_matches
from pathlib import Path

from tidemill.errors import ContractError
from tidemill.spec.contract.read import read_contract
from tidemill.spec.contract.record import Contract
from tidemill.spec.declaration import Declaration
from tidemill.spec.flaw import Flaw

FOLDER = "contracts"


def read_contracts(folder: Path) -> tuple[Contract, ...]:
    """Every contract beside the system file, by name; what is wrong in one is kept in its `flaws`."""
    return tuple(contract_at(file) for file in sorted((folder / FOLDER).glob("*.toml")) if file.is_file())


def contract_at(file: Path) -> Contract:
    """One contract, named as its file is."""
    name = f"{FOLDER}/{file.name}"
    try:
        return read_contract(file.read_text(encoding="utf-8"), name, file.stem)
    except (OSError, UnicodeDecodeError) as error:
        flaw = Flaw(code="contract.no-toml", fields=(("words", str(error)),), place=f"{name}:1")
        return Contract(dataset=file.stem, flaws=(flaw,), _file=name)


def demand_sources(system: Declaration) -> None:
    """ContractError `of-no-source` for a contract of no source: nobody would ever keep it."""
    known = [source.dataset for source in system.roots]
    for contract in system.contracts:
        if contract.dataset not in known:
            near = get_close_matches(contract.dataset, known, n=1)
            raise ContractError(
                "of-no-source",
                dataset=contract.dataset,
                file=contract.file,
                known=known,
                nearest=near[0] if near else "",
            )
