"""The FX week minute by minute, by looking at the clock on a wall in New York."""

from datetime import UTC, datetime
from functools import cache
from zoneinfo import ZoneInfo

NEW_YORK = ZoneInfo("America/New_York")


@cache
def is_trading(minute: int) -> bool:
    """Whether FX trades during this minute since the epoch."""
    local = datetime.fromtimestamp(minute * 60, tz=UTC).astimezone(NEW_YORK)
    match local.weekday():
        case 4:
            return local.hour < 17
        case 5:
            return False
        case 6:
            return local.hour >= 17
        case _:
            return True


def open_minutes(start: int, end: int) -> int:
    """Trading minutes in [start, end), both in minutes since the epoch."""
    return sum(is_trading(minute) for minute in range(start, end))


def after_open_minutes(start: int, duration: int) -> int:
    """The first minute at which `duration` trading minutes have passed."""
    minute = start
    while duration > 0:
        duration -= is_trading(minute)
        minute += 1
    return minute
