"""How long a receiver asks us to wait."""

import math
from email.utils import parsedate_to_datetime

from market.instant import DAY, SECOND, from_datetime

LONGEST_RETRY_AFTER = 7 * DAY / SECOND
"""Seconds; a receiver that asks for more is broken or hostile."""


def parse_retry_after(value: object, now: int) -> float | None:
    """Seconds to wait, from a Retry-After header or a number in an answer.

    Args:
        value: seconds as text or number, or an HTTP date.
        now: epoch ms; only dates need it.

    Returns:
        From 0 to `LONGEST_RETRY_AFTER`; None where the value says nothing.
    """
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return None
    try:
        seconds = float(value)
    except (ValueError, OverflowError):
        seconds = _seconds_until(str(value), now)
    if math.isnan(seconds):
        return None
    return min(max(seconds, 0.0), LONGEST_RETRY_AFTER)


def _seconds_until(date: str, now: int) -> float:
    try:
        return (from_datetime(parsedate_to_datetime(date)) - now) / SECOND
    except (ValueError, OverflowError):
        return math.nan
