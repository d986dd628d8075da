"""The random way between two knots."""

from math import sqrt
from statistics import fmean, pstdev

import pytest
from hypothesis import given
from hypothesis import strategies as st

from daemon.paper.bridge import (
    Knot,
    Segment,
    draw,
    mix,
    price_at,
    prices_between,
)

DAY = Segment(
    start=Knot(minute=-1440, price=600.0), end=Knot(minute=0, price=660.0), noise=3e-4
)


def test_the_hash_is_splitmix64() -> None:
    """Its first three outputs from the seed 1234567, as commonly published."""
    step, seed = 0x9E3779B97F4A7C15, 1234567

    assert [mix(seed + turn * step) for turn in range(3)] == [
        6457827717110365317,
        3203168211198807973,
        9817491932198370423,
    ]


def test_draws_are_normal_enough() -> None:
    draws = [draw(mix(7), index) for index in range(20_000)]

    assert abs(fmean(draws)) < 0.03
    assert pstdev(draws) == pytest.approx(1.0, abs=0.02)
    assert max(map(abs, draws)) < 2 * sqrt(3)


def test_the_way_begins_and_ends_at_its_knots() -> None:
    assert price_at(DAY, 7, -1440) == 600.0
    assert price_at(DAY, 7, 0) == 660.0


def test_without_noise_the_way_is_straight() -> None:
    straight = Segment(start=DAY.start, end=DAY.end, noise=0.0)

    assert price_at(straight, 7, -720) == 630.0


def test_the_middle_strays_as_far_as_a_brownian_bridge_does() -> None:
    strays = [price_at(DAY, mix(seed), -720) / 630.0 - 1 for seed in range(2000)]

    assert pstdev(strays) == pytest.approx(3e-4 * sqrt(1440) / 2, rel=0.06)


@given(st.integers(-1440, 0), st.integers(-1440, 0))
def test_a_minute_alone_is_the_minute_among_others(one: int, other: int) -> None:
    first, last = sorted((one, other))

    together = prices_between(DAY, 7, first, last)

    assert len(together) == last - first + 1
    assert together[0] == price_at(DAY, 7, first)
    assert together[-1] == price_at(DAY, 7, last)
