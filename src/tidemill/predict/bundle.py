"""A bundle opened: everything that one version needs to answer, each file verified by its digest."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from tidemill.errors import ModelError
from tidemill.facts.codec import Reader
from tidemill.measure.bins import Bins
from tidemill.measure.drift import Reference
from tidemill.ports.blobs import Blobs
from tidemill.predict.signature import Signature, reader

VERSION = 1
SIGNATURE = "bundle.json"
REFERENCE = "reference.json"

drift_reader = Reader((Reference, Bins))


@dataclass(frozen=True, slots=True, kw_only=True)
class Bundle:
    """Files by name, `bundle.json` read as the signature. `digest` is the version's identity."""

    digest: str
    signature: Signature
    files: Mapping[str, bytes]

    @property
    def references(self) -> Mapping[str, Reference]:
        """What each feature looked like in training, by its name; read anew each time."""
        found: dict[str, Reference] = drift_reader.read(self.files.get(REFERENCE, b"{}"))
        return found


def open_bundle(digest: str, blobs: Blobs) -> Bundle:
    """The bundle with that digest.

    StoreError `blob-missing`, `blob-corrupt`; ModelError `bundle-broken`, `bundle-newer`.
    """
    return _read(digest, blobs, only=())


def signature_of(digest: str, blobs: Blobs) -> Signature:
    """The signature alone, without reading the model. Errors as `open_bundle`."""
    return _read(digest, blobs, only=(SIGNATURE,)).signature


def files_of(digest: str, blobs: Blobs) -> Mapping[str, str]:
    """Digests of the bundle's files by name, none of them read. Errors as `open_bundle`."""
    try:
        return _manifest(digest, blobs.get(digest))
    except (ValueError, TypeError, KeyError) as error:
        raise _broken(digest, error) from error


def _read(digest: str, blobs: Blobs, only: Sequence[str]) -> Bundle:
    """The bundle with these files (none: all)."""
    try:
        named = files_of(digest, blobs).items()
        files = {name: blobs.get(one) for name, one in named if not only or name in only}
        signature = reader.read(files[SIGNATURE])
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise _broken(digest, error) from error
    if not isinstance(signature, Signature):
        raise ModelError("bundle-broken", digest=digest, words=SIGNATURE)
    return Bundle(digest=digest, signature=signature, files=files)


def _broken(digest: str, error: Exception) -> ModelError:
    return ModelError("bundle-broken", digest=digest, words=f"{type(error).__name__}: {error}")


def _manifest(digest: str, data: bytes) -> Mapping[str, str]:
    """Digests by file name. ModelError `bundle-newer` when a later Tidemill wrote it."""
    manifest: dict[str, Any] = json.loads(data)
    if manifest["v"] > VERSION:
        raise ModelError("bundle-newer", digest=digest, found=manifest["v"], known=VERSION)
    files: dict[str, str] = manifest["files"]
    return files
