"""Follows the routing policy: a new version is proven in a child, loaded beside the old one, then put in its place."""

from __future__ import annotations

import asyncio
import json
import logging
import sys
import time
from collections.abc import Callable, Coroutine, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from tidemill.app.answer import (
    LOADED,
    REFUSED,
    Desk,
    Line,
    Served,
    Unloadable,
    arm_here,
    load,
    policies,
    read,
)
from tidemill.errors import ModelError, StoreError, TidemillError
from tidemill.facts.data import Value
from tidemill.facts.ids import version_name
from tidemill.facts.release import Arm, Policy

EVERY_S = 0.25
PROOF_S = 60.0
RETRY_S = 5.0
"""How often a version whose files were lost is looked for again: they may have been restored."""
RETRY_MOST_S = 300.0
LATE = "model.proof-late"
"""It did not answer in time, which says as much of the machine: it is proven again, after a longer time each time."""

log = logging.getLogger(__name__)

Prove = Callable[[str], Coroutine[Any, Any, None]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusal:
    """Why a bundle could not be loaded; from when on (monotonic seconds) it may be tried again.

    `tries`: how often it was; `told`: whether the diary has it.
    """

    code: str
    again: float
    tries: int = 1
    told: bool = False


class Follower:
    """Keeps a desk's lines as the ledger wants them. A version that cannot be loaded changes nothing but the diary.

    The diary is told, too, when such a version is loaded after all, by this follower or by the first one after it.
    """

    def __init__(self, desk: Desk, prove: Prove, *, retry_s: float = RETRY_S) -> None:
        self._desk, self._prove, self._retry_s = desk, prove, retry_s
        self._seen: int | None = None
        self._loaded: dict[str, Served] = {}
        self._refused: dict[str, Refusal] = {}

    async def turn(self) -> bool:
        """Applies the policies if anything was committed since the last turn; whether they were looked at.

        They are too when a version that was lost may be there again.
        """
        number = self._desk.stores.ledger.change_number()
        if number == self._seen and all(one.again > time.monotonic() for one in self._refused.values()):
            return False
        await self.apply(policies(self._desk.stores, self._desk.seat))
        self._seen = number
        return True

    async def apply(self, wanted: Iterable[Policy]) -> None:
        """Loads what is new, puts it in place in one store, then frees what no policy may need again.

        A ledger that has never heard of a model that answers here is no word about it: it may be new, its file lost.
        """
        wanted = tuple(wanted)
        said = {policy.model for policy in wanted}
        lines = {model: line for model, line in self._desk.lines.by_model.items() if model not in said}
        empty: dict[str, Unloadable] = {}
        kept: set[str] = set()
        for policy in wanted:
            arm = arm_here(policy, self._desk.seat)
            if arm is None:
                continue
            kept |= {one.bundle for one in (arm, policy.previous) if one is not None}
            found = await self._served(policy, arm)
            if found is None:
                version = version_name(policy.model, arm.ordinal)
                empty[policy.model] = Unloadable(version=version, error=self._refused[arm.bundle].code)
            else:
                lines[policy.model] = Line(policy=policy, served=found)
        self._desk.lines.put(lines, empty)
        self._refused = {bundle: one for bundle, one in self._refused.items() if bundle in kept}
        kept |= {line.served.bundle for line in lines.values()}
        for bundle in self._loaded.keys() - kept:
            self._loaded.pop(bundle).close()

    def close(self) -> None:
        """Frees all models."""
        for one in self._loaded.values():
            one.close()
        self._loaded.clear()

    async def _served(self, policy: Policy, arm: Arm) -> Served | None:
        """The arm's version; else the one that answered until now; else, at the start, the one before it."""
        found = await self._loading(policy, arm)
        if found is not None:
            return found
        current = self._desk.lines.by_model.get(policy.model)
        if current is not None:
            found = current.served
        elif policy.previous:
            found = await self._loading(policy, policy.previous)
        for one in (arm, policy.previous):
            refused = self._refused.get(one.bundle) if one is not None else None
            if one is not None and refused is not None and not refused.told:
                self._refused[one.bundle] = replace(refused, told=True)
                fields = {"error": refused.code, "answers": None if found is None else found.version}
                self._note(REFUSED, policy.model, one, fields)
        return found

    async def _loading(self, policy: Policy, arm: Arm) -> Served | None:
        """The version, loaded; None when it is refused. A bundle served alone must load."""
        if arm.bundle not in self._loaded:
            before = self._refused.get(arm.bundle)
            if before is not None and before.again > time.monotonic():
                return None
            version, blobs = version_name(policy.model, arm.ordinal), self._desk.stores.blobs
            try:
                await asyncio.to_thread(read, blobs, arm.bundle)
                await self._prove(arm.bundle)
                self._loaded[arm.bundle] = await asyncio.to_thread(load, blobs, version, arm.bundle)
            except TidemillError as error:
                if self._desk.seat.bundle:
                    raise
                log.log(logging.INFO if before else logging.WARNING, "%s is refused: %s", version, error)
                self._refused[arm.bundle] = self._again(error, before)
                return None
            refused = self._refused.pop(arm.bundle, None)
            if refused is not None or (self._seen is None and self._desk.is_refused(version)):
                self._note(LOADED, policy.model, arm, {})
        return self._loaded[arm.bundle]

    def _again(self, error: TidemillError, before: Refusal | None) -> Refusal:
        """The refusal, the first one or one more: what is not the version's own fault is tried again."""
        tries = before.tries + 1 if before else 1
        wait = self._retry_s if isinstance(error, StoreError) else float("inf")
        if error.code == LATE:
            wait = min(self._retry_s * 2 ** (tries - 1), RETRY_MOST_S)
        told = before is not None and before.told and before.code == error.code
        return Refusal(code=error.code, again=time.monotonic() + wait, tries=tries, told=told)

    def _note(self, code: str, model: str, arm: Arm, fields: Mapping[str, Value]) -> None:
        """A line in the diary about the version."""
        version = version_name(model, arm.ordinal)
        try:
            self._desk.note(code, version, {"model": model, "version": version, **fields})
        except TidemillError as full:
            log.warning("the diary does not take it: %s", full)


def prover(home: Path) -> Prove:
    """Proves a bundle once per home, in a child: a damaged model file can kill the process that parses it."""

    async def prove(digest: str) -> None:
        marker = home / "tmp" / "proven" / digest
        if marker.exists():
            return
        argv = [sys.executable, "-m", "tidemill.interfaces.worker", "--home", str(home), "--prove", digest]
        child = await asyncio.create_subprocess_exec(*argv, stdout=asyncio.subprocess.PIPE)
        try:
            async with asyncio.timeout(PROOF_S):
                told, _ = await child.communicate()
        except TimeoutError as error:
            child.kill()
            await child.wait()
            raise ModelError("proof-late", bundle=digest, seconds=PROOF_S) from error
        if child.returncode != 0:
            raise ModelError("not-proven", bundle=digest, reason=why(child.returncode, told))
        with suppress(OSError):  # On a full disk it is proven again the next time.
            marker.parent.mkdir(parents=True, exist_ok=True)
            marker.touch()

    return prove


def why(status: int | None, told: bytes) -> str:
    """What the child said of it, or how it ended."""
    try:
        return str(json.loads(told)["code"])
    except (ValueError, KeyError, TypeError):
        return f"the process that loaded it ended with status {status}"
