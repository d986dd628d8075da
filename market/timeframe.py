"""Timeframes: bar lengths and how their edges are aligned."""

from dataclasses import dataclass
from functools import lru_cache

from market.instant import DAY, HOUR, MINUTE, WEEK, parse_duration
from market.instrument import Session
from market.session import day_open, next_day_open, week_open


@dataclass(frozen=True, slots=True, order=True)
class Timeframe:
    """A bar length that divides a day evenly, a day, or a week.

    Attributes:
        length: nominal milliseconds; an FX day across a clock change is not 24 h.
    """

    length: int

    def __str__(self) -> str:
        for unit, size in (("w", WEEK), ("d", DAY), ("h", HOUR)):
            if self.length % size == 0:
                return f"{self.length // size}{unit}"
        return f"{self.length // MINUTE}m"

    def bucket(self, session: Session, at: int) -> tuple[int, int]:
        """Open and close time of the bar that holds `at`."""
        if self.length <= HOUR:
            opened = at - at % self.length
            return opened, opened + self.length
        return self._long_bucket(session, at)

    def _long_bucket(self, session: Session, at: int) -> tuple[int, int]:
        if self.length == WEEK:
            opened = week_open(session, at)
            return opened, week_open(session, opened + WEEK + DAY)
        start = day_open(session, at)
        end = next_day_open(session, start)
        if self.length == DAY:
            return start, end
        opened = start + (at - start) // self.length * self.length
        return opened, min(opened + self.length, end)


@lru_cache(maxsize=64)
def parse_timeframe(text: str) -> Timeframe:
    """Read "1m", "4h", "1d", "1w".

    Raises:
        ValueError: not a length whose bars tile an hour, a day or a week.
    """
    length = parse_duration(text)
    if length >= MINUTE and (
        (length <= HOUR and HOUR % length == 0)
        or (length % HOUR == 0 and DAY % length == 0)
        or length == WEEK
    ):
        return Timeframe(length)
    raise ValueError(
        f'"{text}" is not a timeframe; use one that divides an hour or a day '
        '("1m", "5m", "15m", "1h", "4h", "1d") or "1w"'
    )


MINUTE_BAR = Timeframe(MINUTE)
DAY_BAR = Timeframe(DAY)
