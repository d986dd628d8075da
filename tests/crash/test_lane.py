"""Stored prices against served ones."""

from daemon.paper.exchange import Served
from tests.crash.lane import count_unserved

SERVED = [
    Served(at=at, instrument="BNB/USD", price=price)
    for at, price in ((10, 640.0), (20, 641.0), (30, 640.0))
]


def test_some_of_the_served_prices_in_their_order_are_all_served() -> None:
    stored = {"BNB/USD": [(12, 64_000_000), (33, 64_000_000)]}

    assert count_unserved(stored, SERVED) == 0


def test_a_price_that_nobody_served_counts() -> None:
    assert count_unserved({"BNB/USD": [(12, 64_000_001)]}, SERVED) == 1


def test_a_price_stored_before_it_was_served_counts() -> None:
    assert count_unserved({"BNB/USD": [(15, 64_100_000)]}, SERVED) == 1


def test_a_price_stored_twice_counts() -> None:
    twice = [(33, 64_100_000), (34, 64_100_000)]

    assert count_unserved({"BNB/USD": twice}, SERVED) == 1
