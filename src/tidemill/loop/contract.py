"""The data gate of a run: from which version on rows are judged, and the one error that stops it before training."""

from __future__ import annotations

from collections.abc import Iterable

from tidemill.errors import ContractError, DataError
from tidemill.facts.codec import digest
from tidemill.facts.data import DatasetVersion, Kept, Profile
from tidemill.loop.parts import Parts
from tidemill.measure.contract.judge import told
from tidemill.ports.ledger import Ledger
from tidemill.spec.contract.aside import promising
from tidemill.spec.contract.record import Contract
from tidemill.spec.declaration import Declaration
from tidemill.spec.source import Source
from tidemill.tell.words import sentence


def guarded(system: Declaration, source: Source) -> Source:
    """The source with what its contract puts rows aside for. ContractError `file-unread` for one with flaws."""
    contract = system.contract(source.dataset)
    if contract is not None and contract.flaws:
        mistakes = [f"{flaw.place}: {sentence(flaw.code, dict(flaw.fields))}" for flaw in contract.flaws]
        raise ContractError(
            "file-unread", file=contract.file, count=len(mistakes), first=mistakes[0], mistakes=tuple(mistakes)
        )
    return promising(source, contract)


def accepted(version: DatasetVersion, contract: Contract | None, ledger: Ledger) -> Profile | None:
    """The profile of the last version before this one that passed, None if none did or there is no contract.

    The version that the contract was made from passed by a person's review, if no contract had judged it.
    """
    if contract is None:
        return None
    found = ledger.find(Profile, system=version.system, dataset=version.dataset)
    passed = [each for each in found if each.number < version.number and passes(each, contract)]
    return max(passed, key=lambda profile: profile.number, default=None)


def passes(profile: Profile, contract: Contract) -> bool:
    """Whether its rows need no second look."""
    if profile.contract is None:
        return f"{profile.dataset}@v{profile.number}" == contract.seen
    return profile.contract.outcome != "stopped"


def made_of(contract: Contract | None, before: Profile | None, version: DatasetVersion, now_us: int) -> Parts:
    """What of a stage's key the contract is: its rules, the version that passed, and whether the newest row is old."""
    if contract is None:
        return {}
    fresh = contract.rule("fresh")
    stale = fresh is not None and now_us - version.watermark_us > (fresh.most or 0)
    return {
        "declared:contract": digest(contract.rules),
        "input:accepted": before.manifest if before else "",
        "input:stale": str(stale).lower(),
    }


def demand(profiles: Iterable[Profile]) -> None:
    """DataError `contract-broken` for the first rule that ends a run and is broken."""
    broken = [(profile, rule) for profile in profiles for rule in stopping(profile)]
    if broken:
        profile, rule = broken[0]
        report = profile.contract
        raise DataError(
            "contract-broken",
            version=f"{profile.dataset}@v{profile.number}",
            dataset=profile.dataset,
            file=report.file if report else "",
            more=len(broken) - 1 or None,
            **told(rule),
        )


def stopping(profile: Profile) -> tuple[Kept, ...]:
    """The broken rules that end a run."""
    rules = profile.contract.rules if profile.contract else ()
    return tuple(rule for rule in rules if rule.outcome == "broken" and rule.breaks == "stop")
