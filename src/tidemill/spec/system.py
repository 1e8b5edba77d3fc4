"""The word that all others hang on: one ML system, declared by calling its methods."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from types import FunctionType, MappingProxyType
from typing import Concatenate, Literal

from tidemill.spec.check import Check, Cron, Metric, Per, Trigger
from tidemill.spec.collected import Collected
from tidemill.spec.cron import cron_text
from tidemill.spec.data import Data
from tidemill.spec.declaration import Notify
from tidemill.spec.duration import duration_us
from tidemill.spec.function import parameters_of
from tidemill.spec.kind import must_all_be, must_be
from tidemill.spec.label import Candidates, Label
from tidemill.spec.model import BatchScore, Canary, Model, RankEndpoint, Split
from tidemill.spec.place import place_of_call
from tidemill.spec.read import condition, expression, named, names, one_of
from tidemill.spec.scalar import on_request_view
from tidemill.spec.source import Source, Table
from tidemill.spec.unsaid import UTC, UnsaidInt
from tidemill.spec.view import Lookup, OnRequest, Request, View, Window
from tidemill.spec.words.check import known_metric

Training = Callable[Concatenate[Data, Data, ...], object]
SEVERITIES: tuple[Literal["info", "warning", "critical"], ...] = ("info", "warning", "critical")
NO_WINDOWS: Mapping[str, Window] = MappingProxyType({})
NO_DECISIONS: Mapping[str, str] = MappingProxyType({})


class System(Collected):
    """One ML system. `owner` hears of alerts; `zone` reads naive times and sets days and cron.

    Words that cannot be meant are not raised one by one: `tidemill check` says them all at once, each with its path.
    Only a value of an impossible Python type raises DeclarationError `wrong-type` where it stands.
    """

    def __init__(self, name: str, *, owner: str, zone: str = UTC) -> None:
        super().__init__(name, owner, zone)

    def source(
        self,
        name: str,
        table: Table,
        *,
        time: str,
        key: str | Sequence[str] | None = None,
        known: str | None = None,
        since: str | None = None,
        deleted: str | None = None,
        expect: Sequence[str] = (),
    ) -> Source:
        """Raw rows with the column of when they happened.

        `key`: what makes a row one row. `known`: expression of when it could be known. `since`: for a table that keeps
        only its last state, the column from when a row may be assumed to have been so. `deleted`: condition of a row
        that stays in the table as deleted; it takes all rows of its key away. `expect`: what every other row keeps.
        """
        must_be(table, Table, f"source {name} > table")
        source = Source(
            name=name,
            dataset=name,
            table=table,
            key=names(key),
            time=time,
            known=condition(known),
            since=since,
            deleted=condition(deleted),
            expect=tuple(expression(promise) for promise in names(expect)),
            _parts=self._sources,
            _place=place_of_call(),
        )
        self._sources.append(source)
        return source

    def features(
        self,
        name: str,
        source: Source,
        *,
        entity: str | Sequence[str],
        columns: Sequence[str] = (),
        windows: Mapping[str, Window] = NO_WINDOWS,
        max_age: str | None = None,
        owner: str = "",
        description: str = "",
    ) -> Lookup:
        """A view looked up by entity, strictly before the moment asked.

        `columns`: of the entity's newest row. `windows`: over all its rows. `max_age`: a newest row
        older than this counts as none. `owner` (else the system's) and `description` are for the catalog alone.
        """
        must_be(source, Source, f"features {name} > source")
        must_be(owner, str, f"features {name} > owner")
        must_be(description, str, f"features {name} > description")
        must_be(windows, Mapping, f"features {name} > windows")
        must_all_be(windows.values(), Window, f"features {name} > windows")
        items = tuple(named(column) for column in names(columns))
        view = Lookup(
            name=name,
            source=source,
            entity=names(entity),
            columns=items,
            windows=tuple((feature, settled(window)) for feature, window in windows.items()),
            max_age_us=None if max_age is None else duration_us(max_age),
            chosen=(*(item.name for item in items), *windows),
            _owner=owner,
            _description=description,
        )
        self._note(f"features {name}")
        self._views.append(view)
        return view

    def request(
        self, name: str, source: Source, *, columns: Sequence[str], owner: str = "", description: str = ""
    ) -> Request:
        """What the caller sends; in training the asked row. What is not named here cannot reach a model.

        `owner` and `description` as of `features`.
        """
        must_be(source, Source, f"request {name} > source")
        must_be(owner, str, f"request {name} > owner")
        must_be(description, str, f"request {name} > description")
        items = tuple(named(column) for column in names(columns))
        chosen = tuple(item.name for item in items)
        view = Request(name=name, source=source, columns=items, chosen=chosen, _owner=owner, _description=description)
        self._note(f"request {name}")
        self._views.append(view)
        return view

    def on_request(self, function: Callable[..., object]) -> OnRequest:
        """A scalar Python function of request columns or `asked_at` as a feature; one body in training and serving."""
        must_be(function, FunctionType, "on_request")
        view = on_request_view(function)
        self._note(f"on_request {view.name}")
        self._views.append(view)
        return view

    def candidates(
        self, name: str, *, entity: str | Sequence[str], item: str, every: str, who: str, what: str | Sequence[str]
    ) -> Candidates:
        """Who is asked (`who`, SQL) about which items (`what`, SQL each), at each time of the cron line `every`."""
        made = Candidates(name=name, entity=names(entity), item=item, every=cron_text(every), who=who, what=names(what))
        self._note(f"candidates {name}")
        self._candidates.append(made)
        return made

    def label(
        self,
        name: str,
        *,
        asked: Source | Candidates,
        outcome: str,
        ahead: Mapping[str, Window] = NO_WINDOWS,
        by: str | Sequence[str] = (),
        known: str | None = None,
        matures: str | None = None,
    ) -> Label:
        """What is predicted about each ask. A null outcome means: not asked.

        `ahead`: windows over `[asked_at, asked_at + length)` whose values the outcome may use, joined `by` these keys.
        `known`: when the outcome is known. `matures`: when it is for the whole cohort, if `known` depends on it.
        """
        must_be(asked, Source | Candidates, f"label {name} > asked")
        must_be(ahead, Mapping, f"label {name} > ahead")
        must_all_be(ahead.values(), Window, f"label {name} > ahead")
        root = self._root(asked) if isinstance(asked, Source) else None
        windows = tuple((value, looking_ahead(window, root)) for value, window in ahead.items())
        label = Label(
            name=name,
            asked=asked,
            outcome=expression(outcome),
            ahead=windows,
            by=names(by) or shared_keys(asked, windows),
            known=condition(known),
            matures=condition(matures),
        )
        self._note(f"label {name}")
        self._labels.append(label)
        return label

    def model(
        self,
        *,
        label: Label,
        features: Sequence[View],
        split: Split,
        metrics: Sequence[Metric] = (),
        gates: Sequence[Check] = (),
        release: Canary | None = None,
        decide: Mapping[str, str] = NO_DECISIONS,
        trials: int = 1,
        name: str | None = None,
    ) -> Callable[[Training], Model]:
        """A decorator for the training function `(train, valid, **hyperparameters) -> object`; gives the model.

        `decide`: decision -> condition on `score`, the first true one is taken. `name`: the function's by default.
        """

        def declare(function: Training) -> Model:
            head = f"model {name or function_name(function)}"
            must_be(label, Label, f"{head} > label")
            must_all_be(features, View, f"{head} > features")
            must_be(split, Split, f"{head} > split")
            must_all_be(metrics, str | Per, f"{head} > metrics")
            must_all_be(gates, Check, f"{head} > gates")
            must_be(decide, Mapping, f"{head} > decide")
            must_be(release, Canary | None, f"{head} > release")
            model = Model(
                name=name or function_name(function),
                label=label,
                features=tuple(features),
                split=split,
                function=function,
                metrics=tuple(known_metric(metric) for metric in metrics),
                gates=tuple(gates),
                release=release,
                decide=tuple((decision, expression(when)) for decision, when in decide.items()),
                trials=trials,
                parameters=parameters_of(function),
            )
            self._note(head)
            self._models.append(model)
            return model

        return declare

    def rank(self, name: str, model: Model, candidates: Candidates, *, top: int, explore: float = 0.0) -> RankEndpoint:
        """An endpoint `POST /{name}` that ranks the entity's candidates.

        `explore`: share of the requests that are answered in random order, so that other items are seen too.
        """
        must_be(model, Model, f"rank {name} > model")
        must_be(candidates, Candidates, f"rank {name} > candidates")
        endpoint = RankEndpoint(name=name, model=model.name, candidates=candidates, top=top, explore=explore)
        self._note(f"rank {name}")
        self._endpoints.append(endpoint)
        return endpoint

    def score(self, model: Model, *, to: str, on: str | Cron) -> BatchScore:
        """A scheduled batch: the model's asks are scored at the times of the cron line `on` and written to `to`."""
        must_be(model, Model, "score > model")
        batch = BatchScore(model=model.name, to=to, on=on.text if isinstance(on, Cron) else cron_text(on))
        self._note(f"score {model.name}")
        self._scores.append(batch)
        return batch

    def monitor(self, model: Model, *checks: Check) -> None:
        """Repeats the checks on the model's answers; a failed one becomes an alert."""
        must_be(model, Model, "monitor > model")
        must_all_be(checks, Check, f"monitor {model.name}")
        self._note(f"monitor {model.name}")
        self._monitors.extend((model.name, check) for check in checks)

    def retrain(self, model: Model, *triggers: Trigger | Check) -> None:
        """Starts a run of the model whenever one of the triggers goes off or one of the checks fails."""
        must_be(model, Model, "retrain > model")
        must_all_be(triggers, Trigger | Check, f"retrain {model.name}")
        self._note(f"retrain {model.name}")
        self._triggers.extend((model.name, trigger) for trigger in triggers)

    def notify(self, url: str, *, severity: Literal["info", "warning", "critical"] = "warning") -> None:
        """Sends alerts of at least this severity to a webhook (`https://...`) or a mailbox (`mailto:...`)."""
        self._note(f"notify {url}")
        self._notifies.append(Notify(url=url, severity=one_of(severity, SEVERITIES)))


def settled(window: Window) -> Window:
    """The window with its default step taken as declared."""
    return replace(window, step_us=int(window.step_us)) if isinstance(window.step_us, UnsaidInt) else window


def looking_ahead(window: Window, root: Source | None) -> Window:
    """An `ahead` window: over the asked source unless it says `of`, and exact, as the outcome must be."""
    step = 0 if isinstance(window.step_us, UnsaidInt) else window.step_us
    return replace(window, of=window.of or root, step_us=step)


def shared_keys(asked: Source | Candidates, ahead: Sequence[tuple[str, Window]]) -> tuple[str, ...]:
    """Keys that join the ask to its `ahead` rows: entity and item of candidates, else those that all sources share."""
    if isinstance(asked, Candidates):
        return (*asked.entity, asked.item) if ahead else ()
    others = [set(window.of.key) for _, window in ahead if window.of is not None]
    return tuple(column for column in asked.key if all(column in keys for keys in others)) if others else ()


def function_name(function: Training) -> str:
    """The function's own name."""
    return str(getattr(function, "__name__", type(function).__name__))
