"""The closed bars of one instrument, and the indicators that live on them."""

from bisect import bisect_right
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence

from market.aggregate import BarRoller, MinuteBuilder
from market.bar import Bar
from market.indicator import Indicator
from market.instant import DAY, MINUTE
from market.instrument import Instrument
from market.timeframe import MINUTE_BAR, Timeframe


class Series:
    """One timeframe's closed bars, counted, with its indicators."""

    __slots__ = ("_own", "count", "indicators", "last", "roller")

    def __init__(self, instrument: Instrument, timeframe: Timeframe) -> None:
        self.roller = BarRoller(instrument, timeframe)
        self.indicators: dict[str, Indicator] = {}
        self.count = 0
        self.last: Bar | None = None
        self._own: list[Bar] | None = []

    def add(self, bar: Bar) -> bool:
        """Take a closed bar; False where it is not newer than the last one."""
        if self.last is not None and bar.open_time <= self.last.open_time:
            return False
        if self._own is not None:
            self._own.append(bar)
        self._take(bar)
        return True

    def backfill(self, history: Iterable[Bar]) -> None:
        """Put closed bars before, and in place of, those that were built here.

        A venue's answer may come after bars have closed here already. Where both have
        a bar, the venue's stands: ours may have begun in its middle.
        """
        bars = {bar.open_time: bar for bar in (*(self._own or ()), *history)}
        for indicator in self.indicators.values():
            indicator.reset()
        self.count = 0
        own = [bars[open_time] for open_time in sorted(bars)]
        for bar in own:
            self._take(bar)
        if self._own is not None:
            self._own = own

    def settle(self) -> None:
        """No history will come any more: the bars themselves can be forgotten."""
        self._own = None

    def _take(self, bar: Bar) -> None:
        self.last = bar
        self.count += 1
        for indicator in self.indicators.values():
            indicator.add(bar)


class Book:
    """All series of one instrument, fed by its ticks or by recorded bars."""

    __slots__ = ("_closes", "_instrument", "_minutes", "series")

    def __init__(self, instrument: Instrument) -> None:
        self._instrument = instrument
        self._minutes = MinuteBuilder(instrument)
        self._closes: deque[tuple[int, float]] = deque(maxlen=2 * DAY // MINUTE)
        self.series: dict[Timeframe, Series] = {}

    def watch(self, timeframe: Timeframe) -> Series:
        """Build bars of this timeframe from now on."""
        if timeframe not in self.series:
            self.series[timeframe] = Series(self._instrument, timeframe)
        return self.series[timeframe]

    def indicator(
        self, timeframe: Timeframe, name: str, build: Callable[[], Indicator]
    ) -> Indicator:
        """The indicator of this name, shared by all levels that need it."""
        series = self.watch(timeframe)
        if name not in series.indicators:
            series.indicators[name] = build()
        return series.indicators[name]

    def load(self, timeframe: Timeframe, bars: Sequence[Bar]) -> None:
        """Take closed bars of history: indicators warm up, nothing is told."""
        series = self.series.get(timeframe)
        if series is not None:
            series.backfill(bars)
        for bar in bars:
            self._remember(bar)

    def settle(self) -> None:
        """No history will come any more."""
        for series in self.series.values():
            series.settle()

    def seed(self, part: Bar) -> None:
        """Take a part of the bar that is still forming, at start."""
        for timeframe, series in self.series.items():
            if timeframe > part.timeframe:
                for bar in series.roller.add(part):
                    series.add(bar)

    def seed_minute(self, at: int, price: float) -> None:
        """Take a stored tick of the minute that was forming when we stopped."""
        self._minutes.add(at, price)

    def extend(self, at: int, price: float) -> bool:
        """Take a tick that closes no bar; False where it would: then `add_tick`."""
        return self._minutes.extend(at, price)

    def add_tick(self, at: int, price: float) -> Iterator[Bar]:
        """Take a tick; give every bar that it closes, minutes before longer ones.

        Lazily, so that an indicator stands as it did at the close of the bar just
        given: take them all.
        """
        minutes = self._minutes.add(at, price)
        return (bar for minute in minutes for bar in self._roll(minute))

    def add_bar(self, bar: Bar) -> tuple[Bar, ...]:
        """Take a recorded bar; give it and every longer bar that it closes."""
        return self._roll(bar)

    def advance(self, at: int, grace: int) -> Iterator[Bar]:
        """Close what ended at least `grace` before `at`, lazily as `add_tick`."""
        minutes = self._minutes.advance(at, grace)
        return (bar for minute in minutes for bar in self._roll(minute))

    @property
    def next_close(self) -> int:
        """The earliest instant at which a bar may still close."""
        return self._minutes.next_close

    def _roll(self, bar: Bar) -> tuple[Bar, ...]:
        closed = [bar]
        own = self.series.get(bar.timeframe)
        if own is not None:
            own.add(bar)
        for timeframe, series in self.series.items():
            if timeframe > bar.timeframe:
                closed += [
                    longer for longer in series.roller.add(bar) if series.add(longer)
                ]
        self._remember(bar)
        return tuple(closed)

    def _remember(self, bar: Bar) -> None:
        if bar.timeframe.length > 60 * MINUTE_BAR.length:
            return
        if not self._closes or self._closes[-1][0] < bar.close_time:
            self._closes.append((bar.close_time, bar.close))

    def change(self, at: int, price: float, span: int) -> float | None:
        """Relative change of `price` since `at - span`; None where unknown.

        The earlier price is the close of a bar that ended at most a tenth of the
        span (a minute at least) before that instant.
        """
        wanted = at - span
        index = bisect_right(self._closes, wanted, key=lambda close: close[0]) - 1
        if index < 0:
            return None
        close_time, close = self._closes[index]
        if wanted - close_time > max(span // 10, MINUTE):
            return None
        return price / close - 1
