"""From the text of a contract's file to the contract: what cannot be meant becomes a flaw at its line, all at once."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import replace
from typing import Any, cast, get_args

from tidemill.spec.contract.lines import Path, line_of, lines_of
from tidemill.spec.contract.record import ASIDE, OF_COLUMN, OF_TABLE, SHARES, USUAL, Contract, Kind, Rule, Severity
from tidemill.spec.duration import duration_us
from tidemill.spec.expression import Type
from tidemill.spec.flaw import Flaw, UnreadExpression, flaw_of
from tidemill.spec.nearest import nearest
from tidemill.spec.read import expression

TOP = ("dataset", "seen", "table", "column", "check")
FIELDS: Mapping[Kind, tuple[str, ...]] = {
    "type": ("is",), "nulls": ("most",), "range": ("least", "most"), "length": ("least", "most"),
    "values": ("among", "most"), "matches": ("pattern",), "unique": ("of",), "volume": ("least", "most"),
    "fresh": ("within",), "put_aside": ("most",), "new_columns": (), "check": ("holds",),
}  # fmt: skip
"""What each rule is written with, besides `else`."""
EITHER: tuple[Kind, ...] = ("range", "length", "volume")
"""Rules of which one end may be open."""
SPARED = (("values", "most"),)
"""Fields that need not be there."""
WANTED = {
    "is": "a type", "least": "a number", "most": "a number", "among": "a list of values", "pattern": "a text",
    "of": "a list of columns", "within": 'a length of time such as "3d"', "holds": "a text",
}  # fmt: skip
LINE = re.compile(r"\(at line (\d+), column \d+\)|\(at end of document\)")
NOT_LINEAR = re.compile(r"\(\?(?:[=!]|<[=!])|\\[1-9]")
"""Parts of regular expressions that look around or back; the engine reads each value once."""


def read_contract(text: str, file: str, dataset: str) -> Contract:
    """The contract of the dataset that the file is named for, with every flaw; `file` is how its places are called."""
    try:
        document = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        line = LINE.search(str(error))
        place = f"{file}:{line[1] if line and line[1] else len(text.splitlines()) or 1}"
        words = LINE.sub("", str(error)).strip()
        unread = Flaw(code="contract.no-toml", fields=(("words", words),), place=place)
        return Contract(dataset=dataset, flaws=(unread,), _file=file)
    return Reading(document, lines_of(text), file).contract(dataset)


class Reading:
    """One file on its way to a contract."""

    def __init__(self, document: Mapping[str, Any], lines: Mapping[Path, int], file: str) -> None:
        self.document = document
        self.lines = lines
        self.file = file
        self.flaws: list[Flaw] = []

    def contract(self, dataset: str) -> Contract:
        """The whole of it."""
        self.known(tuple(self.document), TOP, ())
        named = self.document.get("dataset", dataset)
        if named != dataset:
            self._flaw(("dataset",), "other-dataset", given=str(named), file=self.file, dataset=dataset)
        rules = [*self.table(), *self.columns(), *self.checks()]
        return Contract(
            dataset=dataset,
            seen=str(self.document.get("seen", "")),
            rules=tuple(rule for rule in rules if rule is not None),
            flaws=tuple(self.flaws),
            _file=self.file,
        )

    def table(self) -> list[Rule | None]:
        """Rules of all rows together."""
        given = self._section(self.document.get("table", {}), ("table",))
        return [self.rule(name, value, ("table", name), OF_TABLE) for name, value in given.items()]

    def columns(self) -> list[Rule | None]:
        """Rules of single columns."""
        made = []
        for column, given in self._section(self.document.get("column", {}), ("column",)).items():
            path = ("column", column)
            for name, value in self._section(given, path).items():
                rule = self.rule(name, value, (*path, name), OF_COLUMN)
                made.append(None if rule is None else replace(rule, column=column))
        return made

    def checks(self) -> list[Rule | None]:
        """What a person wrote as an expression."""
        given = self.document.get("check", [])
        if not isinstance(given, list):
            self._wrong(("check",), given, "tables headed `[[check]]`")
            return []
        return [self.rule("check", each, ("check", str(place)), ("check",)) for place, each in enumerate(given)]

    def rule(self, name: str, given: Any, path: Path, allowed: tuple[Kind, ...]) -> Rule | None:
        """One rule, or a flaw."""
        if not self.known((name,), allowed, path[:-1], what="rule") or not self._is_table(given, path):
            return None
        kind = cast("Kind", name)
        self.known(tuple(given), (*FIELDS[kind], "else"), path)
        before = len(self.flaws)
        rule = Rule(kind=kind, severity=self.severity(kind, given, path), _place=self._place(path))
        needed = (
            []
            if kind in EITHER
            else [field for field in FIELDS[kind] if field not in given and (kind, field) not in SPARED]
        )
        if kind in EITHER and not {"least", "most"} & given.keys():
            needed = ["least"]
        for field in needed:
            self._flaw(path, "field-lacking", rule=kind, field=field, expected=WANTED[field])
        for field in FIELDS[kind]:
            if field in given:
                rule = self._filled(rule, field, given[field], (*path, field))
        if rule.least is not None and rule.most is not None and rule.least > rule.most:
            self._flaw(path, "empty-range", least=rule.least, most=rule.most)
        return rule if len(self.flaws) == before else None

    def severity(self, kind: Kind, given: Mapping[str, Any], path: Path) -> Severity:
        """What happens where the rule is broken."""
        usual = USUAL[kind]
        word = given.get("else", usual)
        allowed = [each for each in get_args(Severity) if each != "put-aside" or kind in ASIDE]
        if word in allowed:
            return cast("Severity", word)
        self._flaw(
            (*path, "else"),
            "word-unknown",
            what="severity",
            name=word,
            allowed=allowed,
            nearest=nearest(str(word), allowed),
        )
        return usual

    def _filled(self, rule: Rule, field: str, value: Any, path: Path) -> Rule:
        """The rule with one field more; a value of another type is a flaw."""
        match field, value:
            case (("least" | "most"), int() | float()) if not isinstance(value, bool) and abs(value) < float("inf"):
                if rule.kind in SHARES and not 0 <= value <= 1:
                    self._wrong(path, value, "a share from 0 to 1")
                return replace(rule, least=float(value)) if field == "least" else replace(rule, most=float(value))
            case "among", [_, *_] if all(isinstance(each, str | int | float | bool) for each in value):
                return replace(rule, among=tuple(value))
            case "of", [_, *_] if all(isinstance(each, str) for each in value):
                return replace(rule, of=tuple(value))
            case "is", str():
                self.known((value,), get_args(Type), path[:-1], what="type")
                return replace(rule, text=value)
            case "pattern", str():
                return replace(rule, text=self._pattern(value, path))
            case "within", str():
                length = duration_us(value)
                self._flawed(length, path)
                return replace(rule, most=float(length))
            case "holds", str():
                parsed = expression(value)
                self._flawed(parsed if isinstance(parsed, UnreadExpression) else None, path)
                return replace(rule, text=value, holds=parsed)
        self._wrong(path, value, WANTED[field])
        return rule

    def _pattern(self, text: str, path: Path) -> str:
        """The regular expression, which neither looks around nor back."""
        try:
            re.compile(text)
        except re.error as error:
            self._flaw(path, "pattern-unread", pattern=text, words=str(error))
            return text
        if found := NOT_LINEAR.search(text):
            self._flaw(path, "pattern-unread", pattern=text, words=f"{found[0]} looks around or back")
        return text

    def _section(self, given: Any, path: Path) -> Mapping[str, Any]:
        """A table of the file; empty, with a flaw, where it is none."""
        return given if self._is_table(given, path) else {}

    def _is_table(self, given: Any, path: Path) -> bool:
        """Whether it is a table; if not it is a flaw."""
        if isinstance(given, dict):
            return True
        self._wrong(path, given, "a table in braces, such as `{ most = 0.1 }`" if len(path) > 1 else "a table")
        return False

    def known(self, given: tuple[str, ...], allowed: tuple[str, ...], path: Path, *, what: str = "word") -> bool:
        """Whether every name is allowed; each that is not is a flaw."""
        odd = [name for name in given if name not in allowed]
        for name in odd:
            near = nearest(name, allowed)
            self._flaw((*path, name), "word-unknown", what=what, name=name, allowed=allowed, nearest=near)
        return not odd

    def _wrong(self, path: Path, given: Any, expected: str) -> None:
        """A value of another type."""
        self._flaw(path, "wrong-type", name=path[-1], given=repr(given), expected=expected)

    def _flawed(self, value: object, path: Path) -> None:
        """A flaw that another reader found."""
        found = flaw_of(value)
        if found is not None:
            self.flaws.append(replace(found, place=self._place(path)))

    def _flaw(self, path: Path, name: str, /, **fields: object) -> None:
        """Notes a flaw at its line."""
        self.flaws.append(Flaw(code=f"contract.{name}", fields=tuple(fields.items()), place=self._place(path)))

    def _place(self, path: Path) -> str:
        """`contracts/events.toml:7`."""
        line = line_of(self.lines, path)
        return self.file if line is None else f"{self.file}:{line}"
