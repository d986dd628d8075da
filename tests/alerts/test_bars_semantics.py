"""Bars: what they prove about a level, what their closes confirm, how levels jump."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.alerts.paths import DIRECTIONS, Observation, cross
from tests.alerts.told import seconds, ticks, told
from tests.oracles.average import ema, sma
from tests.oracles.bar_crossing import certain_crossings
from tests.oracles.bars import Candle, minute_bars
from tests.oracles.cross import Crossing, crossings
from tests.oracles.fact import Fact
from tests.play import T0, play

CLOSES = st.lists(st.integers(97, 103), min_size=1, max_size=20)
SMALL = st.integers(98, 102)


@st.composite
def ohlc(draw: st.DrawFn) -> tuple[int, int, int, int]:
    """Open, high, low, close of one bar around 100."""
    prices = draw(st.lists(SMALL, min_size=2, max_size=4))
    return prices[0], max(prices), min(prices), prices[-1]


def bar(minute: int, prices: tuple[float, float, float, float]) -> Observation:
    return ("bar", minute * 60, *prices)


def flat(minute: int, price: float) -> Observation:
    return bar(minute, (price, price, price, price))


@given(st.lists(ohlc(), min_size=1, max_size=8), st.one_of(st.none(), SMALL))
def test_i18_a_bar_tells_the_crossings_that_every_path_would_have_made(
    bars: list[tuple[int, int, int, int]], seed: int | None
) -> None:
    path: list[Observation] = [] if seed is None else [(0, seed)]
    side = 0 if seed is None else (seed > 100) - (seed < 100)
    expected: list[str] = []
    for minute, prices in enumerate(bars, start=1):
        path.append(bar(minute, prices))
        crossed = certain_crossings(side, *prices, 100)
        expected += ["up" if sign > 0 else "down" for sign in crossed]
        side = _side_after(side, crossed, prices)

    triggers = play(cross("any"), path)

    assert [trigger.direction for trigger in triggers] == expected
    for trigger in triggers:
        assert trigger.approximate
        assert trigger.window is not None
        assert trigger.at in trigger.window


def _side_after(side: int, crossed: tuple[int, ...], prices: tuple[int, ...]) -> int:
    """The side that is remembered after a bar: its close, else the last crossing's."""
    opened, _, _, closed = prices
    last = (closed > 100) - (closed < 100)
    begun = side or (opened > 100) - (opened < 100)
    return last or (crossed[-1] if crossed else begun)


def test_the_first_visit_of_a_bar_is_dated_by_its_open() -> None:
    (trigger,) = play(cross("up"), [flat(0, 99), bar(1, (101, 102, 101, 102))])

    assert seconds([trigger]) == [60]
    assert trigger.window == (T0 + 60_000, T0 + 120_000)


def test_a_later_visit_of_a_bar_is_dated_by_its_close() -> None:
    (trigger,) = play(cross("up"), [flat(0, 99), bar(1, (99, 102, 99, 101))])

    assert seconds([trigger]) == [120]


def test_a_first_bar_that_opens_on_the_level_only_seeds_with_its_close() -> None:
    path = [bar(0, (100, 103, 97, 101)), flat(1, 99)]

    assert told(play(cross("any"), path)) == [Fact(60, "cross", "down")]


@given(CLOSES, DIRECTIONS, st.integers(1, 3), st.integers(0, 2), st.integers(0, 3))
def test_closes_confirm_like_ticks_that_come_once_a_bar(
    closes: list[int], direction: str, count: int, buffer: int, rearm: int
) -> None:
    path = [flat(minute, close) for minute, close in enumerate(closes)]
    when = cross(direction, buffer=buffer, rearm=rearm)
    when["confirm"] = "close:1m" if count == 1 else f"closes:{count}:1m"
    rule = Crossing(
        sign=1 if direction == "up" else -1, buffer=buffer, rearm=rearm, ticks=count
    )

    by_close = [((minute + 1) * 60, close - 100) for minute, close in enumerate(closes)]

    assert told(play(when, path)) == crossings(rule, by_close)


@given(CLOSES, DIRECTIONS, st.integers(1, 3), st.sampled_from([30, 60, 90, 150]))
def test_a_hold_after_a_close_is_broken_by_closes_only(
    closes: list[int], direction: str, count: int, hold: int
) -> None:
    path = [flat(minute, close) for minute, close in enumerate(closes)]
    when = cross(direction, hold=hold) | {"confirm": f"closes:{count}:1m"}
    rule = Crossing(sign=1 if direction == "up" else -1, ticks=count, hold=hold)

    by_close = [((minute + 1) * 60, close - 100) for minute, close in enumerate(closes)]

    assert told(play(when, path)) == crossings(rule, by_close)


def test_a_hold_is_read_out_of_bars_that_lie_wholly_beyond() -> None:
    path = [flat(0, 99), bar(1, (101, 102, 101, 102)), bar(2, (102, 103, 101, 102))]

    held = play(cross("up", hold=150), [*path, flat(3, 101)])

    assert told(held) == [Fact(210, "cross", "up")]


def test_a_wick_back_breaks_a_hold_that_is_read_out_of_bars() -> None:
    path = [flat(0, 99), bar(1, (101, 102, 101, 102)), bar(2, (102, 103, 99, 102))]

    assert play(cross("up", hold=150), [*path, flat(3, 101)]) == []


@given(
    st.lists(
        st.tuples(st.integers(0, 50), st.integers(97, 103)), min_size=1, max_size=30
    ),
    DIRECTIONS,
    st.integers(1, 2),
)
def test_closes_of_bars_built_from_ticks_confirm_too(
    steps: list[tuple[int, int]], direction: str, count: int
) -> None:
    path, at = [], 0
    for pause, price in steps:
        at += pause
        path.append((at, price))
    when = cross(direction)
    when["confirm"] = "close:1m" if count == 1 else f"closes:{count}:1m"
    rule = Crossing(sign=1 if direction == "up" else -1, ticks=count)

    bars = minute_bars(path, until=at)
    by_close = [(candle.opened + 60, candle.close - 100) for candle in bars]

    assert told(play(when, path)) == crossings(rule, by_close)


def test_wicks_of_ticks_do_not_confirm_a_close() -> None:
    when = cross("up") | {"confirm": "close:1m"}
    wick = [(0, 99), (30, 105), (59, 100), (70, 99), (130, 99)]
    close = [(0, 99), (70, 99), (110, 101), (119, 101), (121, 99)]

    assert play(when, wick) == []
    assert told(play(when, close)) == [Fact(120, "cross", "up")]


def test_a_close_exactly_on_the_level_breaks_a_run_and_keeps_the_side() -> None:
    when = cross("up") | {"confirm": "closes:2:1m"}
    path = [
        flat(minute, close) for minute, close in enumerate((99, 101, 100, 101, 101))
    ]

    assert told(play(when, path)) == [Fact(300, "cross", "up")]


def _by_average(closes: list[int], length: int, kind: str) -> list[tuple[int, float]]:
    """What a cross of a closed average sees: a visit, then the jump of the level."""
    seen: list[tuple[int, float]] = []
    average = sma if kind == "sma" else ema
    level = None
    for minute, close in enumerate(closes):
        if level is not None:
            seen.append((minute * 60, _side(close - level)))
        level = average(closes[: minute + 1], length)
        if level is not None:
            seen.append(((minute + 1) * 60, _side(close - level)))
    return seen


def _side(distance: Fraction | float) -> int:
    """Only the sign: a distance below one part in 10⁹ is none."""
    return (distance > 1e-7) - (distance < -1e-7)


@given(CLOSES, st.integers(1, 4), st.sampled_from(["sma", "ema"]))
def test_i20_a_closed_average_is_crossed_where_its_fractions_say(
    closes: list[int], length: int, kind: str
) -> None:
    levels = {"m": {"kind": kind, "length": length, "timeframe": "1m"}}
    path = [flat(minute, close) for minute, close in enumerate(closes)]

    seen = _by_average(closes, length, kind)
    expected = [
        fact for sign in (1, -1) for fact in crossings(Crossing(sign=sign), seen)
    ]

    assert told(play(cross("any", level="m"), path, levels=levels)) == sorted(expected)


@given(CLOSES, st.integers(2, 4))
def test_i20_a_tick_is_compared_with_the_average_of_closed_bars_only(
    closes: list[int], length: int
) -> None:
    levels = {"m": {"kind": "sma", "length": length, "timeframe": "1m"}}
    # Two ticks a minute: the second is the close.
    path = [
        seen
        for minute, close in enumerate(closes)
        for seen in ((minute * 60 + 10, 100), (minute * 60 + 50, close))
    ]

    bars = [Candle(m * 60, 100, 0, 0, close) for m, close in enumerate(closes)]
    seen: list[tuple[int, float]] = []
    level, previous = None, 0
    for minute, candle in enumerate(bars):
        if minute:
            # The bar closes with the first tick of the next; its level then jumps.
            level = sma([int(b.close) for b in bars[:minute]], length)
            if level is not None:
                seen.append((minute * 60, _side(previous - level)))
        if level is not None:
            seen.append((minute * 60 + 10, _side(100 - level)))
            seen.append((minute * 60 + 50, _side(candle.close - level)))
        previous = int(candle.close)
    expected = [
        fact for sign in (1, -1) for fact in crossings(Crossing(sign=sign), seen)
    ]

    assert told(play(cross("any", level="m"), path, levels=levels)) == sorted(expected)


@pytest.mark.parametrize(
    ("prices", "touched"),
    [
        ((99, 101, 99, 99), True),
        ((99, 100, 98, 99), True),
        ((99, 99, 97, 98), False),
        ((102, 103, 101, 102), True),
    ],
    ids=["through", "onto", "under", "over it at once"],
)
def test_a_bar_touches_what_its_range_holds(
    prices: tuple[int, int, int, int], touched: bool
) -> None:
    when = {"kind": "touch", "level": 100, "tolerance": "0", "rearm": "0"}

    triggers = play(when, [(0, 98), bar(1, prices)])

    assert bool(triggers) == touched


def test_a_bar_that_stays_outside_a_zone_is_no_visit() -> None:
    when = {
        "kind": "zone",
        "level": {"kind": "zone", "low": 98, "high": 102},
        "events": ["enter"],
    }

    assert play(when, [(0, 105), bar(1, (105, 106, 103, 104))]) == []
    assert play(when, [*ticks(105), bar(1, (105, 106, 101, 104))]) != []


def test_a_tick_that_closes_two_bars_shows_the_level_of_each() -> None:
    levels = {"m": {"kind": "sma", "length": 2, "timeframe": "1m"}}
    # At 180 the average falls from 100 to 92.5, at 240 it rises to 95.
    path = [(10, 110), (70, 90), (130, 95), (250, 95)]

    (trigger,) = play(cross("any", level="m"), path, levels=levels)

    assert seconds([trigger]) == [180]
    assert (trigger.direction, trigger.cause, trigger.level) == ("up", "level", 92.5)


def test_a_hold_waits_for_the_bar_that_closes_with_it() -> None:
    when = cross("up", hold=60) | {"confirm": "close:1m"}
    path = [(10, 99), (70, 101), (130, 101), (170, 99), ("advance", 181), (190, 99)]

    assert play(when, path) == []


def test_a_watermark_closes_minutes_without_ticks_too() -> None:
    levels = {"m": {"kind": "sma", "length": 2, "timeframe": "1m"}}
    # At 180 the average is 92.5; the carried minute lifts it to the price at 240.
    path = [(10, 92), (70, 88), (130, 95), ("advance", 280), (300, 95)]

    assert play(cross("up", level="m", hold=150), path, levels=levels) == []
