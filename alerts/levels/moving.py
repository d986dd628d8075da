"""Averages of closed bars: constant between two closes, so they never repaint."""

from dataclasses import dataclass
from typing import Annotated, Literal

from pydantic import Field

from alerts.levels.level import Level, LevelSpec, LevelValue, Need
from market.fields import BarLength
from market.indicator import Ema, Indicator, Sma
from market.series import Book, Series

Length = Annotated[int, Field(ge=1, le=5000)]

SETTLE = 5
"""An EMA's seed weighs less than 1e-4 after 4.6 lengths: load five."""


@dataclass(frozen=True, slots=True)
class AverageLevel:
    """A level that an indicator holds."""

    indicator: Indicator
    series: Series
    length: int

    @property
    def value(self) -> LevelValue | None:
        """The average, once there are enough bars."""
        value = self.indicator.value
        return None if value is None else LevelValue(value, value)

    @property
    def progress(self) -> tuple[int, int]:
        """Closed bars at hand and needed."""
        return min(self.series.count, self.length), self.length


class SmaSpec(LevelSpec):
    """Simple moving average of the last `length` closes."""

    kind: Literal["sma"] = "sma"
    length: Length
    timeframe: BarLength

    @property
    def needs(self) -> tuple[Need, ...]:
        """As many bars as it is long."""
        return (Need(timeframe=self.timeframe, bars=self.length),)

    def bind(self, book: Book) -> Level:
        """The average on this book."""
        indicator = book.indicator(
            self.timeframe, f"sma({self.length})", lambda: Sma(self.length)
        )
        return AverageLevel(indicator, book.watch(self.timeframe), self.length)


class EmaSpec(LevelSpec):
    """Exponential moving average, alpha = 2 / (length + 1)."""

    kind: Literal["ema"] = "ema"
    length: Length
    timeframe: BarLength

    @property
    def needs(self) -> tuple[Need, ...]:
        """Five times its length, so that its seed no longer shows."""
        return (Need(timeframe=self.timeframe, bars=SETTLE * self.length),)

    def bind(self, book: Book) -> Level:
        """The average on this book."""
        indicator = book.indicator(
            self.timeframe, f"ema({self.length})", lambda: Ema(self.length)
        )
        return AverageLevel(indicator, book.watch(self.timeframe), self.length)
