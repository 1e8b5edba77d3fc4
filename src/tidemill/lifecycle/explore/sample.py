"""The landed rows of a version as rules are inferred from them: in order of time, without deleted ones."""

from __future__ import annotations

import pyarrow.compute as pc

from tidemill.errors import DataError
from tidemill.facts.data import DatasetVersion
from tidemill.lifecycle.explore.landed import column_of
from tidemill.measure.contract.infer import Sample
from tidemill.ports.tables import BATCH, OP, Tables
from tidemill.spec.source import Source


def sample_of(version: DatasetVersion, source: Source, tables: Tables, now_us: int) -> Sample:
    """The version's landed rows in order of time. DataError `nothing-landed` where there is none."""
    if not version.files:
        raise DataError("nothing-landed", version=version.name, dataset=version.dataset, rows=version.put_aside or None)
    rows = tables.read(version.files)
    rows = rows.filter(pc.not_equal(rows[OP], "D")).sort_by(source.time)
    kinds = {column.name: column.type for column in version.columns if column.name in rows.column_names}
    return Sample(
        columns={name: column_of(rows[name]) for name in kinds},
        types=kinds,
        key=source.key,
        time=source.time,
        batch=column_of(rows[BATCH]),
        put_aside=version.put_aside,
        now_us=now_us,
    )
