"""All mistakes of a declaration at once, each with its path, its line and the name that was probably meant."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from types import MappingProxyType

from tidemill.spec.declaration import Declaration
from tidemill.spec.examine.checks import check_checks
from tidemill.spec.examine.contracts import check_contracts
from tidemill.spec.examine.finding import Examination, Findings, Mistake, Note
from tidemill.spec.examine.flaws import check_flaws
from tidemill.spec.examine.labels import check_candidates, check_labels
from tidemill.spec.examine.models import check_models
from tidemill.spec.examine.names import check_names
from tidemill.spec.examine.release import check_endpoints, check_not_yet, check_splits, check_triggers
from tidemill.spec.examine.sources import check_sources, check_zone
from tidemill.spec.examine.sql import check_queries
from tidemill.spec.examine.views import check_views
from tidemill.spec.schema import Schemas

__all__ = ["Examination", "Mistake", "Note", "examine"]

NOTHING: Mapping[str, str] = MappingProxyType({})
NO_SCHEMAS: Schemas = MappingProxyType({})
NO_COLUMNS: Mapping[str, Collection[str]] = MappingProxyType({})


def examine(
    declaration: Declaration,
    schemas: Schemas = NO_SCHEMAS,
    *,
    places: Mapping[str, str] = NOTHING,
    naive: Mapping[str, Collection[str]] = NO_COLUMNS,
) -> Examination:
    """Everything that is wrong with the declaration, and what is worth knowing; raises nothing.

    `schemas`: columns with types of each dataset that could be reached; of the others only a note is made.
    `places`: lines of things declared by name (`System.places`). `naive`: timestamp columns without a zone, by dataset.
    """
    findings = Findings(places)
    check_flaws(findings, declaration)
    check_names(findings, declaration)
    check_zone(findings, declaration, naive)
    check_sources(findings, declaration, schemas)
    check_contracts(findings, declaration, schemas)
    check_queries(findings, declaration)
    check_views(findings, declaration, schemas)
    check_candidates(findings, declaration)
    check_labels(findings, declaration, schemas)
    check_models(findings, declaration, schemas)
    check_checks(findings, declaration, schemas)
    check_splits(findings, declaration, schemas)
    check_endpoints(findings, declaration)
    check_triggers(findings, declaration)
    check_not_yet(findings, declaration)
    return findings.result()
