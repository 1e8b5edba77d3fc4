"""A home with versions to serve: a lender's risk model and a shop's ranker, as a turn of the loop would leave them."""

from __future__ import annotations

import json
import secrets
from collections.abc import Sequence
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from tidemill.engines.flavors.constant import ConstantFlavor
from tidemill.engines.flavors.lightgbm import LightgbmFlavor
from tidemill.facts.data import ColumnType, DatasetVersion
from tidemill.facts.release import Arm, Policy
from tidemill.features import offers
from tidemill.features.merge import merged
from tidemill.features.online import entity_key, space
from tidemill.features.record import NEVER, NO_SINCE, Row
from tidemill.features.tileplan import plan_of
from tidemill.ports.flavor import FeatureColumn, Saved
from tidemill.predict.pack import pack
from tidemill.predict.signature import Golden, Signature
from tidemill.spec.label import Candidates
from tidemill.spec.parse import parse, parse_named
from tidemill.spec.source import Files, Source
from tidemill.spec.view import Lookup, OnRequest, Request, Window
from tidemill.stores.blobs.local import LocalBlobs
from tidemill.stores.journal.segments import SegmentJournal
from tidemill.stores.ledger.sqlite import SqliteLedger
from tidemill.stores.online.lmdb import LmdbOnline

DAY = 86_400_000_000
START = 1_767_225_600_000_000
"""2026-01-01 00:00 UTC: everything on the shelf happened before it."""

LOANS = Source(
    name="loans", dataset="loans", table=Files(path="loans.csv"), key=("loan_id",), time="applied_at",
    expect=(parse("amount < 1000"), parse("charged_off is null")), condition=parse("amount > 0"),
)  # fmt: skip
APPLICATION = Request(
    name="application", source=LOANS, chosen=("amount", "state", "per_loan"),
    columns=tuple(map(parse_named, ("amount", "state", "amount / nullif(lender.loans_30d, 0) as per_loan"))),
)  # fmt: skip
LENDER = Lookup(
    name="lender", source=LOANS, entity=("bank",),
    windows=(("loans_30d", Window(kind="count", length_us=30 * DAY)),), chosen=("loans_30d",),
)  # fmt: skip
MOOD = """
def mood(amount, asked_at):
    return 0
"""


def mooded(code: str) -> OnRequest:
    """A function that comes as text, as in every bundle."""
    return OnRequest(name="mood", function=len, parameters=("amount", "asked_at"), returns="int", code=code)


RISK = Signature(
    system="shelf",
    model="risk",
    kind="binary",
    zone="Asia/Seoul",
    label="default",
    features=(
        FeatureColumn(name="application.amount", type="float"),
        FeatureColumn(name="application.state", type="text", vocabulary=("CA", "FL")),
        FeatureColumn(name="application.per_loan", type="float"),
        FeatureColumn(name="lender.loans_30d", type="int"),
        FeatureColumn(name="mood", type="int"),
    ),
    views=(LENDER, APPLICATION, mooded(MOOD)),
    request=(ColumnType(name="amount", type="float"), ColumnType(name="state", type="text")),
    keys=(ColumnType(name="bank", type="text"),),
    looked_up=(ColumnType(name="lender.loans_30d", type="int"),),
    asked=LOANS,
    decide=(("approve", parse("score < 0.5")), ("decline", parse("true"))),
    sticky=("bank",),
    flavor="constant",
    config={},
)  # fmt: skip

CLICKS = Source(name="clicks", dataset="clicks", table=Files(path="clicks.csv"), key=("click_id",), time="at")
AFFINITY = Lookup(
    name="affinity", source=CLICKS, entity=("customer_id", "product"),
    windows=(("clicks_30d", Window(kind="count", length_us=30 * DAY)),), chosen=("clicks_30d",),
)  # fmt: skip
CHOICES = Candidates(name="choices", entity=("customer_id",), item="product", every="0 4 * * *", who="", what=())
RANKER = Signature(
    system="shelf",
    model="ranker",
    kind="binary",
    zone="Asia/Seoul",
    label="bought",
    features=(FeatureColumn(name="affinity.clicks_30d", type="int"),),
    views=(AFFINITY,),
    request=(),
    keys=(ColumnType(name="customer_id", type="int"), ColumnType(name="product", type="text")),
    looked_up=(ColumnType(name="affinity.clicks_30d", type="int"),),
    asked=CHOICES,
    sticky=("customer_id", "product"),
    flavor="lightgbm",
    config={},
)

ASK = {"amount": 100, "state": "FL", "bank": "B1"}


class Shelf:
    """A home to put versions, policies and records into."""

    def __init__(self, home: Path) -> None:
        self.home = home
        self.blobs = LocalBlobs(home / "blobs")
        self.ledger = SqliteLedger(home / "ledger.db")
        self.journal = SegmentJournal(home / "journal")

    def risk(self, score: float = 0.25, *, mood: str = MOOD) -> str:
        """The digest of a risk model that always says `score`; `mood`: the text of its function."""
        sent = {"amount": 5.0, "state": "CA", "bank": "B"}
        golden = Golden(request=sent, looked_up={"lender.loans_30d": 2}, asked_at_us=START, score=score)
        signature = replace(RISK, views=(*RISK.views[:-1], mooded(mood)), golden=(golden,))
        return pack(signature, ConstantFlavor().save(score, RISK.features, "binary"), {}, self.blobs)

    def ranker(self) -> str:
        """The digest of a ranker that prefers what was clicked more often."""
        return pack(RANKER, clicks_model(), {}, self.blobs)

    def damaged(self) -> str:
        """A bundle whose model file is not what it was."""
        saved = Saved(flavor="lightgbm", files={"model.lgb": b"tree\nversion=v4\nnonsense"}, config={}, requirements=())
        return pack(replace(RISK, flavor="lightgbm"), saved, {}, self.blobs)

    def policy(
        self,
        model: str,
        champion: tuple[int, str],
        *,
        challenger: tuple[int, str] | None = None,
        share: float = 0.0,
        shadow: bool = False,
        explore: float = 0.0,
    ) -> Policy:
        """Commits the next policy: (ordinal, bundle) of each arm."""
        before = self.ledger.get(Policy, "shelf", model)
        policy = Policy(
            system="shelf",
            model=model,
            seq=before.seq + 1 if before else 1,
            champion=Arm(ordinal=champion[0], bundle=champion[1], share=1.0),
            challenger=None if challenger is None else Arm(
                ordinal=challenger[0], bundle=challenger[1], share=share, shadow=shadow
            ),
            previous=before.champion if before else None,
            salt=secrets.token_hex(16),
            endpoints=(("recommend", "choices", 3, explore),) if model == "ranker" else (),
            at_us=START,
        )  # fmt: skip
        self.ledger.commit(policy)
        return policy

    def landed(self, dataset: str, columns: Sequence[ColumnType]) -> None:
        """Commits a dataset version with these columns."""
        self.ledger.commit(
            DatasetVersion(
                system="shelf", dataset=dataset, number=1, manifest="m", parent=None, content="c", rows=0, put_aside=0,
                new_rows=0, cursor="", watermark_us=START, columns=tuple(columns), files=(), at_us=START,
            )
        )  # fmt: skip

    def stock(self) -> None:
        """Online: loans of bank B1, clicks of customers 1 and 2, candidate lists."""
        online = LmdbOnline(self.home / "online")
        loans = merged(None, [row(n, START - n * DAY) for n in range(1, 6)], plan_of(LENDER))
        clicked = {("1", "tea"): 5, ("1", "milk"): 2, ("2", "soap"): 1}
        clicks = [
            (entity_key(who), merged(None, [row(n, START - n * DAY) for n in range(1, k + 1)], plan_of(AFFINITY)))
            for who, k in clicked.items()
        ]
        lists = [
            (entity_key([1]), offers.packed(["milk", "soap", "tea", "rice"], START)),
            (b"", offers.packed(["rice", "tea"], START)),
        ]
        online.write(
            {
                space(LENDER): [(entity_key(["B1"]) or b"", loans)],
                space(AFFINITY): [(key or b"", record) for key, record in clicks],
                offers.space("choices"): [(key or b"", record) for key, record in lists],
            },
            {space(LENDER): "loans@v1", space(AFFINITY): "clicks@v3"},
        )
        online.close()

    def logged(self, stream: str = "predictions") -> list[dict[str, Any]]:
        """What a stream of the journal holds."""
        return [json.loads(frame.payload) for frame in self.journal.read(stream)[0]]


def row(number: int, time: int) -> Row:
    """One row that counts."""
    return Row(time, time, NEVER, NO_SINCE, number, ())


@cache
def clicks_model() -> Saved:
    """More clicks, higher score."""
    import lightgbm as lgb

    clicks = np.repeat(np.arange(8.0), 60)
    bought = (np.tile(np.arange(60), 8) < clicks * 8).astype(float)
    options = {"objective": "binary", "verbose": -1, "num_threads": 1, "min_data_in_leaf": 5, "learning_rate": 0.5}
    data = lgb.Dataset(clicks[:, None], bought, feature_name=["affinity.clicks_30d"])
    return LightgbmFlavor().save(lgb.train(options, data, num_boost_round=5), RANKER.features, "binary")
