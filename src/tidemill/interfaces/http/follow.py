"""Follows the routing policy: a new version is proven in a child, loaded beside the old one, then put in its place."""

from __future__ import annotations

import asyncio
import json
import logging
import sys
from collections.abc import Callable, Coroutine, Iterable
from pathlib import Path
from typing import Any

from tidemill.app.answer import Desk, Line, Served, arm_here, load, policies
from tidemill.errors import ModelError, TidemillError
from tidemill.facts.ids import version_name
from tidemill.facts.release import Arm, Policy

EVERY_S = 0.25
PROOF_S = 60.0

log = logging.getLogger(__name__)

Prove = Callable[[str], Coroutine[Any, Any, None]]


class Follower:
    """Keeps a desk's lines as the ledger wants them. A version that cannot be loaded changes nothing but the diary."""

    def __init__(self, desk: Desk, prove: Prove) -> None:
        self._desk, self._prove = desk, prove
        self._seen: int | None = None
        self._loaded: dict[str, Served] = {}
        self._refused: set[str] = set()

    async def turn(self) -> bool:
        """Applies the policies if anything was committed since the last turn; whether they were looked at."""
        number = self._desk.stores.ledger.change_number()
        if number == self._seen:
            return False
        await self.apply(policies(self._desk.stores, self._desk.seat))
        self._seen = number
        return True

    async def apply(self, wanted: Iterable[Policy]) -> None:
        """Loads what is new, puts it in place in one store, then frees what no policy may need again."""
        lines: dict[str, Line] = {}
        empty: set[str] = set()
        kept: set[str] = set()
        for policy in wanted:
            arm = arm_here(policy, self._desk.seat)
            if arm is None:
                continue
            kept |= {one.bundle for one in (arm, policy.previous) if one is not None}
            found = await self._served(policy, arm)
            if found is None:
                empty.add(policy.model)
            else:
                lines[policy.model] = Line(policy=policy, served=found)
        self._desk.lines.put(lines, frozenset(empty))
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
            return current.served
        return await self._loading(policy, policy.previous) if policy.previous else None

    async def _loading(self, policy: Policy, arm: Arm) -> Served | None:
        """The version, loaded; None when it is damaged, which is noted once. A bundle served alone must load."""
        version = version_name(policy.model, arm.ordinal)
        if arm.bundle in self._refused:
            return None
        if arm.bundle not in self._loaded:
            try:
                await self._prove(arm.bundle)
                self._loaded[arm.bundle] = await asyncio.to_thread(load, self._desk.stores.blobs, version, arm.bundle)
            except TidemillError as error:
                if self._desk.seat.bundle:
                    raise
                self._refused.add(arm.bundle)
                log.warning("%s is refused: %s", version, error)
                fields = {"model": policy.model, "version": version, "error": error.code}
                self._desk.note("event.bundle-refused", version, fields)
                return None
        return self._loaded[arm.bundle]


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
            raise ModelError("not-proven", bundle=digest, reason=f"no answer within {PROOF_S:g} seconds") from error
        if child.returncode != 0:
            raise ModelError("not-proven", bundle=digest, reason=why(child.returncode, told))
        marker.parent.mkdir(parents=True, exist_ok=True)
        marker.touch()

    return prove


def why(status: int | None, told: bytes) -> str:
    """What the child said of it, or how it ended."""
    try:
        return str(json.loads(told)["code"])
    except (ValueError, KeyError, TypeError):
        return f"the process that loaded it ended with status {status}"
