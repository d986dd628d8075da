"""Which crossings lie in a sequence of prices: the closed form, and nothing else.

A fire is the first price beyond the level for which some price since the last fire
was back on the other side, by the re-arm distance after the first fire.
"""

from collections.abc import Sequence
from typing import NamedTuple


class Fire(NamedTuple):
    """One crossing that had to be told."""

    at: int
    rule: str
    direction: str


def fires(
    rule: str, prices: Sequence[tuple[int, float]], level: float, rearm: float
) -> list[Fire]:
    """Both directions of one level over (instant, price), in order."""
    away = [_grid(price) - _grid(level) for _, price in prices]
    found: list[Fire] = []
    for sign, direction in ((1, "up"), (-1, "down")):
        since, distance = 0, 0
        for index, (at, _) in enumerate(prices):
            if sign * away[index] <= 0:
                continue
            if any(sign * d < -distance for d in away[since:index]):
                found.append(Fire(at, rule, direction))
                since, distance = index, _grid(rearm)
    return found


def _grid(price: float) -> int:
    """Whole hundred-thousandths: differences of floats would decide at the edges."""
    return round(price * 100_000)
