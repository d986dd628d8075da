"""Percent moves in a rolling window, by looking at every pair of observations."""

from collections.abc import Sequence
from fractions import Fraction
from typing import NamedTuple

from tests.oracles.fact import Fact, Later, Seen, by_the_clock, name_of


class Move(NamedTuple):
    """One expected fire and the price that it is measured from."""

    fact: Fact
    reference: Fraction


def moves(
    prices: Sequence[Seen],
    *,
    sign: int,
    by: Fraction,
    window: int,
    later: Later = by_the_clock,
) -> list[Move]:
    """Every move of `by` within `window` seconds, measured from the extreme.

    The window of an observation at t holds every price with t − window ≤ its time,
    and the price in force at t − window: the newest older one, unless one stands
    exactly there. A fire's own price is the first of the next window; nothing before
    it counts again.

    Args:
        sign: +1 up, −1 down.
        by: a fraction: 1/10 is ten percent.
    """
    told: list[Move] = []
    last_fire = 0
    for i, (at, price) in enumerate(prices):
        since = range(last_fire, i + 1)
        inside = [j for j in since if later(prices[j][0], window) >= at]
        exactly_there = any(later(prices[j][0], window) == at for j in inside)
        older = [j for j in since if later(prices[j][0], window) < at]
        if older and not exactly_there:
            inside.append(older[-1])
        seen = [Fraction(prices[j][1]) for j in inside]
        reference = min(seen) if sign > 0 else max(seen)
        if sign * (Fraction(price) - reference * (1 + sign * by)) >= 0:
            told.append(Move(Fact(at, "move", name_of(sign)), reference))
            last_fire = i
    return told
