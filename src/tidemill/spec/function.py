"""A training function's own words: its hyperparameters, read from its signature."""

from __future__ import annotations

from collections.abc import Callable
from inspect import Parameter as Argument
from inspect import signature
from typing import Literal

from tidemill.spec.model import Parameter, Tunable

ParameterType = Literal["int", "float", "text", "boolean"]
TYPES: dict[object, ParameterType] = {
    int: "int", float: "float", str: "text", bool: "boolean",
    "int": "int", "float": "float", "str": "text", "bool": "boolean",
}  # fmt: skip
GIVEN = 2
"""`train` and `valid` come first."""


def parameters_of(function: Callable[..., object]) -> tuple[Parameter, ...]:
    """Every argument after `train` and `valid` that has a default: a value, or a range by `tune`."""
    return tuple(
        parameter(argument) for argument in hyperparameters(function) if argument.default is not Argument.empty
    )


def hyperparameters(function: Callable[..., object]) -> tuple[Argument, ...]:
    """The named arguments after `train` and `valid`."""
    later = tuple(signature(function).parameters.values())[GIVEN:]
    return tuple(argument for argument in later if argument.kind not in {Argument.VAR_POSITIONAL, Argument.VAR_KEYWORD})


def parameter(argument: Argument) -> Parameter:
    """One hyperparameter as declared; the type is the annotation's, else that of its values."""
    tunable = argument.default if isinstance(argument.default, Tunable) else None
    return Parameter(
        name=argument.name,
        type=TYPES.get(argument.annotation) or type_of_values(argument.default),
        default=None if tunable else argument.default,
        tunable=tunable,
    )


def type_of_values(default: object) -> ParameterType:
    """The type of an unannotated hyperparameter: that of its default, of its choices, or of its bounds."""
    value = default
    if isinstance(default, Tunable):
        value = default.choices[0] if default.choices else default.low
    return TYPES.get(type(value), "float")
