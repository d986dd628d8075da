"""Averages over closed bars, one bar at a time.

Formulas: simple mean; exponential with alpha 2/(n+1) seeded by the simple mean of
the first n closes; Wilder's average true range seeded by the mean of the first n
true ranges, the first of which is high - low.
"""

from collections import deque
from math import fsum
from typing import Protocol

from market.bar import Bar


class Indicator(Protocol):
    """A number that changes when a bar closes."""

    @property
    def value(self) -> float | None:
        """The present value; None until `need` bars have closed."""
        ...

    def add(self, bar: Bar) -> None:
        """Take the next closed bar."""
        ...

    def reset(self) -> None:
        """Forget every bar."""
        ...


class Sma:
    """Simple moving average of the last n closes; no drift: summed afresh by fsum."""

    __slots__ = ("_closes",)

    def __init__(self, length: int) -> None:
        self._closes: deque[float] = deque(maxlen=length)

    @property
    def value(self) -> float | None:
        """Mean of exactly n closes, or None."""
        if len(self._closes) < (self._closes.maxlen or 0):
            return None
        return fsum(self._closes) / len(self._closes)

    def add(self, bar: Bar) -> None:
        """Take the next closed bar."""
        self._closes.append(bar.close)

    def reset(self) -> None:
        """Forget every bar."""
        self._closes.clear()


class Ema:
    """Exponential moving average, seeded by the mean of the first n closes."""

    __slots__ = ("_alpha", "_length", "_seed", "value")

    def __init__(self, length: int) -> None:
        self._length = length
        self._alpha = 2 / (length + 1)
        self._seed: list[float] = []
        self.value: float | None = None

    def add(self, bar: Bar) -> None:
        """Take the next closed bar."""
        if self.value is not None:
            self.value += self._alpha * (bar.close - self.value)
            return
        self._seed.append(bar.close)
        if len(self._seed) == self._length:
            self.value = fsum(self._seed) / self._length
            self._seed.clear()

    def reset(self) -> None:
        """Forget every bar."""
        self._seed.clear()
        self.value = None


class Atr:
    """Wilder's average true range."""

    __slots__ = ("_close", "_length", "_seed", "value")

    def __init__(self, length: int) -> None:
        self._length = length
        self._seed: list[float] = []
        self._close: float | None = None
        self.value: float | None = None

    def add(self, bar: Bar) -> None:
        """Take the next closed bar."""
        before = bar.open if self._close is None else self._close
        low, high = min(bar.low, before), max(bar.high, before)
        true_range = high - low if self._close is not None else bar.high - bar.low
        self._close = bar.close
        if self.value is not None:
            self.value += (true_range - self.value) / self._length
            return
        self._seed.append(true_range)
        if len(self._seed) == self._length:
            self.value = fsum(self._seed) / self._length
            self._seed.clear()

    def reset(self) -> None:
        """Forget every bar."""
        self._seed.clear()
        self._close = None
        self.value = None
