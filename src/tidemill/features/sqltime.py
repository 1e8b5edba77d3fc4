"""Times in DuckDB's SQL: instants to wall clocks of a zone and back, by the rules of tidemill.features.zone.

Needs the ICU functions, which DuckDB's wheel has built in. Nothing here depends on the session's own time zone.
"""

from __future__ import annotations

from tidemill.features.sqlparts import bind, let, literal

DAY_US = 86_400_000_000
SECOND_US = 1_000_000
FINER_THAN_DAY = ("second", "minute", "hour")


def local(instant: str, zone: str) -> str:
    """The wall clock (TIMESTAMP) at an instant (TIMESTAMPTZ)."""
    return f"timezone({literal(zone)}, {instant})"


def offset_us(us: str, zone: str) -> str:
    """Microseconds that the wall clock is ahead of UTC, at an instant in microseconds."""
    return f"(epoch_us({local(f'make_timestamptz({us})', zone)}) - ({us}))"


def instant(clock: str, zone: str) -> str:
    """The first instant (TIMESTAMPTZ) at which the zone's clock shows that time (TIMESTAMP) or a later one.

    A repeated hour is its first pass, a missing one its end. The offsets of a day before and a day after decide.
    """
    around = bind(
        f"epoch_us({clock})",
        lambda us: (
            f"{{'us': {us}, 'before': {offset_us(f'{us} - {DAY_US}', zone)}, "
            f"'after': {offset_us(f'{us} + {DAY_US}', zone)}}}"
        ),
    )
    return f"make_timestamptz({bind(around, lambda clock: _decided(clock, zone))})"


def _decided(clock: str, zone: str) -> str:
    """Microseconds of the instant, from a struct of the wall clock `us` and the offsets `before` and `after`."""
    early, late = f"({clock}.us - {clock}.before)", f"({clock}.us - {clock}.after)"
    # Clocks change at whole seconds, so the end of a missing hour is found by looking at each of them.
    second = f"({late} - (({late} % {SECOND_US}) + {SECOND_US}) % {SECOND_US})"
    changed = f"lambda _s: {offset_us('_s', zone)} = {clock}.after"
    return (
        f"CASE WHEN {offset_us(early, zone)} = {clock}.before THEN {early} "
        f"WHEN {offset_us(late, zone)} = {clock}.after THEN {late} "
        f"ELSE list_min(list_filter(range({second}, {early} + 1, {SECOND_US}), {changed})) END"
    )


def truncated(unit: str, moment: str, zone: str) -> str:
    """The instant at which the unit of the zone's calendar that holds the moment began."""
    if unit not in FINER_THAN_DAY:
        return instant(f"date_trunc({literal(unit)}, {local(moment, zone)})", zone)

    # Within a day the clock's own count decides, so that a repeated hour keeps its place.
    def began(m: str) -> str:
        return f"({m} - ({local(m, zone)} - date_trunc({literal(unit)}, {local(m, zone)})))"

    return let([moment], began)


def months_later(moment: str, months: str, zone: str) -> str:
    """The same wall clock so many months later, on the last day of a month that has no such day."""
    return instant(f"({local(moment, zone)} + to_months({months}))", zone)


def read_moment(text: str, zone: str, *, naive: str, aware: str) -> str:
    """The instant of a text: by the zone's clock (pattern `naive`) or by its own offset (`aware`), else null."""

    def read(v: str) -> str:
        to_microseconds = f"regexp_replace({v}, '(\\.[0-9]{{6}})[0-9]+', '\\1')"
        return (
            f"CASE WHEN regexp_full_match({v}, {literal(naive)}) "
            f"THEN {instant(f'TRY_CAST({to_microseconds} AS TIMESTAMP)', zone)} "
            f"WHEN regexp_full_match({v}, {literal(aware)}) THEN TRY_CAST({to_microseconds} AS TIMESTAMPTZ) END"
        )

    return let([text], read)
