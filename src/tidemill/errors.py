"""The one error tree: a stable code with fields; the doors word it (tidemill.tell.words) in the reader's language."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from types import MappingProxyType
from typing import ClassVar


class TidemillError(Exception):
    """Something that a person has to know of: what (code), where and with which numbers (fields).

    The sentence and the way out belong to the code and live in `tidemill.tell.words`, never in the raise.
    """

    family: ClassVar[str] = "tidemill"

    def __init__(self, name: str, /, **fields: object) -> None:
        """`name` is the kebab-case part of the code after the family: `column-missing` of `data.column-missing`."""
        self.code = f"{self.family}.{name}"
        self.fields: Mapping[str, object] = MappingProxyType(fields)
        super().__init__(self.code, dict(fields))

    def __str__(self) -> str:
        shown = ", ".join(f"{key}={value!r}" for key, value in self.fields.items())
        return f"{self.code}({shown})"

    def __reduce__(self) -> tuple[partial[TidemillError], tuple[()]]:
        """Pickled by name and fields: an error comes whole out of a process where it was raised."""
        return partial(type(self), self.code.partition(".")[2], **self.fields), ()


class DeclarationError(TidemillError):
    """A declaration cannot be meant as written (code family `declaration`)."""

    family = "declaration"


class ContractError(TidemillError):
    """The file of a dataset's contract cannot be meant as written (code family `contract`)."""

    family = "contract"


class ExpressionError(TidemillError):
    """An expression leaves the dialect or does not parse (code family `expression`)."""

    family = "expression"


class SettingsError(TidemillError):
    """The environment or the command line asks for something that cannot be had (code family `settings`)."""

    family = "settings"


class SourceError(TidemillError):
    """A source cannot be reached or read (code family `source`)."""

    family = "source"


class DataError(TidemillError):
    """Rows are not what was promised (code family `data`)."""

    family = "data"


class StoreError(TidemillError):
    """What was kept cannot be kept or read back: disk full, corrupt blob, newer schema (code family `store`)."""

    family = "store"


class RunError(TidemillError):
    """A run or a stage could not go on (code family `run`)."""

    family = "run"


class BusyError(TidemillError):
    """Another process holds what this one needs (code family `busy`); trying again later is the way out."""

    family = "busy"


class ModelError(TidemillError):
    """A training function, a model object or a bundle is not usable (code family `model`)."""

    family = "model"


class RequestError(TidemillError):
    """A caller's mistake on the wire (code family `request`)."""

    family = "request"


class ServeError(TidemillError):
    """The server cannot answer although the request is good (code family `serve`)."""

    family = "serve"
