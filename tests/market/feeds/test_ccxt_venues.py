"""Other venues through `base_url`: each speaks its own dialect to a scripted server."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any

import pytest
from aiohttp import web

from market.errors import UnknownInstrument
from market.feeds import CcxtSpec
from market.feeds.ccxt_client import redirect
from market.feeds.feed import Feed
from market.screening import RefusalReason
from tests.doubles.by_hand import ByHand

NOW = 1_747_612_800_000


class Script:
    """A server that answers each path with what was written, and notes what came."""

    def __init__(self, replies: Mapping[str, Any]) -> None:
        self.replies = dict(replies)
        self.asked: list[str] = []

    async def answer(self, request: web.Request) -> web.Response:
        self.asked.append(request.path_qs)
        reply = self.replies.get(request.path)
        if reply is None:
            return web.json_response({"error": "no such path"}, status=404)
        return web.json_response(reply)


@asynccontextmanager
async def venue(
    exchange: str, replies: Mapping[str, Any], *instruments: str, prefix: str = ""
) -> AsyncIterator[tuple[Feed, Script]]:
    script = Script(replies)
    app = web.Application()
    app.router.add_get("/{path:.*}", script.answer)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    port = runner.addresses[0][1]
    spec = CcxtSpec.model_validate(
        {
            "kind": "ccxt",
            "exchange": exchange,
            "base_url": f"http://127.0.0.1:{port}{prefix}",
        }
    )
    feed = spec.open(instruments, name=exchange, surroundings=ByHand(NOW).surroundings)
    try:
        await feed.load()
        yield feed, script
    finally:
        await feed.close()
        await runner.cleanup()


def binance_symbol(name: str, base: str, quote: str, status: str) -> dict[str, Any]:
    return {
        "symbol": name,
        "status": status,
        "baseAsset": base,
        "quoteAsset": quote,
        "baseAssetPrecision": 8,
        "quoteAssetPrecision": 8,
        "isSpotTradingAllowed": True,
        "permissions": ["SPOT"],
        "filters": [{"filterType": "PRICE_FILTER", "tickSize": "0.01"}],
    }


def binance_ticker(name: str, last: str | None) -> dict[str, Any]:
    return {
        "symbol": name,
        "lastPrice": last,
        "bidPrice": "640.00",
        "askPrice": "640.20",
        "openPrice": "650.00",
        "priceChange": "-9.90",
        "weightedAvgPrice": "645.00",
        "closeTime": NOW - 250,
    }


BINANCE = {
    "/api/v3/exchangeInfo": {
        "symbols": [
            binance_symbol("BNBUSDT", "BNB", "USDT", "TRADING"),
            binance_symbol("DOGEUSDT", "DOGE", "USDT", "TRADING"),
            binance_symbol("XMRUSDT", "XMR", "USDT", "BREAK"),
        ]
    },
    "/api/v3/ticker/24hr": [
        binance_ticker("BNBUSDT", "640.10"),
        binance_ticker("DOGEUSDT", None),
    ],
}


async def test_binance_serves_its_spot_prices_in_one_request() -> None:
    names = ("BNB/USDT", "DOGE/USDT", "XMR/USDT", "EUR/USD")
    async with venue("binance", BINANCE, *names) as (feed, script):
        reply = await feed.fetch_quotes()

        bnb, doge = reply.quotes
        assert (bnb.last, bnb.bid, bnb.at) == (640.1, 640.0, NOW - 250)
        assert {r.instrument: r.reason for r in reply.refusals} == {
            "XMR/USDT": RefusalReason.INACTIVE,
            "EUR/USD": RefusalReason.UNKNOWN_INSTRUMENT,
        }
        assert doge.last is None, "ccxt would invent one from open and change"
        assert [path.partition("?")[0] for path in script.asked] == [
            "/api/v3/exchangeInfo",
            "/api/v3/ticker/24hr",
        ]
        assert feed.decimals("BNB/USDT") == 2


async def test_binance_answering_for_another_symbol_is_not_believed() -> None:
    swapped = {
        **BINANCE,
        "/api/v3/ticker/24hr": [binance_ticker("DOGEUSDT", "0.2180")],
    }
    async with venue("binance", swapped, "BNB/USDT") as (feed, _):
        reply = await feed.fetch_quotes()

        assert reply.quotes == ()
        assert [r.reason for r in reply.refusals] == [RefusalReason.MISSING]


def bitstamp_market(name: str, pair: str) -> dict[str, Any]:
    base, quote = pair.split("/")
    return {
        "name": pair,
        "market_symbol": name,
        "base_currency": base,
        "counter_currency": quote,
        "base_decimals": 8,
        "counter_decimals": 5,
        "minimum_order_value": "10",
        "trading": "Enabled",
        "description": f"{base} / {quote}",
        "market_type": "SPOT",
    }


BITSTAMP_TICKER = {
    "pair": "EUR/USD",
    "last": "1.11930",
    "bid": "1.11920",
    "ask": "1.11940",
    "timestamp": str(NOW // 1000),
    "open": "1.1",
    "high": "1.2",
    "low": "1.0",
    "volume": "1",
    "vwap": "1.1",
}


async def test_bitstamp_keeps_its_own_path_below_the_base_url() -> None:
    replies = {
        "/mirror/api/v2/markets/": [bitstamp_market("eurusd", "EUR/USD")],
        "/mirror/api/v2/currencies/": [],
        "/mirror/api/v2/ticker/": [BITSTAMP_TICKER],
    }
    async with venue("bitstamp", replies, "EUR/USD", prefix="/mirror/") as (feed, _):
        (quote,) = (await feed.fetch_quotes()).quotes

        assert (quote.last, quote.at) == (1.1193, NOW)
        assert feed.decimals("EUR/USD") == 5


COINBASE_PRODUCT = {
    "product_id": "DOGE-USD",
    "base_currency_id": "DOGE",
    "quote_currency_id": "USD",
    "base_name": "Dogecoin",
    "product_type": "SPOT",
    "trading_disabled": False,
    "status": "online",
    "base_increment": "0.1",
    "quote_increment": "0.00001",
    "price_increment": "0.00001",
    "price": "0.21800",
    "best_bid_price": "0.21799",
    "best_ask_price": "0.21801",
}


async def test_coinbase_serves_its_products() -> None:
    products = {"products": [COINBASE_PRODUCT], "num_products": 1}
    replies = {
        "/v2/currencies": {"data": [{"id": "USD", "name": "US Dollar"}]},
        "/v2/currencies/crypto": {"data": [{"code": "DOGE", "name": "Dogecoin"}]},
        "/v2/exchange-rates": {"data": {"currency": "USD", "rates": {}}},
        "/api/v3/brokerage/market/products": products,
    }
    async with venue("coinbase", replies, "DOGE/USD", "XMR/USD") as (feed, _):
        reply = await feed.fetch_quotes()

        (quote,) = reply.quotes
        assert (quote.instrument, quote.last, quote.at) == ("DOGE/USD", 0.218, None)
        (unknown,) = feed.unknown
        assert isinstance(unknown, UnknownInstrument)
        assert unknown.instrument == "XMR/USD"


@pytest.mark.parametrize(
    ("addresses", "expected"),
    [
        ("https://api.kraken.com", "http://m:1"),
        ("https://api.binance.com/api/v3", "http://m:1/api/v3"),
        ("https://{hostname}/v1", "http://m:1/v1"),
        ("wss://ws.kraken.com", "wss://ws.kraken.com"),
        (
            {"spot": {"public": "https://a.b/c"}, "ws": "wss://a.b", "n": None},
            {"spot": {"public": "http://m:1/c"}, "ws": "wss://a.b", "n": None},
        ),
    ],
)
def test_only_scheme_and_host_are_replaced(addresses: object, expected: object) -> None:
    assert redirect(addresses, "http://m:1") == expected
