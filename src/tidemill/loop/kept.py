"""Whether what facts point to can still be read back: a result whose file was lost is made anew, not taken for done."""

from __future__ import annotations

from collections.abc import Iterable

from tidemill.errors import StoreError
from tidemill.facts.data import TrainingSet
from tidemill.facts.fact import Fact
from tidemill.facts.model import Evaluation, ModelVersion
from tidemill.ports.blobs import Blobs
from tidemill.predict.bundle import files_of

LOST = frozenset({"store.blob-missing", "store.blob-corrupt"})


def lost(facts: Iterable[Fact], blobs: Blobs) -> StoreError | None:
    """What is wrong with the first blob of theirs that is gone or damaged; None when all are whole."""
    try:
        for digest in (digest for fact in facts for digest in pointed_to(fact, blobs)):
            blobs.get(digest)
    except StoreError as error:
        if error.code not in LOST:
            raise
        return error
    return None


def pointed_to(fact: Fact, blobs: Blobs) -> tuple[str, ...]:
    """Digests of what the fact cannot do without."""
    if isinstance(fact, ModelVersion):
        return tuple(files_of(fact.bundle, blobs).values())
    if isinstance(fact, TrainingSet):
        return (fact.blob, fact.frame, *fact.slices)
    return (fact.blob,) if isinstance(fact, Evaluation) and fact.blob else ()
