"""Durations, instants and timeframes as people write them in the configuration."""

from datetime import UTC, date, datetime

import pytest
from pydantic import BaseModel, ValidationError

from market.fields import BarLength, Duration, Instant, PositiveDuration
from market.timeframe import Timeframe

FORMS = 'write "5s", "15m", "4h" or "30d"'


class Written(BaseModel):
    pause: Duration = 0
    pace: PositiveDuration = 1
    until: Instant | None = None
    bar: BarLength | None = None


def test_a_duration_is_read_into_milliseconds() -> None:
    read = Written.model_validate({"pause": "1h30m", "pace": "5s"})

    assert (read.pause, read.pace) == (5_400_000, 5_000)


def test_a_duration_may_be_zero_where_zero_switches_something_off() -> None:
    assert Written.model_validate({"pause": "0s"}).pause == 0


def test_a_timeframe_is_read_into_a_timeframe() -> None:
    assert Written.model_validate({"bar": "4h"}).bar == Timeframe(14_400_000)


@pytest.mark.parametrize(
    "value",
    [
        datetime(2027, 1, 1, tzinfo=UTC),
        date(2027, 1, 1),
        "2027-01-01T01:00:00+01:00",
        "2027-01-01T00:00:00Z",
    ],
)
def test_an_instant_is_read_from_toml_times_dates_and_text(value: object) -> None:
    assert Written.model_validate({"until": value}).until == 1_798_761_600_000


@pytest.mark.parametrize(
    ("key", "value", "message"),
    [
        ("pause", 5, '5 is not a duration; write "5s", "15m", "4h" or "30d"'),
        ("pause", True, 'true is not a duration; write "5s", "15m", "4h" or "30d"'),
        ("pause", "5", '"5" is not a duration; write "5s", "15m", "4h" or "30d"'),
        ("pause", "\uff15m", f'"\uff15m" is not a duration; {FORMS}'),
        (
            "pause",
            "9" * 399 + "d",
            f'"{"9" * 60}…" is longer than a century; write "5s", "15m", "4h" or "30d"',
        ),
        ("pace", "0s", '"0s" is no time at all; write "5s", "15m", "4h" or "30d"'),
        (
            "until",
            datetime(2027, 1, 1, 9, 30),  # noqa: DTZ001 - the mistake itself
            "2027-01-01T09:30:00 has no time zone; write 2027-01-01T09:30:00Z for UTC",
        ),
        ("until", 5, "5 is not a time; write 2027-01-01T00:00:00Z"),
        ("until", "soon", '"soon" is not a time; write 2027-01-01T00:00:00Z'),
        ("bar", 4, '4 is not a timeframe; write "1h" or "4h"'),
        (
            "bar",
            "9" * 399 + "d",
            f'"{"9" * 60}…" is not a timeframe; "1w" is the longest',
        ),
    ],
)
def test_what_cannot_be_read_is_refused_with_the_right_form(
    key: str, value: object, message: str
) -> None:
    with pytest.raises(ValidationError) as caught:
        Written.model_validate({key: value})

    (error,) = caught.value.errors()
    assert error["msg"] == f"Value error, {message}"
