"""Bars and averages against oracles that know all ticks at once."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from market.aggregate import BarRoller, MinuteBuilder
from market.bar import Bar
from market.indicator import Ema, Sma
from market.instant import DAY, HOUR, MINUTE, SECOND, WEEK, parse_instant
from market.instrument import Instrument, Session
from market.series import Book
from market.timeframe import MINUTE_BAR, parse_timeframe
from tests.oracles.average import ema, sma
from tests.oracles.bars import Candle, merged, minute_bars

BASE = parse_instant("2025-05-19T00:00Z")
PATHS = st.lists(
    st.tuples(st.one_of(st.integers(0, 20), st.integers(0, 200)), st.integers(90, 110)),
    min_size=1,
    max_size=30,
)


def timed(steps: list[tuple[int, int]]) -> list[tuple[int, float]]:
    at, ticks = 0, []
    for pause, price in steps:
        at += pause
        ticks.append((at, float(price)))
    return ticks


def instrument(
    stale_after: int = WEEK, session: Session = Session.CRYPTO
) -> Instrument:
    return Instrument(name="EUR/USD", session=session, stale_after=stale_after)


def candle(bar: Bar) -> Candle:
    opened = (bar.open_time - BASE) // SECOND
    return Candle(opened, bar.open, bar.high, bar.low, bar.close)


def built(
    ticks: list[tuple[int, float]], timeframe: str, stale_after: int = WEEK
) -> list[Candle]:
    book = Book(instrument(stale_after))
    book.watch(parse_timeframe(timeframe))
    closed = [
        bar for at, price in ticks for bar in book.add_tick(BASE + at * SECOND, price)
    ]
    return [candle(bar) for bar in closed if str(bar.timeframe) == timeframe]


@given(PATHS)
def test_a_minute_without_ticks_carries_the_close(steps: list[tuple[int, int]]) -> None:
    ticks = timed(steps)

    assert built(ticks, "1m") == minute_bars(ticks, until=ticks[-1][0])


@given(PATHS, st.integers(1, 150))
def test_a_minute_in_a_gap_is_no_bar(
    steps: list[tuple[int, int]], stale_after: int
) -> None:
    ticks = timed(steps)

    bars = built(ticks, "1m", stale_after=stale_after * SECOND)

    assert bars == minute_bars(ticks, until=ticks[-1][0], stale_after=stale_after)


@given(PATHS, st.sampled_from([2, 3, 5, 15]))
def test_longer_bars_are_made_of_minutes(
    steps: list[tuple[int, int]], minutes: int
) -> None:
    ticks = timed(steps)
    until = ticks[-1][0] // 60 * 60

    bars = built(ticks, f"{minutes}m")

    assert bars == merged(minute_bars(ticks, until), minutes, until)


@given(PATHS)
def test_four_hours_of_minutes_are_four_hours_of_hours(
    steps: list[tuple[int, int]],
) -> None:
    ticks = timed([(pause * 40, price) for pause, price in steps])
    by_minutes, by_hours = Book(instrument()), Book(instrument())
    for book in (by_minutes, by_hours):
        book.watch(parse_timeframe("4h"))
    by_minutes.watch(parse_timeframe("1h"))

    closed = [
        bar
        for at, price in ticks
        for bar in by_minutes.add_tick(BASE + at * SECOND, price)
    ]
    again = [
        bar
        for hour in closed
        if str(hour.timeframe) == "1h"
        for bar in by_hours.add_bar(hour)
    ]

    fours, fours_again = (
        [bar for bar in bars if str(bar.timeframe) == "4h"] for bars in (closed, again)
    )
    assert fours_again == fours


@given(
    st.lists(st.decimals("0.9", "1.3", places=4), min_size=1, max_size=40),
    st.integers(1, 12),
)
def test_averages_are_the_exact_fractions_to_the_last_bits(
    closes: list[Any], length: int
) -> None:
    numbers = [float(close) for close in closes]
    simple, exponential = Sma(length), Ema(length)
    for i, close in enumerate(numbers):
        for average in (simple, exponential):
            average.add(flat(i, close))

    for average, oracle in ((simple, sma), (exponential, ema)):
        exact = oracle(numbers, length)
        if exact is None:
            assert average.value is None
        else:
            assert average.value == pytest.approx(float(exact), rel=1e-14)


@given(
    st.lists(st.integers(90, 110), min_size=2, max_size=30),
    st.integers(2, 8),
    st.integers(90, 110),
)
def test_i20_over_the_live_average_is_over_the_closed_one_of_one_bar_less(
    closes: list[int], length: int, price: int
) -> None:
    live = sma([*closes, price], length)
    closed = sma(closes, length - 1)

    if live is not None and closed is not None:
        assert (price > live) == (price > closed)
        assert (price < live) == (price < closed)


def flat(minute: int, price: float) -> Bar:
    opened = BASE + minute * MINUTE
    return Bar(
        instrument="EUR/USD",
        timeframe=MINUTE_BAR,
        open_time=opened,
        close_time=opened + MINUTE,
        open=price,
        high=price,
        low=price,
        close=price,
    )


def test_a_watermark_closes_a_minute_after_its_grace() -> None:
    builder = MinuteBuilder(instrument())
    builder.add(BASE + 59 * SECOND, 100.0)

    assert builder.advance(BASE + 62 * SECOND - 1, 2 * SECOND) == ()
    (bar,) = builder.advance(BASE + 62 * SECOND, 2 * SECOND)
    assert (bar.open_time, bar.close_time) == (BASE, BASE + MINUTE)
    assert builder.add(BASE + 70 * SECOND, 101.0) == ()


def test_a_closed_weekend_has_no_bars() -> None:
    book = Book(instrument(stale_after=MINUTE, session=Session.FX))
    book.watch(parse_timeframe("4h"))
    friday = parse_instant("2025-05-23T20:59:50Z")
    sunday = parse_instant("2025-05-25T21:00:10Z")

    book.add_tick(friday, 1.12)
    closed = book.add_tick(sunday, 1.13)

    minutes = [bar for bar in closed if bar.timeframe == MINUTE_BAR]
    assert [bar.open_time for bar in minutes] == [friday - friday % MINUTE]


def test_a_week_of_minutes_gives_thirty_fx_bars_of_four_hours() -> None:
    book = Book(instrument(stale_after=2 * HOUR, session=Session.FX))
    book.watch(parse_timeframe("4h"))
    opened = parse_instant("2025-05-18T21:00Z")

    closed: list[Bar] = []
    at = opened
    while at < opened + 5 * DAY:
        closed += book.add_tick(at, 1.12)
        at += 30 * MINUTE
    closed += book.add_tick(opened + WEEK, 1.12)

    fours = [bar for bar in closed if str(bar.timeframe) == "4h"]
    assert [bar.open_time for bar in fours] == [
        opened + n * 4 * HOUR for n in range(30)
    ]


def test_the_beginning_of_a_forming_bar_is_put_before_what_was_built_here() -> None:
    roller = BarRoller(instrument(stale_after=MINUTE), parse_timeframe("15m"))
    ours = _minute(10, 101.0, 103.0, 100.0, 102.0)
    venues = [
        _minute(0, 99.0, 104.0, 98.0, 100.0),
        _minute(9, 100.0, 101.0, 99.5, 101.0),
    ]

    roller.add(ours)
    roller.backfill(venues)

    assert roller.forming is not None
    formed = roller.forming
    assert (formed.open, formed.high, formed.low, formed.close) == (99, 104, 98, 102)


def _minute(number: int, o: float, h: float, low: float, c: float) -> Bar:
    opened = BASE + number * MINUTE
    return Bar(
        instrument="XMR/USD",
        timeframe=MINUTE_BAR,
        open_time=opened,
        close_time=opened + MINUTE,
        open=o,
        high=h,
        low=low,
        close=c,
    )
