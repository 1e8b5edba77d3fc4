"""Whether a source's query looks ahead, asked outside of any run: nothing lands."""

from __future__ import annotations

from tidemill.facts.data import Finding
from tidemill.lifecycle.extract.ahead import looks_ahead
from tidemill.lifecycle.extract.beside import Asked
from tidemill.ports.compute import Compute
from tidemill.ports.source import Reader
from tidemill.spec.source import Source


def foresees(reader: Reader, source: Source, zone: str, compute: Compute) -> tuple[Finding, ...]:
    """What the query was seen to do, run over its input as it is now; nothing of an honest one.

    What the query itself raises.
    """
    return looks_ahead(reader, Asked(source=source, zone=zone, compute=compute))
