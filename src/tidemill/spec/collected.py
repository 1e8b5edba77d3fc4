"""What a system has declared so far, in order, and where in the file each word stands."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from tidemill.spec.check import Check, Trigger
from tidemill.spec.declaration import Declaration, Notify
from tidemill.spec.label import Candidates, Label
from tidemill.spec.model import BatchScore, Model, RankEndpoint
from tidemill.spec.place import place_of_call
from tidemill.spec.source import Source
from tidemill.spec.unsaid import UnsaidText
from tidemill.spec.view import View


class Collected:
    """The lists that a system's words add to; `declared` freezes them."""

    def __init__(self, name: str, owner: str, zone: str) -> None:
        self.name = name
        self._owner = owner
        self._zone = zone
        self._sources: list[Source] = []
        self._views: list[View] = []
        self._candidates: list[Candidates] = []
        self._labels: list[Label] = []
        self._models: list[Model] = []
        self._endpoints: list[RankEndpoint] = []
        self._scores: list[BatchScore] = []
        self._monitors: list[tuple[str, Check]] = []
        self._triggers: list[tuple[str, Trigger | Check]] = []
        self._notifies: list[Notify] = []
        self._places: dict[str, str] = {}
        self._note(f"system {name}")

    def declared(self) -> Declaration:
        """Everything declared so far as one frozen record, mistakes included: `examine` finds them."""
        return Declaration(
            name=self.name,
            owner=self._owner,
            zone=str(self._zone),
            zone_said=not isinstance(self._zone, UnsaidText),
            sources=tuple(self._sources),
            views=tuple(self._views),
            candidates=tuple(self._candidates),
            labels=tuple(self._labels),
            models=tuple(self._models),
            endpoints=tuple(self._endpoints),
            scores=tuple(self._scores),
            monitors=tuple(self._monitors),
            triggers=tuple(self._triggers),
            notifies=tuple(self._notifies),
        )

    @property
    def places(self) -> Mapping[str, str]:
        """`model ranker` -> `shop.py:52`, for each thing declared by name."""
        sources = {f"source {source.name}": source._place for source in self._sources}  # noqa: SLF001 - set for this
        return MappingProxyType({**sources, **self._places})

    def _note(self, thing: str) -> None:
        self._places[thing] = place_of_call()

    def _root(self, part: Source) -> Source:
        """The whole source that a part belongs to (the part itself if it is none of this system's)."""
        return next((source for source in self._sources if source.name == part.dataset), part)
