"""Moving averages of closed bars, in fractions: no rounding anywhere."""

from collections.abc import Sequence
from fractions import Fraction


def sma(closes: Sequence[float], length: int) -> Fraction | None:
    """The mean of the last `length` closes; None while there are fewer."""
    if len(closes) < length:
        return None
    return sum((Fraction(close) for close in closes[-length:]), Fraction(0)) / length


def ema(closes: Sequence[float], length: int) -> Fraction | None:
    """Seeded with the mean of the first `length` closes; then 2 / (length + 1)."""
    value = sma(closes[:length], length)
    if value is None:
        return None
    alpha = Fraction(2, length + 1)
    for close in closes[length:]:
        value = alpha * Fraction(close) + (1 - alpha) * value
    return value
