"""Prices as a function of time: the market that the paper exchange serves.

Pure and seeded: the same seed and start give the same prices on every machine.
"""

from array import array
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Protocol

from daemon.paper.bridge import draw, mix, prices_between
from daemon.paper.pair import PAIRS, Pair
from daemon.paper.story import HISTORY_LENGTH, PLOTS
from market.instant import DAY, HOUR, MINUTE
from market.instrument import Session
from market.session import is_open, open_time_between

DEFAULT_START = 1_747_612_800_000
"""Monday 2025-05-19 00:00 UTC, the week of the market notes."""

_MINUTES_PER_DAY = DAY // MINUTE
_MINUTES_PER_HOUR = HOUR // MINUTE
_NO_PRICE = 2**62


@dataclass(frozen=True, slots=True, kw_only=True)
class Candle:
    """Open, high, low, close in increments of the pair, and a volume."""

    opened: int
    open: int
    high: int
    low: int
    close: int
    volume: float


class PaperMarket(Protocol):
    """What an exchange needs to know of the world."""

    @property
    def pairs(self) -> Sequence[Pair]:
        """Everything listed."""
        ...

    @property
    def begins(self) -> int:
        """Epoch ms of the first price."""
        ...

    def price(self, pair: Pair, at: int) -> int:
        """The price in force at an instant, in increments."""
        ...

    def candle(self, pair: Pair, opened: int, last: int) -> Candle | None:
        """What happened from `opened` to `last`, both included; None: it was shut."""
        ...


class PlayedMarket:
    """Four instruments that follow the plots of `story.py`.

    Between whole minutes the price moves in a straight line, so that a candle holds
    every price that a poll inside it could have seen.
    """

    def __init__(self, *, seed: int = 1, start: int = DEFAULT_START) -> None:
        """Begin the story at `start`, epoch ms, a whole minute."""
        if start % MINUTE:
            raise ValueError(f"the start was {start}, expected a whole minute in ms")
        self._first_minute = start // MINUTE
        self._start = start
        self._pairs = {pair.instrument: pair for pair in PAIRS}
        # By name: a pair would be hashed anew, field by field, at each look.
        self._streams = {
            pair.instrument: mix(seed ^ mix(number))
            for number, pair in enumerate(PAIRS)
        }
        self._segments = {name: plot.segments() for name, plot in PLOTS.items()}
        self._day = lru_cache(maxsize=1024)(self._play_day)
        self._hour = lru_cache(maxsize=16_384)(self._scan_hour)

    @property
    def pairs(self) -> Sequence[Pair]:
        """The four of the story."""
        return PAIRS

    @property
    def begins(self) -> int:
        """The first instant of the history, 75 days before the story."""
        return self._start - HISTORY_LENGTH

    def price(self, pair: Pair, at: int) -> int:
        """The price in force at an instant, in increments.

        While the market is shut it is the last one before.
        """
        minute, within = divmod(_last_open(pair.session, at), MINUTE)
        before, after = self._minute(pair, minute), self._minute(pair, minute + 1)
        return before + (after - before) * within // MINUTE

    def candle(self, pair: Pair, opened: int, last: int) -> Candle | None:
        """What happened from `opened` to `last`, both included; None: it was shut."""
        if not _traded(pair.session, opened, last):
            return None
        ends = (self.price(pair, opened), self.price(pair, last))
        low, high = self._extremes(pair, -(-opened // MINUTE), last // MINUTE)
        minutes = (last + 1 - opened) / MINUTE
        share = 1.0 + 0.2 * draw(self._streams[pair.instrument], ~opened)
        return Candle(
            opened=opened,
            open=ends[0],
            high=max(high, *ends),
            low=min(low, *ends),
            close=ends[1],
            volume=pair.minute_volume * minutes * share,
        )

    def _minute(self, pair: Pair, minute: int) -> int:
        day, within = divmod(minute - self._first_minute, _MINUTES_PER_DAY)
        return self._day(pair.instrument, day)[within]

    def _extremes(self, pair: Pair, first: int, last: int) -> tuple[int, int]:
        """Lowest and highest of whole minutes first..last; nothing gives (big, 0)."""
        at, end = first - self._first_minute, last + 1 - self._first_minute
        lows, highs = [_NO_PRICE], [0]
        while at < end:
            hour, within = divmod(at, _MINUTES_PER_HOUR)
            if within == 0 and end - at >= _MINUTES_PER_HOUR:
                low, high = self._hour(pair.instrument, hour)
                at += _MINUTES_PER_HOUR
            else:
                low = high = self._minute(pair, at + self._first_minute)
                at += 1
            lows.append(low)
            highs.append(high)
        return min(lows), max(highs)

    def _scan_hour(self, instrument: str, hour: int) -> tuple[int, int]:
        """Lowest and highest minute of one hour, hours counted from the start."""
        day, within = divmod(hour * _MINUTES_PER_HOUR, _MINUTES_PER_DAY)
        minutes = self._day(instrument, day)[within : within + _MINUTES_PER_HOUR]
        return min(minutes), max(minutes)

    def _play_day(self, instrument: str, day: int) -> "array[int]":
        """The prices of one day's minutes, days counted from the start."""
        segments, stream = self._segments[instrument], self._streams[instrument]
        minute, end = day * _MINUTES_PER_DAY, (day + 1) * _MINUTES_PER_DAY
        prices: list[float] = []
        if minute < segments[0].start.minute:
            before = min(end, segments[0].start.minute) - minute
            prices += [segments[0].start.price] * before
            minute += before
        starts = [segment.start.minute for segment in segments]
        while minute < min(end, segments[-1].end.minute):
            segment = segments[bisect_right(starts, minute) - 1]
            last = min(end, segment.end.minute) - 1
            prices += prices_between(segment, stream, minute, last)
            minute = last + 1
        prices += [segments[-1].end.price] * (end - minute)
        # A quarter of a tuple of ints: the demo keeps some three hundred days.
        return array("q", map(self._pairs[instrument].increments, prices))


def _traded(session: Session, opened: int, last: int) -> bool:
    return session is Session.CRYPTO or open_time_between(session, opened, last + 1) > 0


def _last_open(session: Session, at: int) -> int:
    """The instant itself, or the last one at which the market was open."""
    if is_open(session, at):
        return at
    hour = at - at % HOUR
    while not is_open(session, hour - 1):
        hour -= HOUR
    return hour - 1
