"""Bars by definition: group all ticks by the minute they fell into, then look."""

from collections.abc import Sequence
from typing import NamedTuple

from tests.oracles.fact import Seen


class Candle(NamedTuple):
    opened: int
    """Seconds."""
    open: float
    high: float
    low: float
    close: float


def minute_bars(
    ticks: Sequence[Seen], until: int, stale_after: int | None = None
) -> list[Candle]:
    """All bars closed by `until`.

    A minute without ticks carries the last close; none where the ticks around it
    are more than `stale_after` apart.
    """
    bars: list[Candle] = []
    for minute in range(ticks[0][0] // 60, until // 60):
        prices = [price for at, price in ticks if at // 60 == minute]
        if not prices:
            before = max(at for at, _ in ticks if at < minute * 60)
            after = min((at for at, _ in ticks if at >= minute * 60), default=before)
            if stale_after is not None and after - before > stale_after:
                continue
            prices = [bars[-1].close]
        bars.append(
            Candle(minute * 60, prices[0], max(prices), min(prices), prices[-1])
        )
    return bars


def merged(
    bars: Sequence[Candle], minutes: int, until: int, offset: int = 0
) -> list[Candle]:
    """Bars of `minutes` out of finer ones, aligned to `offset` seconds; closed ones."""
    length = minutes * 60
    opens = sorted({(bar.opened - offset) // length * length + offset for bar in bars})
    out = []
    for opened in opens:
        if opened + length > until:
            continue
        parts = [bar for bar in bars if opened <= bar.opened < opened + length]
        out.append(
            Candle(
                opened,
                parts[0].open,
                max(bar.high for bar in parts),
                min(bar.low for bar in parts),
                parts[-1].close,
            )
        )
    return out
