"""The played market: it tells the story, the same everywhere, consistently."""

import hashlib
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from daemon.paper.market import DEFAULT_START, Candle, PlayedMarket
from daemon.paper.pair import BNB_USD, DOGE_USD, EUR_USD, PAIRS, XMR_USD, Pair
from daemon.paper.story import HISTORY_LENGTH, STORY_LENGTH
from market.instant import DAY, HOUR, MINUTE
from market.instrument import Session
from market.timeframe import parse_timeframe

START = DEFAULT_START
MARKET = PlayedMarket()
SEEDS = (1, 2, 3, 5, 8)


def path(market: PlayedMarket, pair: Pair, first: float, last: float) -> list[float]:
    """The price of every minute between two hours of the story."""
    start, end = round(first * 60), round(last * 60)
    return [
        market.price(pair, START + minute * MINUTE) / 10**pair.decimals
        for minute in range(start, end + 1)
    ]


def crossings(prices: list[float], level: float) -> int:
    return sum((a > level) != (b > level) for a, b in pairwise(prices))


@pytest.mark.parametrize("seed", SEEDS)
def test_xmr_gains_half_within_a_day_and_gives_most_of_it_back(seed: int) -> None:
    prices = path(PlayedMarket(seed=seed), XMR_USD, 26, 33)

    assert prices[0] == 228.0
    assert max(prices) >= 228.0 * 1.5
    assert max(prices) < 518 * 0.95
    assert prices[-1] == 265.0


@pytest.mark.parametrize("seed", SEEDS)
def test_bnb_enters_its_zone_is_rejected_loses_it_and_takes_it_back(seed: int) -> None:
    market = PlayedMarket(seed=seed)

    assert min(path(market, BNB_USD, 0, 15.5)) > 637.0
    assert min(path(market, BNB_USD, 8, 13)) < 640.0
    assert max(path(market, BNB_USD, 15, 27)) > 650.0
    assert 636.0 < min(path(market, BNB_USD, 33, 35)) < 637.0
    assert max(path(market, BNB_USD, 34.25, 35.5)) > 637.0
    assert max(path(market, BNB_USD, 37.5, 48)) < 637.0
    assert max(path(market, BNB_USD, 56, 66)) > 643.0
    assert path(market, BNB_USD, 72, 72)[0] == 652.6


@pytest.mark.parametrize("seed", SEEDS)
def test_bnb_s_short_dip_does_not_last_for_half_an_hour(seed: int) -> None:
    below = [p < 637.0 for p in path(PlayedMarket(seed=seed), BNB_USD, 33, 36)]

    longest = max(len(run) for run in "".join("x" if b else " " for b in below).split())
    assert 1 <= longest < 30


@pytest.mark.parametrize("seed", SEEDS)
def test_doge_breaks_out_falsely_and_comes_near_218(seed: int) -> None:
    market = PlayedMarket(seed=seed)
    over = [p > 0.2320 for p in path(market, DOGE_USD, 29, 36)]

    assert 60 < sum(over) < 4 * 60
    assert max(path(market, DOGE_USD, 0, 13)) < 0.2200
    assert min(path(market, DOGE_USD, 17, 50)) > 0.2200
    assert 0.2180 < min(path(market, DOGE_USD, 58, 96)) < 0.2180 * 1.005


@pytest.mark.parametrize("seed", SEEDS)
def test_eur_stays_under_112_through_the_asian_morning(seed: int) -> None:
    market = PlayedMarket(seed=seed)

    assert max(path(market, EUR_USD, 0, 9)) <= 1.1200
    assert max(path(market, EUR_USD, 38, 48)) > 1.1210
    assert 1.1245 < max(path(market, EUR_USD, 56, 77)) < 1.1260
    assert path(market, EUR_USD, 77, 77)[0] == 1.1224


@pytest.mark.parametrize("seed", SEEDS)
def test_eur_closes_four_hours_under_its_average_of_two_hundred(seed: int) -> None:
    closes = h4_closes(PlayedMarket(seed=seed))
    average = {
        closed: sum(price for _, price in closes[number - 199 : number + 1]) / 200
        for number, (closed, _) in enumerate(closes)
        if number >= 199
    }
    side = {
        round((closed - START) / HOUR): price > average[closed]
        for closed, price in closes
        if closed > START
    }

    assert side[1]
    assert not side[9]
    assert not side[29]
    assert side[41]
    assert side[93]


def h4_closes(market: PlayedMarket) -> list[tuple[int, float]]:
    """Closes of the New York four-hour bars, made of hourly candles."""
    bars: dict[int, float] = {}
    for opened in range(market.begins, START + STORY_LENGTH, HOUR):
        candle = market.candle(EUR_USD, opened, opened + HOUR - 1)
        if candle is not None:
            _, closed = parse_timeframe("4h").bucket(Session.FX, opened)
            bars[closed] = candle.close / 1e5
    return sorted(bars.items())


def test_there_is_history_enough_for_two_hundred_bars_of_four_hours() -> None:
    closed = [at for at, _ in h4_closes(MARKET) if at <= START]

    assert len(closed) > 300
    assert HISTORY_LENGTH >= 60 * DAY


def test_the_same_seed_gives_the_same_market_on_every_machine() -> None:
    """A digest of 4 x 500 prices; another value means another market for all."""
    digest = hashlib.sha256()
    for pair in PAIRS:
        for step in range(500):
            at = START - HISTORY_LENGTH + step * 226 * MINUTE + 12_345
            digest.update(f"{MARKET.price(pair, at)},".encode())

    assert digest.hexdigest()[:16] == "111eeed3b4d48242"


def test_another_seed_gives_another_way() -> None:
    one, other = PlayedMarket(seed=1), PlayedMarket(seed=2)

    assert path(one, BNB_USD, 1, 3) != path(other, BNB_USD, 1, 3)


def test_another_start_tells_the_same_story_later() -> None:
    later = PlayedMarket(start=START + 7 * DAY)

    assert later.price(XMR_USD, START + 8 * DAY) == MARKET.price(XMR_USD, START + DAY)


def test_a_start_within_a_minute_is_refused() -> None:
    with pytest.raises(ValueError, match="whole minute"):
        PlayedMarket(start=START + 1)


@pytest.mark.parametrize("at", [START - 1000 * DAY, START + 1000 * DAY])
def test_there_is_a_price_at_any_time(at: int) -> None:
    assert MARKET.price(BNB_USD, at) > 0


pairs = st.sampled_from(PAIRS)
instants = st.integers(START - 70 * DAY, START + 5 * DAY)


@given(pairs, instants, st.integers(1, 3 * HOUR), st.integers(0, 100))
def test_a_candle_holds_every_price_inside_it(
    pair: Pair, opened: int, length: int, percent: int
) -> None:
    last = opened + length - 1
    candle = MARKET.candle(pair, opened, last)
    if candle is None:
        return

    inside = MARKET.price(pair, opened + (length - 1) * percent // 100)
    assert candle.low <= inside <= candle.high
    assert candle.open == MARKET.price(pair, opened)
    assert candle.close == MARKET.price(pair, last)
    assert candle.volume > 0


@given(instants)
def test_an_hour_is_made_of_its_minutes(at: int) -> None:
    hour = at - at % HOUR
    minutes = [
        MARKET.candle(XMR_USD, opened, opened + MINUTE - 1)
        for opened in range(hour, hour + HOUR, MINUTE)
    ]
    whole = MARKET.candle(XMR_USD, hour, hour + HOUR - 1)

    traded = [candle for candle in minutes if candle is not None]
    assert isinstance(whole, Candle)
    assert whole.high == max(candle.high for candle in traded)
    assert whole.low == min(candle.low for candle in traded)
    assert (whole.open, whole.close) == (traded[0].open, traded[-1].close)


def test_fx_is_shut_from_friday_to_sunday_and_keeps_its_last_price() -> None:
    saturday = START - 2 * DAY
    friday_close = START - 2 * DAY - 3 * HOUR

    assert MARKET.candle(EUR_USD, saturday, saturday + HOUR - 1) is None
    assert MARKET.candle(BNB_USD, saturday, saturday + HOUR - 1) is not None
    assert MARKET.price(EUR_USD, saturday) == MARKET.price(EUR_USD, friday_close - 1)
