"""The manifest of a dataset version: one JSON text that proves itself, and the version it stands for."""

from __future__ import annotations

from dataclasses import replace
from hashlib import sha256

import msgspec

from tidemill.errors import StoreError
from tidemill.facts.codec import canonical
from tidemill.facts.data import DatasetVersion
from tidemill.facts.kinds import reader
from tidemill.ports.tables import Draft

FORMAT = 1


class Manifest(msgspec.Struct, forbid_unknown_fields=False):
    """`digest`: SHA-256 of the bytes of `version`, which is the DatasetVersion with an empty `manifest` field."""

    v: int
    digest: str
    version: msgspec.Raw


def following(draft: Draft, parent: DatasetVersion | None) -> DatasetVersion:
    """The version after `parent` (the first, without): all its files and the draft's; `manifest` is its digest."""
    files, rejected = (parent.files, parent.rejected) if parent else ((), ())
    version = DatasetVersion(
        system=draft.system,
        dataset=draft.dataset,
        number=parent.number + 1 if parent else 1,
        manifest="",
        parent=parent.manifest if parent else None,
        content=draft.content,
        rows=sum(file.rows for file in (*files, *draft.files)),
        put_aside=sum(file.rows for file in (*rejected, *draft.rejected)),
        new_rows=sum(file.rows for file in draft.files),
        cursor=draft.cursor,
        watermark_us=draft.watermark_us,
        columns=draft.columns,
        files=(*files, *draft.files),
        rejected=(*rejected, *draft.rejected),
        findings=draft.findings,
        again=draft.again,
        at_us=draft.at_us,
    )
    return replace(version, manifest=_digest(version))


def encode(version: DatasetVersion) -> bytes:
    """The manifest's text."""
    body = canonical(replace(version, manifest=""))
    return msgspec.json.encode(Manifest(v=FORMAT, digest=sha256(body).hexdigest(), version=msgspec.Raw(body)))


def proven(version: DatasetVersion, where: str) -> DatasetVersion:
    """The version, if it is what its digest says. StoreError `manifest-corrupt`."""
    if _digest(version) != version.manifest:
        raise StoreError("manifest-corrupt", path=where, reason="the record to restore it from tells otherwise")
    return version


def decode(data: bytes, where: str) -> DatasetVersion:
    """The version of a manifest's text. StoreError `manifest-corrupt` when it is not what was written."""
    try:
        manifest = msgspec.json.decode(data, type=Manifest)
        if manifest.v != FORMAT or sha256(manifest.version).hexdigest() != manifest.digest:
            raise StoreError("manifest-corrupt", path=where, reason="its digest tells otherwise")
        version: DatasetVersion = reader.read(bytes(manifest.version))
    except (msgspec.MsgspecError, UnicodeDecodeError, TypeError) as error:
        raise StoreError("manifest-corrupt", path=where, reason=str(error)) from error
    return replace(version, manifest=manifest.digest)


def _digest(version: DatasetVersion) -> str:
    return sha256(canonical(replace(version, manifest=""))).hexdigest()
