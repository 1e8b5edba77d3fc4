"""What the explore stage is given."""

from __future__ import annotations

from dataclasses import dataclass

from tidemill.facts.data import DatasetVersion, Profile
from tidemill.spec.declaration import Declaration
from tidemill.spec.source import Source


@dataclass(frozen=True, slots=True, kw_only=True)
class Given:
    """One root source of a system with the version to look at and the one that was looked at before (None at first).

    `others`: versions of further datasets, for labels whose outcome another source brings; without them such a label's
    leak suspects are not searched for. `accepted`: of the last version that passed the dataset's contract; rows that
    landed after it are judged (None: all rows).
    """

    system: Declaration
    source: Source
    version: DatasetVersion
    previous: DatasetVersion | None
    now_us: int
    others: tuple[DatasetVersion, ...] = ()
    accepted: Profile | None = None
