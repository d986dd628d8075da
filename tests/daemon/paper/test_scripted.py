"""A market whose prices a test wrote down."""

import pytest

from daemon.paper.market import Candle
from daemon.paper.pair import BNB_USD
from daemon.paper.scripted import ScriptedMarket
from market.instant import MINUTE

T0 = 1_747_612_800_000


def market() -> ScriptedMarket:
    return ScriptedMarket(
        {"BNB/USD": [(T0, 640.0), (T0 + 30_000, 645.5), (T0 + 2 * MINUTE, 637.0)]}
    )


@pytest.mark.parametrize(
    ("after", "price"),
    [(-1, 64000), (0, 64000), (29_999, 64000), (30_000, 64550), (10**9, 63700)],
)
def test_a_price_holds_until_the_next_one(after: int, price: int) -> None:
    assert market().price(BNB_USD, T0 + after) == price


def test_a_candle_spans_what_was_written_and_what_held_before() -> None:
    played = market()

    first = played.candle(BNB_USD, T0, T0 + MINUTE - 1)
    second = played.candle(BNB_USD, T0 + MINUTE, T0 + 2 * MINUTE - 1)
    third = played.candle(BNB_USD, T0 + 2 * MINUTE, T0 + 3 * MINUTE - 1)

    assert first == Candle(
        opened=T0, open=64000, high=64550, low=64000, close=64550, volume=2.0
    )
    assert second == Candle(
        opened=T0 + MINUTE, open=64550, high=64550, low=64550, close=64550, volume=0.0
    )
    assert third == Candle(
        opened=T0 + 2 * MINUTE,
        open=63700,
        high=63700,
        low=63700,
        close=63700,
        volume=1.0,
    )


def test_before_the_first_price_there_is_no_candle() -> None:
    assert market().candle(BNB_USD, T0 - MINUTE, T0 - 1) is None
    assert market().begins == T0


def test_a_test_may_move_the_market_while_it_is_polled() -> None:
    played = market()

    played.tell("BNB/USD", T0 + 5 * MINUTE, 650.0)

    assert played.price(BNB_USD, T0 + 5 * MINUTE) == 65000


def test_a_script_that_goes_back_in_time_is_refused() -> None:
    with pytest.raises(ValueError, match="comes after"):
        market().tell("BNB/USD", T0, 650.0)


@pytest.mark.parametrize(
    ("steps", "said"),
    [({"BTC/USD": [(T0, 1.0)]}, "no pair"), ({"BNB/USD": []}, "no price")],
)
def test_a_script_without_pair_or_price_is_refused(
    steps: dict[str, list[tuple[int, float]]], said: str
) -> None:
    with pytest.raises(ValueError, match=said):
        ScriptedMarket(steps)
