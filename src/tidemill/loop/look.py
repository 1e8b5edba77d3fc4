"""Looks at one source outside of any run: what it has now lands, and what is odd about it is written down."""

from __future__ import annotations

from tidemill.facts.data import DatasetVersion, Profile
from tidemill.lifecycle.explore.given import Given
from tidemill.loop.contract import accepted
from tidemill.loop.horizon import outcome_datasets
from tidemill.loop.intake import extracted
from tidemill.loop.street import STREET, Street
from tidemill.ports.context import Context
from tidemill.spec.declaration import Declaration
from tidemill.spec.label import Candidates
from tidemill.spec.source import Source


def look(system: Declaration, source: Source, ctx: Context, *, street: Street = STREET) -> Profile:
    """The profile of the source's newest rows, read now and committed with their version.

    What extraction and exploration raise.
    """
    return look_at(system, source, extracted(system, source, ctx, street), ctx, street=street)


def look_at(
    system: Declaration, source: Source, version: DatasetVersion, ctx: Context, *, street: Street = STREET
) -> Profile:
    """The profile of that version's rows, committed with it. What exploration raises."""
    given = Given(
        system=system,
        source=source,
        version=version,
        previous=looked_at_before(version, ctx),
        others=others(system, source, ctx),
        accepted=accepted(version, system.contract(version.dataset), ctx.ledger),
        now_us=ctx.clock.now_us(),
    )
    (profile,) = street.explore(given, ctx)
    ctx.ledger.commit(version, profile)
    return profile


def looked_at_before(version: DatasetVersion, ctx: Context) -> DatasetVersion | None:
    """The last version before this one that has a profile, of those that there are."""
    profiles = ctx.ledger.find(Profile, system=version.system, dataset=version.dataset)
    there = frozenset(ctx.tables.numbers(version.dataset))
    numbers = [profile.number for profile in profiles if profile.number < version.number and profile.number in there]
    return ctx.tables.version(version.dataset, max(numbers)) if numbers else None


def others(system: Declaration, source: Source, ctx: Context) -> tuple[DatasetVersion, ...]:
    """Datasets that bring the outcome of labels asked of this one, as far as they have landed."""
    asked = [label for label in system.labels if not isinstance(label.asked, Candidates)]
    own = [label for label in asked if getattr(label.asked, "dataset", "") == source.dataset]
    names = dict.fromkeys(name for label in own for name in outcome_datasets(label) if name != source.dataset)
    return tuple(version for name in names if (version := ctx.tables.newest(name)) is not None)
