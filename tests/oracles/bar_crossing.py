"""What one bar proves about one level, by trying every path that could have made it."""

from collections.abc import Sequence
from functools import cache
from itertools import product

Path = tuple[int, ...]
LONGEST = 6
"""Ticks in a bar; longer paths only add whipsaws (a longer one has a shorter twin)."""


@cache
def certain_crossings(
    side_before: int, opened: int, high: int, low: int, closed: int, level: int
) -> tuple[int, ...]:
    """The crosses (+1, −1) that every path with this open, high, low, close made.

    Args:
        side_before: the last non-zero side, ±1, or 0 where it is unknown.
    """
    histories = [
        _crossings(side_before, path, level)
        for path in _paths(opened, high, low, closed)
    ]
    return _common_prefix(histories)


def _paths(opened: int, high: int, low: int, closed: int) -> list[Path]:
    prices = range(low, high + 1)
    paths: list[Path] = [(opened,)] if opened == high == low == closed else []
    for between in range(LONGEST - 1):
        for middle in product(prices, repeat=between):
            path = (opened, *middle, closed)
            if max(path) == high and min(path) == low:
                paths.append(path)
    return paths


def _crossings(side_before: int, path: Path, level: int) -> tuple[int, ...]:
    memory, crossed = side_before, []
    for price in path:
        side = (price > level) - (price < level)
        if side and memory and side != memory:
            crossed.append(side)
        memory = side or memory
    return tuple(crossed)


def _common_prefix(histories: Sequence[tuple[int, ...]]) -> tuple[int, ...]:
    shortest = min(histories, key=len)
    for n in range(len(shortest), 0, -1):
        if all(history[:n] == shortest[:n] for history in histories):
            return shortest[:n]
    return ()
