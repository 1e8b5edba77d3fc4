"""Facts about data: dataset versions, profiles, findings, training sets."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import ClassVar, Literal

Value = str | int | float | bool | None
NOT_YET = -(2**62)
"""The watermark of a version without a row that tells how far its source is known."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ColumnType:
    """A column's name and its type in the words of the dialect: text int float boolean date timestamp unknown.

    `decimal`: of a landed `float` of exact decimals, their digits in all and behind the point.
    """

    name: str
    type: str
    decimal: tuple[int, int] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DataFile:
    """One immutable Parquet file of a version: SHA-256 name, rows, bytes, and the event times it spans."""

    digest: str
    rows: int
    bytes: int
    first_us: int | None = None
    last_us: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DatasetVersion:
    """A version of a dataset; never changes. Its manifest is the truth, this row an index of it.

    `content`: digest over the landed rows in key order. `cursor`: how far the source was read, opaque JSON.
    `watermark_us`: up to when the source is known, NOT_YET where nothing tells. `files` hold all rows so far,
    `rejected` the rows put aside. `findings`: what its source's query was seen to do when it last ran. `again`: landed
    rows that are not the first version of a row; None: not counted.
    """

    KIND: ClassVar[str] = "dataset_version"
    KEY: ClassVar[tuple[str, ...]] = ("system", "dataset", "number")
    FOUND_BY: ClassVar[tuple[str, ...]] = ("manifest",)
    MUTABLE: ClassVar[bool] = False

    v: int = 1
    system: str
    dataset: str
    number: int
    manifest: str
    parent: str | None
    content: str
    rows: int
    put_aside: int
    new_rows: int
    cursor: str
    watermark_us: int
    columns: tuple[ColumnType, ...]
    files: tuple[DataFile, ...]
    rejected: tuple[DataFile, ...] = ()
    findings: tuple[Finding, ...] = ()
    again: int | None = None
    at_us: int

    @property
    def name(self) -> str:
        """`events@v12`."""
        return f"{self.dataset}@v{self.number}"

    @property
    def known_until_us(self) -> int | None:
        """Up to when the source is known; None where nothing tells."""
        return None if self.watermark_us == NOT_YET else self.watermark_us


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """Something worth a person's eye: code and fields, worded by the doors; importance 0 (note) to 1 (stop).

    `subject`: `dataset` or `dataset.column` it is about.
    """

    code: str
    subject: str
    importance: float
    fields: Mapping[str, Value | tuple[Value, ...]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class ColumnProfile:
    """One column in numbers. Counts are rows; quantiles at 0, .01, .05, .25, .5, .75, .95, .99, 1 (numbers only)."""

    name: str
    type: str
    rows: int
    nulls: int
    distinct: int
    mean: float | None = None
    std: float | None = None
    quantiles: tuple[float, ...] = ()
    top: tuple[tuple[str, int], ...] = ()
    edges: tuple[float, ...] = ()
    counts: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Share:
    """Rows with some values of a column (as text), and their mean outcome: of a yes-or-no outcome its rate."""

    value: str
    rows: int
    mean: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Relation:
    """How a column alone goes with a label: `strength` is an AUC (`yes_no`) or a rank correlation without its sign.

    It is the median in blocks of time, None where it cannot be told; from `bound` on the column is a leak suspect.
    `rows`: asks whose outcome is known, in groups of the column's values in `shares`; `mean`: their mean outcome.
    """

    label: str
    column: str
    strength: float | None
    yes_no: bool
    bound: float
    rows: int
    mean: float
    shares: tuple[Share, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """One rule of a contract on new rows: what was measured beside what was promised (as text), and how it came out.

    `rows` of `of` break it, such as `examples`; None where it is no rule about single rows. `breaks`: what breaking it
    does. A rule that could not be measured (too short a span) is `unmeasured`.
    """

    rule: str
    kind: str
    column: str = ""
    breaks: Literal["stop", "warn", "put-aside"]
    outcome: Literal["kept", "broken", "unmeasured"]
    value: Value
    bound: str
    rows: int | None = None
    of: int
    examples: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ContractReport:
    """A contract on the rows that landed after the last version that passed it, from row number `first_row` on.

    `contract`: digest of its rules. `rows`: as readers see them, corrected and without deleted ones. `stopped`: a rule
    that ends a run is broken; `warned`: another is.
    """

    contract: str
    file: str
    first_row: int
    rows: int
    outcome: Literal["kept", "warned", "stopped"]
    rules: tuple[Kept, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    """What exploration saw of a dataset version, landed and put-aside rows together, and what it found.

    `relations`: how the columns go with each label asked of it, the strongest first. `contract`: how the dataset's
    contract came out; None where there is none.
    """

    KIND: ClassVar[str] = "profile"
    KEY: ClassVar[tuple[str, ...]] = ("system", "dataset", "manifest")
    FOUND_BY: ClassVar[tuple[str, ...]] = ("number",)
    MUTABLE: ClassVar[bool] = True

    v: int = 1
    system: str
    dataset: str
    number: int
    manifest: str
    rows: int
    put_aside: int
    duplicates: int
    first_us: int | None
    last_us: int | None
    columns: tuple[ColumnProfile, ...]
    findings: tuple[Finding, ...]
    relations: tuple[Relation, ...] = ()
    contract: ContractReport | None = None
    at_us: int


@dataclass(frozen=True, slots=True, kw_only=True)
class SplitPart:
    """One part of a split: rows, positives (0/1 labels), and the first and last `asked_at`."""

    name: str
    rows: int
    positives: int | None
    first_us: int | None
    last_us: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class TrainingSet:
    """Labels joined with features as of each moment, split; `digest` is that of all its rows.

    `slices`: blobs of all asks with their features, oldest first. `blob`: that of the places of the asks chosen, with
    outcome and part; `frame`: that of when each was asked and what became of it. `recipe`: digest of what makes a frame
    (label and views, versions); `made_of`: of what makes the slices but the rows themselves, which `versions` with
    these `manifests` are, and of candidates the `moments`. `proof`: code and fields of each guard that held (no overlap
    by time, by group). `card`: assumptions worth saying.
    """

    KIND: ClassVar[str] = "training_set"
    KEY: ClassVar[tuple[str, ...]] = ("system", "model", "digest")
    FOUND_BY: ClassVar[tuple[str, ...]] = ("label",)
    MUTABLE: ClassVar[bool] = True

    v: int = 1
    system: str
    model: str
    label: str
    digest: str
    blob: str
    frame: str
    recipe: str
    features: tuple[ColumnType, ...]
    parts: tuple[SplitPart, ...]
    until_us: int
    immature: int
    versions: tuple[str, ...]
    proof: tuple[Finding, ...] = ()
    card: tuple[Finding, ...] = ()
    slices: tuple[str, ...] = ()
    made_of: str = ""
    manifests: tuple[str, ...] = ()
    moments: tuple[int, ...] = ()
    at_us: int
