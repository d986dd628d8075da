"""Bars: what the price did in a stretch of time."""

from dataclasses import dataclass

from market.timeframe import Timeframe


@dataclass(frozen=True, slots=True, kw_only=True)
class Bar:
    """Open, high, low and close of one instrument over [open_time, close_time).

    Attributes:
        open_time: epoch ms, inclusive.
        close_time: epoch ms, exclusive: the first instant of the next bar.
        volume: in base units; 0 where nobody counted.
    """

    instrument: str
    timeframe: Timeframe
    open_time: int
    close_time: int
    open: float
    high: float
    low: float
    close: float
    volume: float = 0.0
