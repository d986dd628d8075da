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

    __slots__ = (
        "_close",
        "_closes_at",
        "_high",
        "_instrument",
        "_last_at",
        "_low",
        "_open",
        "_opened_at",
    )

    def __init__(self, instrument: Instrument) -> None:
        self._instrument = instrument
        self._last_at: int | None = None
        # The forming minute, as numbers: a bar for every tick would cost more than
        # everything else that is done for a tick. It holds no instant where none is
        # forming.
        self._opened_at = self._closes_at = 0
        self._open = self._high = self._low = self._close = 0.0

    def extend(self, at: int, price: float) -> bool:
        """Take a tick of the forming minute; False where it is of another one."""
        if not self._opened_at <= at < self._closes_at:
            return False
        self._last_at = at
        self._close = price
        if price > self._high:
            self._high = price
        elif price < self._low:
            self._low = price
        return True

    def add(self, at: int, price: float) -> tuple[Bar, ...]:
        """Take a tick, and give the minutes that it closes, oldest first."""
        if self.extend(at, price):
            return ()
        closed = self._finish()
        if self._last_at is not None:
            closed += self._carried(self._last_at, self._close, at)
        self._last_at = at
        self._opened_at = at - at % MINUTE
        self._closes_at = self._opened_at + MINUTE
        self._open = self._high = self._low = self._close = price
        return closed

    def advance(self, at: int, grace: int) -> tuple[Bar, ...]:
        """Close the forming minute once `grace` has passed after its end."""
        return () if at < self._closes_at + grace else self._finish()

    @property
    def next_close(self) -> int:
        """When the forming minute ends, else the one after the last tick's minute.

        Without any tick there is nothing to close: an instant that does not come.
        """
        if self._closes_at:
            return self._closes_at
        if self._last_at is None:
            return sys.maxsize
        return self._last_at - self._last_at % MINUTE + 2 * MINUTE

    def _finish(self) -> tuple[Bar, ...]:
        """The forming minute as a closed bar, if there is one; then there is none."""
        if not self._closes_at:
            return ()
        opened, self._opened_at, self._closes_at = self._opened_at, 0, 0
        return (
            Bar(
                instrument=self._instrument.name,
                timeframe=MINUTE_BAR,
                open_time=opened,
                close_time=opened + MINUTE,
                open=self._open,
                high=self._high,
                low=self._low,
                close=self._close,
            ),
        )

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
