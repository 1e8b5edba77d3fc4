"""A whole system as declared: the frozen record that everything below the words works on."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from tidemill.spec.check import Check, Trigger
from tidemill.spec.contract.record import Contract
from tidemill.spec.label import Candidates, Label
from tidemill.spec.model import BatchScore, Model, RankEndpoint
from tidemill.spec.source import Source
from tidemill.spec.view import View


@dataclass(frozen=True, slots=True, kw_only=True)
class Notify:
    """Where alerts of at least this severity go: an http(s) webhook or a mailto: address."""

    url: str
    severity: Literal["info", "warning", "critical"] = "warning"


@dataclass(frozen=True, slots=True, kw_only=True)
class Declaration:
    """One ML system. Names are unique in their kind; order is the order of declaration.

    `sources`: roots and named parts (`where(..., name=)`). `monitors`, `triggers`: (model name, check or trigger).
    `zone_said`: whether the zone was named; if not, a column of naive times is a mistake. `contracts`: what stands in
    the files beside the system file.
    """

    name: str
    owner: str
    zone: str
    zone_said: bool = True
    sources: tuple[Source, ...] = ()
    views: tuple[View, ...] = ()
    candidates: tuple[Candidates, ...] = ()
    labels: tuple[Label, ...] = ()
    models: tuple[Model, ...] = ()
    endpoints: tuple[RankEndpoint, ...] = ()
    scores: tuple[BatchScore, ...] = ()
    monitors: tuple[tuple[str, Check], ...] = ()
    triggers: tuple[tuple[str, Trigger | Check], ...] = ()
    notifies: tuple[Notify, ...] = ()
    contracts: tuple[Contract, ...] = ()

    def model(self, name: str) -> Model:
        """The model of that name (KeyError if none)."""
        return {model.name: model for model in self.models}[name]

    def source(self, name: str) -> Source:
        """The source, or named part of one, of that name (KeyError if none)."""
        return {source.name: source for source in self.sources}[name]

    def contract(self, dataset: str) -> Contract | None:
        """The contract of that dataset, None without one."""
        return next((contract for contract in self.contracts if contract.dataset == dataset), None)

    @property
    def roots(self) -> tuple[Source, ...]:
        """The sources that are extracted: those whose rows land under their own name."""
        return tuple(source for source in self.sources if source.name == source.dataset)
