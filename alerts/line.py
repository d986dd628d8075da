"""Comparing a price with a threshold: the one place where "equal" is decided."""

from dataclasses import dataclass
from decimal import Decimal

from alerts.distance import Price

DEAD_BAND = 1e-9
"""Relative half-width in which a price counts as equal to a computed threshold:
far below any venue's increment, far above the error of summing 64-bit floats."""


@dataclass(frozen=True, slots=True)
class Line:
    """A threshold, and the closed interval of prices that count as on it.

    For an exact threshold the interval is the one float nearest to it.
    """

    value: float
    low: float
    high: float

    def side(self, price: float) -> int:
        """+1 above, -1 below, 0 on the line."""
        if price > self.high:
            return 1
        return -1 if price < self.low else 0


def line(threshold: Price) -> Line:
    """The line of a threshold: exact for a Decimal, with the dead-band for a float."""
    value = float(threshold)
    if isinstance(threshold, Decimal):
        return Line(value, value, value)
    slack = abs(value) * DEAD_BAND
    return Line(value, value - slack, value + slack)


Edges = tuple[Line, Line]
"""The low and the high line of a zone or ring."""


def place(price: float, edges: Edges) -> int:
    """+1 above both edges, -1 below both, 0 on or between them."""
    if edges[1].side(price) > 0:
        return 1
    return -1 if edges[0].side(price) < 0 else 0
