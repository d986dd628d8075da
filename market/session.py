"""When a market trades, and how long it was open between two instants."""

from datetime import datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from market.instant import DAY, HOUR, from_datetime, to_datetime
from market.instrument import Session

NEW_YORK = ZoneInfo("America/New_York")
_CLOSE_HOUR = 17
_EPOCH_MONDAY = 4 * DAY
"""1970-01-05, the first Monday."""


def day_open(session: Session, at: int) -> int:
    """The start of the trading day that holds `at`.

    Crypto days start at 00:00 UTC, FX days at 17:00 New York. The closed weekend
    belongs to the FX day that began on Friday at 17:00 and on Saturday at 17:00.
    """
    if session is Session.CRYPTO:
        return at - at % DAY
    return _fx_day_open(at - at % HOUR)


def next_day_open(session: Session, opened: int) -> int:
    """The start of the day after the one that started at `opened`."""
    if session is Session.CRYPTO:
        return opened + DAY
    return _fx_day_open(opened + 26 * HOUR)


def week_open(session: Session, at: int) -> int:
    """The start of the trading week: Monday 00:00 UTC, or Sunday 17:00 New York."""
    if session is Session.CRYPTO:
        return at - (at - _EPOCH_MONDAY) % (7 * DAY)
    opened = day_open(session, at)
    while to_datetime(opened).astimezone(NEW_YORK).weekday() != 6:  # noqa: PLR2004
        opened = day_open(session, opened - 1)
    return opened


@lru_cache(maxsize=4096)
def _fx_day_open(hour: int) -> int:
    local = to_datetime(hour).astimezone(NEW_YORK)
    date = (
        local.date() if local.hour >= _CLOSE_HOUR else local.date() - timedelta(days=1)
    )
    return from_datetime(
        datetime(date.year, date.month, date.day, _CLOSE_HOUR, tzinfo=NEW_YORK)
    )


def is_open(session: Session, at: int) -> bool:
    """Whether the market trades at this instant."""
    if session is Session.CRYPTO:
        return True
    opened, closed = _fx_week(at - at % HOUR)
    return opened <= at < closed


@lru_cache(maxsize=4096)
def _fx_week(hour: int) -> tuple[int, int]:
    """The open and close of the FX week that began at or before this hour."""
    opened = week_open(Session.FX, hour)
    friday = to_datetime(opened).astimezone(NEW_YORK).date() + timedelta(days=5)
    closed = from_datetime(
        datetime(friday.year, friday.month, friday.day, _CLOSE_HOUR, tzinfo=NEW_YORK)
    )
    return opened, closed


def open_time_between(session: Session, start: int, end: int) -> int:
    """Milliseconds of open market in [start, end); negative where end < start."""
    if session is Session.CRYPTO:
        return end - start
    if end < start:
        return -open_time_between(session, end, start)
    total, at = 0, start
    while at < end:
        opened, closed = _fx_week(at - at % HOUR)
        total += max(0, min(end, closed) - max(at, opened))
        at = week_open(Session.FX, closed + 3 * DAY)
    return total


def add_open_time(session: Session, at: int, duration: int) -> int:
    """The first instant at which `duration` of open market has passed since `at`."""
    if session is Session.CRYPTO or not duration:
        return at + duration
    while True:
        opened, closed = _fx_week(at - at % HOUR)
        at = max(at, opened)
        if at <= closed and duration <= closed - at:
            return at + duration
        duration -= max(0, closed - at)
        at = week_open(Session.FX, closed + 3 * DAY)


def subtract_open_time(session: Session, at: int, duration: int) -> int:
    """The last instant from which `duration` of open market has passed until `at`."""
    if session is Session.CRYPTO or not duration:
        return at - duration
    while True:
        opened, closed = _fx_week(at - 1 - (at - 1) % HOUR)
        at = min(at, closed)
        if duration <= at - opened:
            return at - duration
        duration -= max(0, at - opened)
        at = opened
