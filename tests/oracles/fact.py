"""What an oracle expects to be told: the least that makes two firings different.

Oracles look at a whole path at once and answer by quantifiers over it, as slowly as
they like. They share no code with the engine: only numbers, lists and this type.
"""

from collections.abc import Callable
from typing import NamedTuple

Seen = tuple[int, float]
"""Seconds and a number: a price, or the signed distance to a level.

Oracles are fed with whole numbers, so that their arithmetic is exact.
"""

Later = Callable[[int, int], int]
"""The second at which a duration has passed since another second."""


class Fact(NamedTuple):
    """One expected firing; `at` is its effective time in seconds."""

    at: int
    event: str
    direction: str | None


def by_the_clock(at: int, duration: int) -> int:
    """The end of a duration in a market that never closes."""
    return at + duration


def name_of(sign: int) -> str:
    """The direction of a move towards `sign`."""
    return "up" if sign > 0 else "down"
