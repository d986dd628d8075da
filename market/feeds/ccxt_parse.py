"""ccxt's tickers and candles to our quotes and bars. Nothing in them is believed."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from math import floor, log10
from typing import Any

from market.bar import Bar
from market.instant import DAY
from market.screening import RefusalReason
from market.tick import Quote
from market.timeframe import Timeframe

_NAMES_IN_WIRE = ("symbol", "pair", "instId", "product_id", "market", "currencyPair")
"""Keys under which venues repeat the name of what they answer for."""

# ccxt.base.decimal_to_precision, not imported here.
_DECIMAL_PLACES, _SIGNIFICANT_DIGITS = 2, 3

_ROW_LENGTH = 6


def parse_number(value: object) -> float | None:
    """Read a wire number. Absent is None; what is there but no number is NaN.

    >>> parse_number("640.10"), parse_number(None), parse_number("")
    (640.1, None, None)
    """
    if value is None or value == "":
        return None
    if isinstance(value, str | int | float) and not isinstance(value, bool):
        try:
            return float(value)
        except (ValueError, OverflowError):
            pass
    return float("nan")


def parse_quote(
    ticker: Mapping[str, Any], *, instrument: str, source: str, received_at: int
) -> Quote:
    """Turn a ccxt ticker into a quote.

    One of Kraken's, as it comes out of `fetch_tickers` here::

        {"symbol": "BNB/USD", "timestamp": None, "bid": "640.05", "ask": "640.15",
         "last": "640.10", "close": "640.10", "info": {"a": ["640.15", "1", "1.000"],
         …}, …}
    """
    last = ticker.get("last")
    at = ticker.get("timestamp")
    return Quote(
        instrument=instrument,
        source=source,
        received_at=received_at,
        at=at if isinstance(at, int) and at > 0 else None,
        last=parse_number(ticker.get("close") if last is None else last),
        bid=parse_number(ticker.get("bid")),
        ask=parse_number(ticker.get("ask")),
    )


def find_doubt(
    ticker: object, *, instrument: str, venue_id: str, known: frozenset[str]
) -> tuple[RefusalReason, str] | None:
    """Say why a ticker cannot be an answer about this instrument, or None.

    Args:
        venue_id: what the venue calls the instrument ("BNBUSDT").
        known: everything that the venue lists, in its own names. A reply that names
            another of these is refused; a name that we cannot place proves nothing.
    """
    if not isinstance(ticker, Mapping):
        return RefusalReason.MISSING, "not in the reply"
    if ticker.get("symbol") != instrument:
        return RefusalReason.WRONG_INSTRUMENT, f"the reply is for {_other(ticker)}"
    wire = ticker.get("info")
    if isinstance(wire, Mapping):
        for key in _NAMES_IN_WIRE:
            name = wire.get(key)
            if isinstance(name, str) and name != venue_id and name in known:
                return RefusalReason.WRONG_INSTRUMENT, f"the reply is for {name}"
    return None


def _other(ticker: Mapping[str, Any]) -> str:
    return repr(ticker.get("symbol"))[:40]


def parse_bars(
    rows: object, *, instrument: str, timeframe: Timeframe
) -> tuple[list[Bar], int]:
    """Turn ccxt's candles into bars, oldest first, one per open time.

    One row: ``[1747353600000, 652.1, 652.4, 651.9, 652.0, 12.5]``.

    Returns:
        The bars and the number of rows that were none: not six numbers, not aligned,
        not positive, or with a high that is not the highest.
    """
    if not isinstance(rows, Sequence):
        return [], 1
    bars: dict[int, Bar] = {}
    bad = 0
    for row in rows:
        bar = _parse_bar(row, instrument, timeframe)
        if bar is None:
            bad += 1
        else:
            bars[bar.open_time] = bar
    return [bars[at] for at in sorted(bars)], bad


def _parse_bar(row: object, instrument: str, timeframe: Timeframe) -> Bar | None:
    if not isinstance(row, Sequence) or len(row) < _ROW_LENGTH:
        return None
    numbers = [parse_number(value) for value in row[1:_ROW_LENGTH]]
    opened, high, low, close = numbers[:4]
    at = row[0]
    if opened is None or high is None or low is None or close is None:
        return None
    # Weeks begin on Thursdays at Kraken and on Mondays elsewhere.
    if not isinstance(at, int) or at <= 0 or at % min(timeframe.length, DAY):
        return None
    # NaN fails every comparison, so it cannot pass.
    if not (
        0 < low <= min(opened, close) and max(opened, close) <= high < float("inf")
    ):
        return None
    volume = numbers[4]
    return Bar(
        instrument=instrument,
        timeframe=timeframe,
        open_time=at,
        close_time=at + timeframe.length,
        open=opened,
        high=high,
        low=low,
        close=close,
        volume=volume if volume is not None and 0 <= volume < float("inf") else 0.0,
    )


def price_decimals(
    market: Mapping[str, Any], *, mode: int, last: float | None = None
) -> int:
    """Digits after the point at which a venue prices a market.

    Args:
        mode: ccxt's `precisionMode` of the venue.
        last: a recent price; a venue that counts significant digits (Bitfinex: five)
            needs one.
    """
    precision = (market.get("precision") or {}).get("price")
    if precision is None:
        return 8
    if mode == _DECIMAL_PLACES:
        return max(0, int(precision))
    if mode == _SIGNIFICANT_DIGITS:
        whole = 1 if last is None else floor(log10(last)) + 1
        return max(0, int(precision) - whole)
    exponent = Decimal(repr(precision)).normalize().as_tuple().exponent
    return max(0, -exponent) if isinstance(exponent, int) else 8
