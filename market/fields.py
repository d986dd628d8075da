"""Types of configuration values: durations, instants and timeframes as people write.

Used as annotations of pydantic models. Each takes the written form, and its
ValueError names what was found and what is understood. Never reads a clock.
"""

from datetime import UTC, date, datetime
from typing import Annotated

from pydantic import AfterValidator, BeforeValidator, WithJsonSchema

from market.instant import (
    DAY,
    from_datetime,
    parse_duration,
    parse_instant,
    render_duration,
)
from market.timeframe import Timeframe, parse_timeframe

_LONGEST = 36_600 * DAY
"""A century: longer is a slip of the keyboard, and would overflow elsewhere."""

_LONGEST_TEXT = 400
"""Characters; what is longer was not typed, and takes long to reject."""
_SHOWN = 60
"""Characters of a wrong value that a message repeats."""

_FORMS = 'write "5s", "15m", "4h" or "30d"'


def read_duration(value: object) -> int:
    """Turn "1h30m" into milliseconds; a bare number is refused for want of a unit.

    Raises:
        ValueError: not a duration, or longer than a century.
    """
    if not isinstance(value, str) or not value.isascii() or len(value) > _LONGEST_TEXT:
        raise ValueError(f"{_shown(value)} is not a duration; {_FORMS}")
    try:
        duration = parse_duration(value)
    except OverflowError:
        duration = _LONGEST + 1
    except ValueError as exc:
        raise ValueError(f"{_shown(value)} is not a duration; {_FORMS}") from exc
    if duration > _LONGEST:
        raise ValueError(f"{_shown(value)} is longer than a century; {_FORMS}")
    return duration


def read_instant(value: object) -> int:
    """Turn a TOML date-time or ISO 8601 text into epoch milliseconds.

    A date alone is its midnight in UTC. A time without a zone is refused: the
    reader would have to guess whose clock was meant.

    Raises:
        ValueError: not an instant, or without a time zone.
    """
    if isinstance(value, datetime):
        if value.tzinfo is None:
            example = value.replace(microsecond=0).isoformat()
            raise ValueError(f"{example} has no time zone; write {example}Z for UTC")
        return from_datetime(value)
    if isinstance(value, date):
        return from_datetime(datetime(value.year, value.month, value.day, tzinfo=UTC))
    if isinstance(value, str) and value.isascii():
        return _instant_of_text(value)
    raise ValueError(f"{_shown(value)} is not a time; write 2027-01-01T00:00:00Z")


def _instant_of_text(text: str) -> int:
    try:
        return parse_instant(text)
    except (ValueError, OverflowError) as exc:
        raise ValueError(
            f"{_shown(text)} is not a time; write 2027-01-01T00:00:00Z"
        ) from exc


def read_timeframe(value: object) -> Timeframe:
    """Turn "4h" into a Timeframe.

    Raises:
        ValueError: not a length whose bars tile an hour, a day or a week.
    """
    if isinstance(value, Timeframe):
        return value
    if not isinstance(value, str) or not value.isascii() or len(value) > _LONGEST_TEXT:
        raise ValueError(f'{_shown(value)} is not a timeframe; write "1h" or "4h"')
    try:
        return parse_timeframe(value)
    except OverflowError as exc:
        raise ValueError(
            f'{_shown(value)} is not a timeframe; "1w" is the longest'
        ) from exc


def _shown(value: object) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    text = str(value)
    short = text if len(text) <= _SHOWN else text[:_SHOWN] + "…"
    return f'"{short}"' if isinstance(value, str) else short


def _positive(duration: int) -> int:
    if duration <= 0:
        raise ValueError(f'"{render_duration(duration)}" is no time at all; {_FORMS}')
    return duration


DURATION_PATTERN = r"^(\d+(\.\d+)?\s*(ms|s|m|h|d|w))+$"
"""How a duration is written, for JSON schemas."""

_DURATION_SCHEMA = WithJsonSchema(
    {
        "type": "string",
        "pattern": DURATION_PATTERN,
        "examples": ["5s", "15m", "4h", "30d", "1h30m"],
    }
)

Duration = Annotated[int, BeforeValidator(read_duration), _DURATION_SCHEMA]
"""Milliseconds, zero or more, written "15m"."""

PositiveDuration = Annotated[
    int, BeforeValidator(read_duration), AfterValidator(_positive), _DURATION_SCHEMA
]
"""Milliseconds, more than zero, written "15m"."""

Instant = Annotated[
    int,
    BeforeValidator(read_instant),
    WithJsonSchema({"type": "string", "format": "date-time"}),
]
"""Epoch milliseconds UTC, written 2027-01-01T00:00:00Z."""

BarLength = Annotated[
    Timeframe,
    BeforeValidator(read_timeframe),
    WithJsonSchema(
        {"type": "string", "examples": ["1m", "5m", "15m", "1h", "4h", "1d", "1w"]}
    ),
]
"""A Timeframe, written "4h"."""
