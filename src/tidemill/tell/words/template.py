"""One template with its fields becomes text; a part without its fields is left unsaid."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from string import Formatter

from tidemill.spec import written

OPTIONAL = re.compile(r"\[\[(.*?)\]\]", re.DOTALL)
"""Text between double brackets is said only where all of its fields have something to say."""

UNITS = (("day", timedelta(days=1)), ("hour", timedelta(hours=1)), ("minute", timedelta(minutes=1)))


def fill(template: str, fields: Mapping[str, object]) -> str | None:
    """The template with its fields; None when a field outside `[[ ]]` is missing or of the wrong kind.

    >>> fill("{rows:,} rows have no {column}.[[ Did you mean {nearest}?]]", {"rows": 1200, "column": "agee"})
    '1,200 rows have no agee.'

    Besides Python's formats: `{at_us:time}` a moment of microseconds UTC, `{delay_us:length}` a length of microseconds
    in its largest whole unit, `{column:name}` a column as an expression writes it; without a format floats have six
    digits and sequences are joined by commas.
    """
    try:
        return _Words().vformat(OPTIONAL.sub(lambda found: _optional(found[1], fields), template), (), fields)
    except (LookupError, ValueError, TypeError, AttributeError, OverflowError):
        return None


def names(template: str) -> tuple[frozenset[str], frozenset[str]]:
    """The fields that a template needs, and those it uses where they are."""
    used = _fields_of(template)
    needed = _fields_of(OPTIONAL.sub("", template))
    return needed, used - needed


def _optional(part: str, fields: Mapping[str, object]) -> str:
    """The part where all its fields are something; else nothing. Zero and False are something."""
    return part if all(fields.get(name) not in (None, "", (), []) for name in _fields_of(part)) else ""


def _fields_of(template: str) -> frozenset[str]:
    return frozenset(name for _, name, _, _ in Formatter().parse(template) if name)


class _Words(Formatter):
    """Python's formats and the few that facts need."""

    def format_field(self, value: object, format_spec: str) -> str:
        match value, format_spec:
            case int(), "time":
                return f"{datetime.fromtimestamp(value / 1_000_000, UTC):%Y-%m-%d %H:%M:%S} UTC"
            case int(), "length":
                return length(value)
            case _, "name":
                return written.name(str(value))
            case float(), "":
                return f"{value:g}"
            case ((tuple() | list() | set() | frozenset()), ""):
                return ", ".join(self.format_field(item, "") for item in value)
        return str(super().format_field(value, format_spec))


def length(us: int) -> str:
    """A length of time in its largest whole unit: `30 days`, `1 hour`, `90 minutes`, `0.25 seconds`."""
    span = timedelta(microseconds=us)
    for unit, one in UNITS:
        if span and not span % one:
            return f"{span // one} {unit}{'' if span == one else 's'}"
    return f"{us / 1_000_000:g} second{'' if us == 1_000_000 else 's'}"
