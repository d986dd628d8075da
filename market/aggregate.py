"""Building bars: minutes from ticks, longer bars from shorter ones."""

import sys
from collections.abc import Iterable
from dataclasses import replace

from market.bar import Bar
from market.instant import MINUTE
from market.instrument import Instrument
from market.session import is_open, open_time_between
from market.timeframe import MINUTE_BAR, Timeframe


class MinuteBuilder:
    """One-minute bars of one instrument from its ticks.

    A minute without ticks carries the close (volume 0) while ticks are no further
    apart than the instrument's `stale_after`; beyond that there is no bar but a gap.
    """

    __slots__ = ("_instrument", "_last", "forming")

    def __init__(self, instrument: Instrument) -> None:
        self._instrument = instrument
        self._last: tuple[int, float] | None = None
        self.forming: Bar | None = None

    def add(self, at: int, price: float) -> tuple[Bar, ...]:
        """Take a tick, and give the minutes that it closes, oldest first."""
        opened = at - at % MINUTE
        forming, last, self._last = self.forming, self._last, (at, price)
        if forming is not None and opened == forming.open_time:
            self._extend(forming, price)
            return ()
        closed: tuple[Bar, ...] = () if forming is None else (forming,)
        if last is not None:
            closed += self._carried(*last, at)
        self.forming = self._minute(opened, price)
        return closed

    def advance(self, at: int, grace: int) -> tuple[Bar, ...]:
        """Close the forming minute once `grace` has passed after its end."""
        forming = self.forming
        if forming is None or at < forming.close_time + grace:
            return ()
        self.forming = None
        return (forming,)

    @property
    def next_close(self) -> int:
        """When the forming minute ends, else the one after the last tick's minute.

        Without any tick there is nothing to close: an instant that does not come.
        """
        if self.forming is not None:
            return self.forming.close_time
        if self._last is None:
            return sys.maxsize
        at = self._last[0]
        return at - at % MINUTE + 2 * MINUTE

    def _extend(self, forming: Bar, price: float) -> None:
        if price > forming.high:
            self.forming = replace(forming, high=price, close=price)
        elif price < forming.low:
            self.forming = replace(forming, low=price, close=price)
        elif price != forming.close:
            self.forming = replace(forming, close=price)

    def _carried(self, last_at: int, price: float, at: int) -> tuple[Bar, ...]:
        instrument = self._instrument
        first = last_at - last_at % MINUTE + MINUTE
        until = at - at % MINUTE
        if first >= until:
            return ()
        if open_time_between(instrument.session, last_at, at) > instrument.stale_after:
            return ()
        return tuple(
            self._minute(opened, price)
            for opened in range(first, until, MINUTE)
            if is_open(instrument.session, opened)
        )

    def _minute(self, opened: int, price: float) -> Bar:
        return Bar(
            instrument=self._instrument.name,
            timeframe=MINUTE_BAR,
            open_time=opened,
            close_time=opened + MINUTE,
            open=price,
            high=price,
            low=price,
            close=price,
        )


class BarRoller:
    """Bars of one timeframe from shorter bars of the same instrument."""

    __slots__ = ("_instrument", "_timeframe", "forming")

    def __init__(self, instrument: Instrument, timeframe: Timeframe) -> None:
        self._instrument = instrument
        self._timeframe = timeframe
        self.forming: Bar | None = None

    def add(self, part: Bar) -> tuple[Bar, ...]:
        """Take the next shorter bar; give the bars that it closes, oldest first.

        A part that ends exactly where its bar ends closes it at once; otherwise the
        bar is closed by the first part of a later one.
        """
        opened, close_time = self._timeframe.bucket(
            self._instrument.session, part.open_time
        )
        closed: list[Bar] = []
        forming = self.forming
        if forming is not None and forming.open_time != opened:
            closed.append(forming)
            forming = None
        forming = self._merged(forming, part, opened, close_time)
        if part.close_time >= close_time:
            closed.append(forming)
            forming = None
        self.forming = forming
        return tuple(closed)

    def backfill(self, parts: Iterable[Bar]) -> None:
        """Put the beginning of the forming bar before what was built here."""
        venues = BarRoller(self._instrument, self._timeframe)
        for part in parts:
            venues.add(part)
        begun, own = venues.forming, self.forming
        if begun is None:
            return
        if own is None:
            self.forming = begun
        elif begun.open_time == own.open_time:
            high, low = max(own.high, begun.high), min(own.low, begun.low)
            self.forming = replace(own, open=begun.open, high=high, low=low)

    def _merged(
        self, forming: Bar | None, part: Bar, opened: int, close_time: int
    ) -> Bar:
        if forming is None:
            return replace(
                part, timeframe=self._timeframe, open_time=opened, close_time=close_time
            )
        return replace(
            forming,
            high=max(forming.high, part.high),
            low=min(forming.low, part.low),
            close=part.close,
            volume=forming.volume + part.volume,
        )
