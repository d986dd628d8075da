"""Kraken's replies, as its public documentation shows them.

Shapes: docs.kraken.com/api-reference, market data, read through ccxt 4.5.90's kraken.
"""

from collections.abc import Iterable, Mapping, Sequence
from email.utils import formatdate

from daemon.paper.market import Candle, PaperMarket
from daemon.paper.pair import ASSET_NAMES, Pair
from market.instant import DAY, MINUTE, SECOND

PAGE = 720
"""Rows of one reply to OHLC."""

INTERVALS = (1, 5, 15, 30, 60, 240, 1440, 10080, 21600)
"""Minutes that OHLC takes."""

UNKNOWN_PAIR = "EQuery:Unknown asset pair"
BAD_ARGUMENTS = "EGeneral:Invalid arguments"
UNKNOWN_METHOD = "EGeneral:Unknown method"

Wire = dict[str, object]


class KrakenError(Exception):
    """What Kraken puts into its `error` list."""


def render_assets(pairs: Iterable[Pair]) -> Wire:
    """All assets that the pairs are made of."""
    ids = dict.fromkeys(asset for pair in pairs for asset in (pair.base, pair.quote))
    return {
        asset: {
            "aclass": "currency",
            "altname": ASSET_NAMES.get(asset, asset),
            "decimals": 10,
            "display_decimals": 5,
            "status": "enabled",
        }
        for asset in ids
    }


def render_pairs(pairs: Iterable[Pair]) -> Wire:
    """The listing, by Kraken's id."""
    return {pair.venue_id: _render_pair(pair) for pair in pairs}


def _render_pair(pair: Pair) -> Wire:
    return {
        "altname": pair.altname,
        "wsname": pair.wsname,
        "aclass_base": "currency",
        "base": pair.base,
        "aclass_quote": "currency",
        "quote": pair.quote,
        "lot": "unit",
        "cost_decimals": 5,
        "pair_decimals": pair.decimals,
        "lot_decimals": 8,
        "lot_multiplier": 1,
        "leverage_buy": [],
        "leverage_sell": [],
        "fees": [[0, 0.4]],
        "fees_maker": [[0, 0.25]],
        "fee_volume_currency": "ZUSD",
        "margin_call": 80,
        "margin_stop": 40,
        "ordermin": "0.01",
        "costmin": "0.5",
        "tick_size": pair.render(1),
        "status": pair.status,
    }


def find_pairs(named: str | None, pairs: Sequence[Pair]) -> list[Pair]:
    """Read `pair=XXMRZUSD,BNBUSD`; ids, short and websocket names are the same thing.

    Raises:
        KrakenError: one of them is not listed. Kraken then answers for none.
    """
    if named is None:
        return list(pairs)
    names = {
        name: pair
        for pair in pairs
        for name in (pair.venue_id, pair.altname, pair.wsname)
    }
    asked = named.split(",")
    if any(name not in names for name in asked):
        raise KrakenError(UNKNOWN_PAIR)
    return list(dict.fromkeys(names[name] for name in asked))


def render_ticker(market: PaperMarket, pair: Pair, now: int) -> Wire:
    """One entry of Ticker. There is no time in it, as there is none in Kraken's."""
    price = market.price(pair, now)
    today = market.candle(pair, now - now % DAY, now)
    day = market.candle(pair, now - DAY + 1, now)
    flat = Candle(
        opened=now, open=price, high=price, low=price, close=price, volume=0.0
    )
    today, day = today or flat, day or flat
    both = (today, day)
    return {
        "a": [pair.render(price + pair.half_spread), "1", "1.000"],
        "b": [pair.render(price - pair.half_spread), "1", "1.000"],
        "c": [pair.render(price), "1.00000000"],
        "v": [f"{candle.volume:.8f}" for candle in both],
        "p": [pair.render((c.high + c.low) // 2) for c in both],
        "t": [max(1, round(candle.volume)) for candle in both],
        "l": [pair.render(candle.low) for candle in both],
        "h": [pair.render(candle.high) for candle in both],
        "o": pair.render(today.open),
    }


def render_ohlc(
    market: PaperMarket, pair: Pair, *, interval: int, since: int | None, now: int
) -> Wire:
    """One page of bars, oldest first, the last one forming.

    Kraken serves only the newest 720 bars, whatever `since` says. Here `since` turns
    the pages of the whole history, so that averages over months can be filled.

    Args:
        interval: minutes, one of `INTERVALS`.
        since: epoch seconds, exclusive; None: the newest page.
        now: epoch ms.
    """
    length = interval * MINUTE
    newest = now - now % length
    oldest = market.begins - market.begins % length
    if since is None:
        opened = max(oldest, newest - (PAGE - 1) * length)
    else:
        opened = max(oldest, (since * SECOND // length + 1) * length)
    rows: list[list[object]] = []
    while opened <= newest and len(rows) < PAGE:
        candle = market.candle(pair, opened, min(now, opened + length - 1))
        if candle is not None:
            rows.append(_render_row(pair, candle))
        opened += length
    closed = [row for row in rows if row[0] != newest // SECOND]
    last = closed[-1][0] if closed else newest // SECOND
    return {pair.venue_id: rows, "last": last}


def _render_row(pair: Pair, candle: Candle) -> list[object]:
    prices = (candle.open, candle.high, candle.low, candle.close)
    return [
        candle.opened // SECOND,
        *(pair.render(price) for price in prices),
        pair.render((candle.high + candle.low) // 2),
        f"{candle.volume:.8f}",
        max(1, round(candle.volume)),
    ]


def render_time(now: int) -> Wire:
    """The exchange's clock."""
    return {
        "unixtime": now // SECOND,
        "rfc1123": formatdate(now / SECOND, usegmt=True),
    }


def read_number(query: Mapping[str, str], key: str) -> int | None:
    """A whole number of the query, None where it is absent.

    Raises:
        KrakenError: it is something else.
    """
    text = query.get(key)
    if text is None:
        return None
    try:
        return int(float(text))
    except (ValueError, OverflowError) as exc:
        raise KrakenError(BAD_ARGUMENTS) from exc
