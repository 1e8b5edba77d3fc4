"""All facts by name, for reading them back."""

from __future__ import annotations

from tidemill.facts.codec import Reader
from tidemill.facts.data import (
    ColumnProfile,
    ColumnType,
    ContractReport,
    DataFile,
    DatasetVersion,
    Finding,
    Kept,
    Profile,
    Relation,
    Share,
    SplitPart,
    TrainingSet,
)
from tidemill.facts.event import Event
from tidemill.facts.fact import Fact
from tidemill.facts.model import Evaluation, ModelVersion, Score, Validation, Verdict
from tidemill.facts.release import Arm, Policy, Release
from tidemill.facts.run import Run, StageRun
from tidemill.facts.signal import Alert, Firing, Notice, Reading

KEPT: tuple[type[Fact], ...] = (
    DatasetVersion, Profile, TrainingSet, Run, StageRun, ModelVersion, Evaluation, Validation, Release, Policy,
    Reading, Firing, Alert, Notice,
)  # fmt: skip
PARTS: tuple[type, ...] = (
    ColumnType, DataFile, Finding, ColumnProfile, Kept, ContractReport, Share, Relation, SplitPart,
    Score, Verdict, Arm, Event,
)  # fmt: skip

reader = Reader((*KEPT, *PARTS))
"""Reads any fact back from its canonical JSON."""
