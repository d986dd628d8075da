"""Quiet bands: when a rule need not be asked."""

from collections.abc import Iterable
from dataclasses import dataclass
from math import inf

NEVER = 1 << 62
"""An instant that does not come: about 146 million years after the epoch."""


@dataclass(frozen=True, slots=True)
class Band:
    """While `low < price < high` and `at < until`, a rule's answer cannot change.

    A band may be narrower than the truth (the rule is asked in vain), never wider.
    """

    low: float = -inf
    high: float = inf
    until: int = NEVER


ALWAYS = Band(inf, -inf, 0)
"""No quiet at all: the rule is asked at every observation."""
ASLEEP = Band()
"""Nothing that a price does matters; a closing bar may."""


def narrowest(bands: Iterable[Band]) -> Band:
    """The prices and the time in which all of the bands are quiet."""
    low, high, until = -inf, inf, NEVER
    for band in bands:
        low, high = max(low, band.low), min(high, band.high)
        until = min(until, band.until)
    return Band(low, high, until)
