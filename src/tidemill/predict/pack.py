"""Makes a bundle: the same model with the same contract always has the same digest."""

from __future__ import annotations

from collections.abc import Mapping

from tidemill.facts.codec import canonical
from tidemill.ports.blobs import Blobs
from tidemill.ports.flavor import Saved
from tidemill.predict.bundle import SIGNATURE, VERSION
from tidemill.predict.mlmodel import FILE as MLMODEL
from tidemill.predict.mlmodel import mlmodel
from tidemill.predict.signature import Signature
from tidemill.spec.view import OnRequest

REQUIREMENTS = "requirements.txt"
FUNCTIONS = "functions.py"


def pack(signature: Signature, saved: Saved, extras: Mapping[str, bytes], blobs: Blobs) -> str:
    """Puts all files and the manifest into the blobs and gives the manifest's digest, which names the bundle.

    `extras`: further files by name. StoreError `disk-full`; a bundle that was not put whole is never named.
    """
    files = {**saved.files, **extras, SIGNATURE: canonical(signature), REQUIREMENTS: _lines(saved.requirements)}
    if functions := [view.code for view in signature.views if isinstance(view, OnRequest)]:
        files[FUNCTIONS] = _lines(functions)
    if (text := mlmodel(signature)) is not None:
        files[MLMODEL] = text
    digests = {name: blobs.put(data) for name, data in files.items()}
    return blobs.put(canonical({"v": VERSION, "files": digests}))


def _lines(texts: list[str] | tuple[str, ...]) -> bytes:
    return "".join(f"{text.rstrip()}\n" for text in texts).encode()
