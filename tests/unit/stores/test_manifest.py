"""A manifest proves itself: any other byte is noticed."""

from __future__ import annotations

import json
from dataclasses import replace
from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tidemill.errors import StoreError
from tidemill.facts.data import DataFile
from tidemill.stores.manifest import decode, encode, following
from tidemill.testing.tables import draft

VERSION = following(draft(DataFile(digest="f" * 64, rows=3, bytes=9, first_us=1, last_us=2)), None)


def test_comes_back_as_it_was() -> None:
    assert decode(encode(VERSION), "m") == VERSION


def test_its_digest_is_the_sha_256_of_the_version_within() -> None:
    text = encode(VERSION).decode()
    body = text[text.index('"version":') + len('"version":') : -1]
    assert sha256(body.encode()).hexdigest() == VERSION.manifest
    assert json.loads(body)["manifest"] == ""


@given(st.data())
def test_any_change_is_noticed(data: st.DataObject) -> None:
    text = bytearray(encode(VERSION))
    spot = data.draw(st.integers(0, len(text) - 1))
    if data.draw(st.booleans()):
        text[spot] ^= data.draw(st.integers(1, 255))
    else:
        del text[spot:]
    with pytest.raises(StoreError) as caught:
        decode(bytes(text), "lake/m.json")
    assert (caught.value.code, caught.value.fields["path"]) == ("store.manifest-corrupt", "lake/m.json")


@pytest.mark.parametrize("text", [b"", b"{}", b"[]", b"null", b'{"v":1,"digest":"x","version":{}}', b'{"v":2}'])
def test_what_is_no_manifest_is_corrupt(text: bytes) -> None:
    with pytest.raises(StoreError) as caught:
        decode(text, "m")
    assert caught.value.code == "store.manifest-corrupt"


def test_a_manifest_from_before_findings_were_kept_is_read() -> None:
    text = encode(VERSION).decode().replace('"findings":[],', "")
    assert "findings" not in text
    body = text[text.index('"version":') + len('"version":') : -1]
    older = text.replace(VERSION.manifest, sha256(body.encode()).hexdigest())
    assert replace(decode(older.encode(), "m"), manifest=VERSION.manifest) == VERSION


def test_a_field_of_a_newer_house_does_not_change_the_digest() -> None:
    text = encode(VERSION).decode().replace('"at_us":9', '"at_us":9,"later":1')
    body = text[text.index('"version":') + len('"version":') : -1]
    newer = text.replace(VERSION.manifest, sha256(body.encode()).hexdigest())
    assert decode(newer.encode(), "m") == replace(VERSION, manifest=sha256(body.encode()).hexdigest())
