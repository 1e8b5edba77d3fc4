"""Brings data in: sources into datasets, logged answers and outcomes too, and all of it before those who look up."""

from __future__ import annotations

import json
import logging
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace

from tidemill.errors import BusyError, ModelError, StoreError
from tidemill.facts.data import DatasetVersion
from tidemill.facts.event import Event
from tidemill.facts.ids import version_name
from tidemill.facts.release import LIVE, Arm, Policy, Release
from tidemill.features.online import space
from tidemill.lifecycle.extract import push
from tidemill.lifecycle.extract import stage as extracting
from tidemill.loop.contract import guarded
from tidemill.loop.street import Street
from tidemill.ports.context import Context
from tidemill.predict.bundle import signature_of
from tidemill.spec.declaration import Declaration
from tidemill.spec.needs import readers
from tidemill.spec.source import Source
from tidemill.spec.view import Lookup

LOG = logging.getLogger(__name__)
PREDICTIONS, OUTCOMES = "_predictions", "_outcomes"
LOGGED = (PREDICTIONS, OUTCOMES)
"""Datasets of what the server answered and of outcomes that were posted to it."""
EVERYTHING = (extracting.SOURCE, extracting.PUSHED)
WAITING = frozenset({"validated", *LIVE})
"""States of versions that may come into traffic by themselves."""
TRIES = 3
"""So often a source is read when another process commits its next version first."""


def extracted(
    system: Declaration, source: Source, ctx: Context, street: Street, parts: tuple[str, ...] = EVERYTHING
) -> DatasetVersion:
    """The source's newest version, after reading what it has now; not yet in the ledger. `parts`: of the stage's given.

    What the stage raises; StoreError `version-taken` when other processes were faster several times. Rows that break
    the dataset's contract where it says so are put aside; ContractError `file-unread` where it cannot be read.
    """
    source = guarded(system, source)
    for attempt in range(1, TRIES + 1):
        given = extracting.Given(
            system=system.name,
            zone=system.zone,
            source=source,
            previous=adopted(source.dataset, ctx),
            now_us=ctx.clock.now_us(),
            parts=parts,
            reads=readers(system, source.dataset),
        )
        try:
            return street.extract(given, ctx)[0]
        except StoreError as error:
            if error.code != "store.version-taken" or attempt == TRIES:
                raise
    raise AssertionError(source.dataset)


def adopted(dataset: str, ctx: Context) -> DatasetVersion | None:
    """The newest version by its manifest, which is the truth; the ledger gets its row if a crash kept it from that.

    A manifest that is lost or damaged is written again from that row.
    """
    newest = restored(dataset, ctx)
    if newest is not None and ctx.ledger.get(DatasetVersion, newest.system, dataset, newest.number) is None:
        ctx.ledger.commit(newest)
    return newest


def restored(dataset: str, ctx: Context) -> DatasetVersion | None:
    """The newest version, its manifest written again if the ledger has it and the lake lost it."""
    recorded = next(iter(ctx.ledger.find(DatasetVersion, newest=1, dataset=dataset)), None)
    try:
        newest = ctx.tables.newest(dataset)
    except StoreError as error:
        if recorded is None or error.code != "store.manifest-corrupt":
            raise
        newest = None
    if recorded is None or (newest is not None and newest.number >= recorded.number):
        return newest
    ctx.tables.restore(recorded)
    event = Event(
        at_us=ctx.clock.now_us(),
        system=recorded.system,
        code="event.manifest-restored",
        subject=recorded.name,
        fields={"version": recorded.name},
    )
    ctx.ledger.commit(events=[event])
    return ctx.tables.newest(dataset)


def poll(system: Declaration, source: Source, ctx: Context, street: Street) -> DatasetVersion | None:
    """Reads a source: its version if that is new, with its line in the diary, or None."""
    before = adopted(source.dataset, ctx)
    version = extracted(system, source, ctx, street)
    if before is not None and version.number == before.number:
        return None
    event = Event(
        at_us=ctx.clock.now_us(),
        system=system.name,
        code="event.extracted",
        subject=version.name,
        fields={"version": version.name, "rows": version.new_rows, "put_aside": version.put_aside or None},
    )
    ctx.ledger.commit(version, events=[event])
    return version


def was_pushed(source: Source, ctx: Context) -> bool:
    """Whether the server took rows of the source that were not read yet; before its first version they can wait."""
    newest = ctx.tables.newest(source.dataset)
    cursor = {} if newest is None else json.loads(newest.cursor or "{}")
    return newest is not None and bool(
        ctx.journal.read(f"events/{source.dataset}", cursor.get(extracting.PUSHED, ""), 1)[0]
    )


def poll_pushed(system: Declaration, source: Source, ctx: Context, street: Street) -> DatasetVersion | None:
    """Lands what was pushed, without asking the source: a version if there was any.

    The diary does not tell of it: there would be a line for every few rows.
    """
    before = adopted(source.dataset, ctx)
    version = extracted(system, source, ctx, street, parts=(extracting.PUSHED,))
    if before is not None and version.number == before.number:
        return None
    ctx.ledger.commit(version)
    return version


def land_log(system: Declaration, ctx: Context, street: Street) -> tuple[DatasetVersion, ...]:
    """The datasets of answers and posted outcomes, with what the journal had beyond them."""
    found = []
    for dataset in LOGGED:
        before = adopted(dataset, ctx)
        version = street.land(dataset, system.name, ctx.clock.now_us(), ctx)
        if version is not None and (before is None or version.number != before.number):
            ctx.ledger.commit(version)
        if version is not None:
            found.append(version)
    return tuple(found)


def newest(system: Declaration, ctx: Context) -> tuple[DatasetVersion, ...]:
    """The newest version of every source that has one."""
    found = (ctx.tables.newest(source.dataset) for source in system.roots)
    return tuple(version for version in found if version is not None)


def all_newest(system: Declaration, ctx: Context) -> tuple[DatasetVersion, ...]:
    """The newest version of every source and of the log of answers and outcomes, of those that have one."""
    logged = (ctx.tables.newest(dataset) for dataset in LOGGED)
    return (*newest(system, ctx), *(version for version in logged if version is not None))


def bring_up(system: Declaration, ctx: Context, street: Street, also: Sequence[Lookup] = ()) -> tuple[str, ...]:
    """Brings what answering looks up, and these views, to the newest versions; names of the spaces that moved.

    BusyError `online-written-elsewhere` when another process has the online store: then that one does it.
    """
    given = push.Given(
        system=system,
        versions=newest(system, ctx),
        now_us=ctx.clock.now_us(),
        answering=(*answering(system, ctx), *also),
    )
    return street.push(given, ctx)


def bring_views_up(system: Declaration, ctx: Context, street: Street) -> tuple[str, ...]:
    """As `bring_up`, but for the lists of candidates: these are made anew as a whole."""
    return bring_up(replace(system, endpoints=()), ctx, street)


def answering(system: Declaration, ctx: Context) -> tuple[Lookup, ...]:
    """What versions look up that answer, are on their way to it, or would again after a roll-back."""
    policies = ctx.ledger.find(Policy, system=system.name)
    bundles = [arm.bundle for policy in policies for arm in arms(policy)]
    bundles += [policy.previous.bundle for policy in policies if policy.previous is not None]
    waiting = (release for release in ctx.ledger.find(Release, system=system.name) if release.state in WAITING)
    bundles += [release.bundle for release in waiting]
    return tuple(view for bundle in dict.fromkeys(bundles) for view in lookups(bundle, ctx))


def arms(policy: Policy | None) -> tuple[Arm, ...]:
    """Those that have traffic by the policy."""
    return () if policy is None else tuple(arm for arm in (policy.champion, policy.challenger) if arm is not None)


def lookups(bundle: str, ctx: Context) -> tuple[Lookup, ...]:
    """What the version looks up. One that cannot be read, and so by no worker either, is passed over."""
    try:
        return signature_of(bundle, ctx.blobs).lookups
    except (StoreError, ModelError) as error:
        LOG.warning("what the version %s looks up is not known: %s", bundle, error)
        return ()


def demand_there(system: Declaration, after: Policy, before: Policy | None, ctx: Context, street: Street) -> None:
    """Whoever comes into traffic finds the records that it looks up: they are filled now, or there.

    BusyError `online-not-there` while they are not and another process writes the store.
    """
    known = {arm.bundle for arm in arms(before)}
    for arm in arms(after):
        views = () if arm.bundle in known else lookups(arm.bundle, ctx)
        if all(is_there(view, ctx) for view in views):
            continue
        with suppress(BusyError):
            bring_up(replace(system, endpoints=()), ctx, street, also=views)
        for view in views:
            if not is_there(view, ctx):
                raise BusyError("online-not-there", version=version_name(after.model, arm.ordinal), view=view.name)


def is_there(view: Lookup, ctx: Context) -> bool:
    """Whether the view's records can be looked up, or there is nothing to make them of."""
    newest = ctx.tables.newest(view.source.dataset)
    return newest is None or not newest.files or ctx.online.mark(space(view)) != ""


def follow(system: Declaration, ctx: Context, street: Street) -> None:
    """Brings what answering looks up to what was extracted, unless a loop is at work: then that does it."""
    try:
        bring_up(system, ctx, street)
    except BusyError as error:
        LOG.info("left to the loop: %s", error)
