"""Brings data in: sources into datasets, logged answers and outcomes too, and all of it before those who look up."""

from __future__ import annotations

import json
import logging
from dataclasses import replace

from tidemill.errors import BusyError, ModelError, StoreError
from tidemill.facts.data import DatasetVersion
from tidemill.facts.event import Event
from tidemill.facts.release import Policy
from tidemill.lifecycle.extract import push
from tidemill.lifecycle.extract import stage as extracting
from tidemill.loop.contract import guarded
from tidemill.loop.street import Street
from tidemill.ports.context import Context
from tidemill.predict.bundle import signature_of
from tidemill.spec.declaration import Declaration
from tidemill.spec.source import Source
from tidemill.spec.view import Lookup

LOG = logging.getLogger(__name__)
PREDICTIONS, OUTCOMES = "_predictions", "_outcomes"
LOGGED = (PREDICTIONS, OUTCOMES)
"""Datasets of what the server answered and of outcomes that were posted to it."""
EVERYTHING = (extracting.SOURCE, extracting.PUSHED)
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


def bring_up(system: Declaration, ctx: Context, street: Street) -> tuple[str, ...]:
    """Brings what answering looks up to the newest versions; names of the spaces that moved.

    BusyError `online-written-elsewhere` when another process has the online store: then that one does it.
    """
    given = push.Given(
        system=system, versions=newest(system, ctx), now_us=ctx.clock.now_us(), answering=answering(system, ctx)
    )
    return street.push(given, ctx)


def bring_views_up(system: Declaration, ctx: Context, street: Street) -> tuple[str, ...]:
    """As `bring_up`, but for the lists of candidates: these are made anew as a whole."""
    return bring_up(replace(system, endpoints=()), ctx, street)


def answering(system: Declaration, ctx: Context) -> tuple[Lookup, ...]:
    """What the versions in traffic look up. One that cannot be read, and so by no worker either, is passed over."""
    found: list[Lookup] = []
    for policy in ctx.ledger.find(Policy, system=system.name):
        for arm in (policy.champion, policy.challenger, policy.previous):
            try:
                found += signature_of(arm.bundle, ctx.blobs).lookups if arm is not None else ()
            except (StoreError, ModelError) as error:
                LOG.warning("what a version of %s looks up is not known: %s", policy.model, error)
    return tuple(found)


def follow(system: Declaration, ctx: Context, street: Street) -> None:
    """Brings what answering looks up to what was extracted, unless a loop is at work: then that does it."""
    try:
        bring_up(system, ctx, street)
    except BusyError as error:
        LOG.info("left to the loop: %s", error)
