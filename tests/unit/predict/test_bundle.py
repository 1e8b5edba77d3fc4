"""Bundles: what is packed comes out, the same model has the same name, and what is broken is said."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest

from tests.unit.predict.made import EVENING, SIGNATURE, saved
from tidemill.errors import ModelError, StoreError
from tidemill.facts.codec import canonical, digest
from tidemill.measure.column import read
from tidemill.measure.drift import reference
from tidemill.predict.bundle import open_bundle, signature_of
from tidemill.predict.pack import pack
from tidemill.predict.signature import Signature
from tidemill.spec.view import OnRequest
from tidemill.stores.memory.blobs import MemoryBlobs


def without_functions(signature: Signature) -> Signature:
    """As it is read back: code instead of functions, which JSON cannot hold."""
    views = tuple(replace(view, function=None) if isinstance(view, OnRequest) else view for view in signature.views)  # type: ignore[arg-type]  # what is read back has none
    return replace(signature, views=views)


def test_what_is_packed_comes_out_whole() -> None:
    blobs = MemoryBlobs()
    bundle = open_bundle(pack(SIGNATURE, saved(), {"notes.txt": b"hello"}, blobs), blobs)
    assert bundle.signature == without_functions(SIGNATURE)
    assert bundle.files["model.json"] == b'{"value": 0.25}'
    assert bundle.files["notes.txt"] == b"hello"
    assert bundle.files["functions.py"].decode() == EVENING.code
    assert bundle.files["requirements.txt"] == b""
    assert signature_of(bundle.digest, blobs) == bundle.signature


def test_the_digest_names_the_content_and_nothing_else() -> None:
    first, second = MemoryBlobs(), MemoryBlobs()
    digests = [pack(SIGNATURE, saved(), {}, blobs) for blobs in (first, second, second)]
    others = [pack(SIGNATURE, saved(0.5), {}, first), pack(replace(SIGNATURE, zone="UTC"), saved(), {}, first)]
    assert len(set(digests)) == 1
    assert len({*digests, *others}) == 3
    manifest = json.loads(first.get(digests[0]))
    assert manifest["v"] == 1
    assert digest(manifest) == digests[0]


def test_drift_references_come_back_as_they_were() -> None:
    blobs = MemoryBlobs()
    column = read(np.random.default_rng(0).normal(size=500))
    made = {"call.twice": reference(column)}
    bundle = open_bundle(pack(SIGNATURE, saved(), {"reference.json": canonical(made)}, blobs), blobs)
    assert canonical(bundle.references) == canonical(made)
    assert bundle.references["call.twice"].n == 500
    assert open_bundle(pack(SIGNATURE, saved(), {}, blobs), blobs).references == {}


@pytest.mark.parametrize(
    "manifest",
    [
        b"", b"not json", b"[]", b"{}", b'{"v": 1}', b'{"v": "x", "files": {}}', b'{"v": 1, "files": {}}',
        b'{"v": 1, "files": ["bundle.json"]}',
    ],
)  # fmt: skip
def test_a_manifest_that_is_none_is_called_broken(manifest: bytes) -> None:
    blobs = MemoryBlobs()
    name = blobs.put(manifest)
    with pytest.raises(ModelError) as caught:
        open_bundle(name, blobs)
    assert (caught.value.code, caught.value.fields["digest"]) == ("model.bundle-broken", name)


@pytest.mark.parametrize("contract", [b"", b"{}", b'{"is":"Signature"}', b'{"is":"Golden","request":{}}', b"3"])
def test_a_contract_that_cannot_be_read_is_called_broken(contract: bytes) -> None:
    blobs = MemoryBlobs()
    with pytest.raises(ModelError) as caught:
        open_bundle(blobs.put(canonical({"v": 1, "files": {"bundle.json": blobs.put(contract)}})), blobs)
    assert caught.value.code == "model.bundle-broken"


def test_a_bundle_of_a_later_house_is_told_from_a_broken_one() -> None:
    blobs = MemoryBlobs()
    with pytest.raises(ModelError) as caught:
        open_bundle(blobs.put(canonical({"v": 2, "files": {}})), blobs)
    assert (caught.value.code, caught.value.fields["found"]) == ("model.bundle-newer", 2)


def test_a_file_that_is_gone_is_the_stores_error() -> None:
    blobs = MemoryBlobs()
    with pytest.raises(StoreError) as caught:
        open_bundle(blobs.put(canonical({"v": 1, "files": {"bundle.json": "0" * 64}})), blobs)
    assert caught.value.code == "store.blob-missing"
