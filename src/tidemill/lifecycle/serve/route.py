"""Which arm answers: sticky by entity, exact by share, independent from one release to the next."""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import blake2b
from typing import Literal

from tidemill.facts.release import Policy

ArmName = Literal["champion", "challenger"]
SPAN = 1 << 64


def place(key: bytes, salt: str) -> float:
    """Where a key stands in [0, 1): BLAKE2b (RFC 7693) of 8 bytes, keyed by the hex salt of the release.

    Keyed, so that the customers of one canary are no more likely than others to be those of the next.
    """
    return int.from_bytes(blake2b(key, key=bytes.fromhex(salt), digest_size=8).digest(), "big") / SPAN


def arm_of(policy: Policy, key: bytes) -> ArmName:
    """Who answers this key. A growing share keeps those it had: the challenger has the places below its share."""
    challenger = policy.challenger
    if challenger is None or challenger.shadow or challenger.share <= 0.0:
        return "champion"
    return "challenger" if place(key, policy.salt) < challenger.share else "champion"


def chosen(policy: Policy, key: bytes, asked_for: str = "") -> ArmName:
    """The arm that a tester asked for by name if it lives, else that of the key."""
    if asked_for == "challenger" and policy.challenger is not None:
        return "challenger"
    return "champion" if asked_for == "champion" else arm_of(policy, key)


def sticky_key(values: Sequence[object], request: str) -> bytes:
    """What a request is routed by: the values of its sticky columns if they say anything, else the request's own id."""
    said = [str(value) for value in values if value is not None]
    return "\x1f".join(said).encode() if said else request.encode()
