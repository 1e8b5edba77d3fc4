"""The stable hash of a key is the first 8 bytes of the md5 of its text, the same in the engine and in Python."""

from __future__ import annotations

import hashlib

import pyarrow as pa
from hypothesis import given
from hypothesis import strategies as st

from tests.street import COMPUTE
from tidemill.features.plan import hash_share, key_text

texts = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00"), max_size=12)
keys = st.lists(st.tuples(st.none() | texts, st.none() | st.integers(-(2**63), 2**63 - 1)), min_size=1, max_size=30)


def below(word: str | None, number: int | None, share: float) -> bool:
    """By hashlib: nulls are empty texts, a unit separator stands between."""
    text = f"{word or ''}\x1f{'' if number is None else number}"
    return int.from_bytes(hashlib.md5(text.encode(), usedforsecurity=False).digest()[:8], "big") < int(share * 2**64)


@given(keys=keys, share=st.floats(0.0, 1.0))
def test_a_share_holds_for_the_very_same_keys_in_the_engine_and_in_python(
    keys: list[tuple[str | None, int | None]], share: float
) -> None:
    rows = pa.table({
        "word": pa.array([word for word, _ in keys], pa.string()),
        "number": pa.array([number for _, number in keys], pa.int64()),
    })  # fmt: skip
    found = COMPUTE.query(f"select {hash_share(('word', 'number'), share)} as below from rows", {"rows": rows})
    expected = [below(word, number, share) for word, number in keys] if share < 1.0 else [True] * len(keys)
    assert found["below"].to_pylist() == expected


def test_the_text_of_a_key_keeps_its_columns_apart() -> None:
    rows = pa.table({"a": ["x", "xy"], "b": ["yz", "z"]})
    found = COMPUTE.query(f"select {key_text(('a', 'b'))} as text from rows", {"rows": rows})["text"].to_pylist()
    assert found == ["x\x1fyz", "xy\x1fz"]
