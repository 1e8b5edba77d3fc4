"""Days and moments that are kept as text are noticed, in whichever order they are written; other words are not."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import numpy as np
import pytest

from tests.unit.measure.survey.test_survey import N, found, honest
from tidemill.features.rowwise import compile_row
from tidemill.measure.survey.dates import is_date
from tidemill.spec.parse import parse
from tidemill.tell.words import sentence, way_out

DAYS = [date(2024, 1, 1) + timedelta(days=17 * n) for n in range(40)]


def told(words: list[str], *others: str) -> tuple[str, str, dict[str, object]]:
    """What is said of a column of these words, the way out and the fields."""
    column = np.array([*others, *(words * N)][:N], object)
    one = found(honest(day=column))["dates-as-text", "day"]
    return sentence(one.code, one.fields), way_out(one.code, one.fields), dict(one.fields)


@pytest.mark.parametrize(
    "form",
    ["%d.%m.%Y", "%m/%d/%Y", "%m/%d/%y", "%d-%m-%Y", "%Y/%m/%d", "%Y.%m.%d", "%d %b %Y", "%d-%b-%y", "%B %d, %Y",
     "%d.%m.%Y %H:%M", "%m/%d/%Y %I:%M:%S %p"],
)  # fmt: skip
def test_dates_in_any_usual_form_are_noticed(form: str) -> None:
    said, way, fields = told([day.strftime(form) for day in DAYS])
    assert f"40 different ones such as '{DAYS[0].strftime(form)}'" in said
    assert "query of the source" in way
    assert "mend" not in fields
    assert "rows" not in fields


def test_one_other_word_among_them_is_named_and_the_rest_can_be_cast() -> None:
    said, way, fields = told([day.isoformat() for day in DAYS], "unknown")
    assert "and 1 rows that say something else, such as 'unknown'" in said
    assert "`cast(day as date)`" in way
    cast = compile_row(parse(str(fields["mend"])).tree, columns={"day": "text"}, zone="UTC")
    assert [cast({"day": day.isoformat()}) for day in DAYS] == [(day - date(1970, 1, 1)).days for day in DAYS]
    assert cast({"day": "unknown"}) is None


def test_moments_are_cast_as_such() -> None:
    moments = [datetime(2024, 1, 1, 9, 30, tzinfo=UTC) + timedelta(hours=n) for n in range(40)]
    _, _, fields = told([moment.strftime("%Y-%m-%dT%H:%M:%SZ") for moment in moments])
    cast = compile_row(parse(str(fields["mend"])).tree, columns={"day": "text"}, zone="Asia/Seoul")
    assert cast({"day": "2024-01-01T09:30:00Z"}) == moments[0].timestamp() * 1_000_000


def test_words_that_are_no_dates() -> None:
    none = ["1.2.10", "10.0.0.1", "13/14/2024", "0/1/2024", "32.1.2024", "2024", "2024-13-13", "12-31", "1/2", "may"]
    none += ["", "-", "010-1234-5678", "3 days 2024", "99.99.9999", "Marker 12, 2024 x"]
    assert [word for word in none if is_date(word)] == []
    versions = np.array([f"{n % 9}.{n % 7}.{n % 3}" for n in range(N)], object)
    assert found(honest(version=versions)) == {}
