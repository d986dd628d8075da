"""A random way between two fixed prices, the same on every machine.

Midpoint displacement: the middle of a stretch is the mean of its ends plus a draw
whose size is that of a Brownian bridge. Each draw is a hash of seed and minute, so a
minute can be asked for alone, in any order. Only + - * / and sqrt are used, which
IEEE 754 rounds the same way everywhere; exp, log and numpy it does not.
"""

from dataclasses import dataclass
from math import sqrt

_MASK = (1 << 64) - 1
_STEP = 0x9E3779B97F4A7C15
"""The golden ratio in 64 bits, by which SplitMix64 counts."""
_ROOT3 = sqrt(3.0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Knot:
    """A minute at which the price is known."""

    minute: int
    price: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Segment:
    """Two neighbouring knots and how wildly the price moves between them.

    Attributes:
        noise: relative standard deviation of one minute.
    """

    start: Knot
    end: Knot
    noise: float


def mix(value: int) -> int:
    """One step of SplitMix64 (Steele, Lea, Flood 2014): scatter 64 bits."""
    value = (value + _STEP) & _MASK
    value = ((value ^ (value >> 30)) * 0xBF58476D1CE4E5B9) & _MASK
    value = ((value ^ (value >> 27)) * 0x94D049BB133111EB) & _MASK
    return value ^ (value >> 31)


def draw(stream: int, index: int) -> float:
    """A nearly normal number, mean 0, deviation 1, never beyond 3.5.

    The sum of four uniform numbers of 16 bits each: output `index` of a SplitMix64
    that was seeded with `stream`.
    """
    bits = mix(stream + index * _STEP)
    total = (
        (bits & 0xFFFF) + (bits >> 16 & 0xFFFF) + (bits >> 32 & 0xFFFF) + (bits >> 48)
    )
    return (total / 65536.0 - 2.0) * _ROOT3


def price_at(segment: Segment, stream: int, minute: int) -> float:
    """The price at one minute inside the segment, ends included."""
    return prices_between(segment, stream, minute, minute)[0]


def prices_between(segment: Segment, stream: int, first: int, last: int) -> list[float]:
    """The prices of the minutes first..last, both inside the segment.

    Costs one draw per minute and one per level above them.
    """
    start, end = segment.start, segment.end
    found: dict[int, float] = {start.minute: 0.0, end.minute: 0.0}
    pending = [(start.minute, end.minute)]
    while pending:
        left, right = pending.pop()
        if right - left < 2 or right < first or left > last:  # noqa: PLR2004
            continue
        middle = (left + right) // 2
        share = (middle - left) / (right - left)
        size = segment.noise * sqrt((middle - left) * (1.0 - share))
        mean = found[left] + (found[right] - found[left]) * share
        found[middle] = mean + size * draw(stream, middle)
        pending += [(left, middle), (middle, right)]
    slope = (end.price - start.price) / (end.minute - start.minute)
    return [
        (start.price + slope * (minute - start.minute)) * (1.0 + found[minute])
        for minute in range(first, last + 1)
    ]
