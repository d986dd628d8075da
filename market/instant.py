"""Instants and durations: whole milliseconds, instants since the epoch in UTC.

Integers are exact, sort as stored, and cross into numpy and SQL unchanged; see
docs/decisions for the argument. Datetimes live only at the rims, always aware.
"""

import re
from datetime import UTC, datetime

SECOND = 1_000
MINUTE = 60 * SECOND
HOUR = 60 * MINUTE
DAY = 24 * HOUR
WEEK = 7 * DAY

_UNITS = {"ms": 1, "s": SECOND, "m": MINUTE, "h": HOUR, "d": DAY, "w": WEEK}
_DURATION = re.compile(r"(\d+(?:\.\d+)?)\s*(ms|s|m|h|d|w)")


def to_datetime(at: int) -> datetime:
    """The aware UTC datetime of an instant."""
    return datetime.fromtimestamp(at / SECOND, tz=UTC)


def from_datetime(moment: datetime) -> int:
    """The instant of an aware datetime; a naive one is a ValueError."""
    if moment.tzinfo is None:
        raise ValueError(f"{moment.isoformat()} has no time zone")
    return round(moment.timestamp() * SECOND)


def parse_instant(text: str) -> int:
    """Read epoch milliseconds or ISO 8601; a time without a zone is UTC.

    Raises:
        ValueError: the text is neither.
    """
    text = text.strip()
    if re.fullmatch(r"-?\d+", text):
        return int(text)
    moment = datetime.fromisoformat(text)
    return from_datetime(moment if moment.tzinfo else moment.replace(tzinfo=UTC))


def render_instant(at: int) -> str:
    """ISO 8601 in UTC with a Z; milliseconds only where they are not zero."""
    moment = to_datetime(at)
    spec = "milliseconds" if at % SECOND else "seconds"
    return moment.replace(tzinfo=None).isoformat(timespec=spec) + "Z"


def parse_duration(text: str) -> int:
    """Read "5s", "15m", "4h", "30d", "1h30m" into milliseconds.

    Raises:
        ValueError: with the forms that are understood.
    """
    compact = text.strip().lower()
    total, end = 0.0, 0
    for match in _DURATION.finditer(compact):
        if match.start() != end:
            break
        total += float(match[1]) * _UNITS[match[2]]
        end = match.end()
    if not compact or end != len(compact):
        raise ValueError(
            f'"{text}" is not a duration; write "5s", "15m", "4h" or "30d"'
        )
    return round(total)


def render_duration(duration: int) -> str:
    """The shortest exact text: 5400000 is "1h30m"; zero is "0s"."""
    if duration == 0:
        return "0s"
    parts = []
    for unit, size in (
        ("d", DAY),
        ("h", HOUR),
        ("m", MINUTE),
        ("s", SECOND),
        ("ms", 1),
    ):
        count, duration = divmod(duration, size)
        if count:
            parts.append(f"{count}{unit}")
    return "".join(parts)
