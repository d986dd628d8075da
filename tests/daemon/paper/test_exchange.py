"""The paper exchange over HTTP: Kraken's shapes, and its faults."""

from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import pytest
import pytest_asyncio

from daemon.paper.exchange import PaperExchange, Served
from daemon.paper.faults import Fault, Injection
from daemon.paper.pair import BNB_USD
from daemon.paper.scripted import ScriptedMarket
from market.instant import DAY, HOUR, MINUTE

T0 = 1_747_612_800_000
NOW = T0 + 13 * HOUR

Lab = tuple[PaperExchange, aiohttp.ClientSession]


@pytest_asyncio.fixture
async def lab() -> AsyncIterator[Lab]:
    market = ScriptedMarket(
        {
            "BNB/USD": [(T0, 650.0), (T0 + 12 * HOUR, 640.0)],
            "EUR/USD": [(T0, 1.1193)],
        }
    )
    async with (
        PaperExchange(market, lambda: NOW, keep_served=True) as exchange,
        aiohttp.ClientSession(exchange.base_url) as http,
    ):
        yield exchange, http


async def ask(lab: Lab, path: str) -> dict[str, Any]:
    async with lab[1].get(f"/0/public/{path}") as response:
        reply: dict[str, Any] = await response.json()
        return reply


async def test_the_clock_is_the_market_s(lab: Lab) -> None:
    assert await ask(lab, "Time") == {
        "error": [],
        "result": {
            "unixtime": NOW // 1000,
            "rfc1123": "Mon, 19 May 2025 13:00:00 GMT",
        },
    }


async def test_assets_and_pairs_have_kraken_s_names(lab: Lab) -> None:
    assets = (await ask(lab, "Assets"))["result"]
    pairs = (await ask(lab, "AssetPairs"))["result"]

    assert {name: asset["altname"] for name, asset in assets.items()} == {
        "BNB": "BNB",
        "ZUSD": "USD",
        "ZEUR": "EUR",
    }
    assert {name: (p["wsname"], p["pair_decimals"]) for name, p in pairs.items()} == {
        "BNBUSD": ("BNB/USD", 2),
        "ZEURZUSD": ("EUR/USD", 5),
    }
    assert pairs["BNBUSD"]["status"] == "online"


async def test_a_ticker_has_the_day_s_numbers_as_texts(lab: Lab) -> None:
    result = (await ask(lab, "Ticker?pair=BNBUSD"))["result"]

    assert result["BNBUSD"] == {
        "a": ["640.05", "1", "1.000"],
        "b": ["639.95", "1", "1.000"],
        "c": ["640.00", "1.00000000"],
        "v": ["2.00000000", "2.00000000"],
        "p": ["645.00", "645.00"],
        "t": [2, 2],
        "l": ["640.00", "640.00"],
        "h": ["650.00", "650.00"],
        "o": "650.00",
    }


@pytest.mark.parametrize("name", ["ZEURZUSD", "EURUSD", "EUR/USD"])
async def test_any_of_a_pair_s_names_is_understood(lab: Lab, name: str) -> None:
    assert list((await ask(lab, f"Ticker?pair={name}"))["result"]) == ["ZEURZUSD"]


async def test_no_name_asks_for_all_and_two_for_two(lab: Lab) -> None:
    both = ["BNBUSD", "ZEURZUSD"]

    assert list((await ask(lab, "Ticker"))["result"]) == both
    assert list((await ask(lab, "Ticker?pair=BNBUSD,EURUSD"))["result"]) == both


@pytest.mark.parametrize(
    ("path", "error"),
    [
        ("Ticker?pair=NOPE", "EQuery:Unknown asset pair"),
        ("Ticker?pair=BNBUSD,NOPE", "EQuery:Unknown asset pair"),
        ("AssetPairs?pair=", "EQuery:Unknown asset pair"),
        ("OHLC?pair=NOPE", "EQuery:Unknown asset pair"),
        ("OHLC", "EGeneral:Invalid arguments"),
        ("OHLC?pair=BNBUSD&interval=7", "EGeneral:Invalid arguments"),
        ("OHLC?pair=BNBUSD&since=soon", "EGeneral:Invalid arguments"),
        ("Balance", "EGeneral:Unknown method"),
    ],
)
async def test_errors_come_as_kraken_s_do(lab: Lab, path: str, error: str) -> None:
    assert await ask(lab, path) == {"error": [error]}


async def test_a_page_of_bars_ends_with_the_forming_one(lab: Lab) -> None:
    result = (await ask(lab, "OHLC?pair=BNBUSD&interval=60"))["result"]

    rows = result["BNBUSD"]
    assert len(rows) == 14
    assert rows[11] == [
        (T0 + 11 * HOUR) // 1000,
        "650.00",
        "650.00",
        "650.00",
        "650.00",
        "650.00",
        "0.00000000",
        1,
    ]
    assert rows[-1][0] == NOW // 1000
    assert result["last"] == NOW // 1000 - 3600


async def test_a_page_starts_after_since_and_holds_720_rows(lab: Lab) -> None:
    since = T0 // 1000

    rows = (await ask(lab, f"OHLC?pair=BNBUSD&since={since}"))["result"]["BNBUSD"]

    assert len(rows) == 720
    assert rows[0][0] == since + 60
    assert rows[-1][0] == since + 720 * 60


async def test_a_since_in_the_future_has_no_rows(lab: Lab) -> None:
    since = (T0 + DAY) // 1000

    rows = (await ask(lab, f"OHLC?pair=BNBUSD&since={since}"))["result"]["BNBUSD"]

    assert rows == []


async def test_what_was_served_is_remembered_for_the_judge(lab: Lab) -> None:
    await ask(lab, "Ticker?pair=BNBUSD")
    lab[0].faults.inject(Injection(fault=Fault.ZERO))
    await ask(lab, "Ticker?pair=BNBUSD")

    assert lab[0].served == [Served(at=NOW, instrument="BNB/USD", price=640.0)]
    assert lab[0].requests == {"Ticker": 2}


async def test_a_fault_strikes_its_method_as_often_as_asked(lab: Lab) -> None:
    lab[0].faults.inject(
        Injection(fault=Fault.STATUS, status=451, times=2, path="OHLC")
    )

    statuses = []
    for path in ("Ticker", "OHLC", "OHLC", "OHLC"):
        async with lab[1].get(f"/0/public/{path}?pair=BNBUSD") as response:
            statuses.append(response.status)

    assert statuses == [200, 451, 451, 200]


async def test_a_lasting_fault_ends_when_it_is_cleared(lab: Lab) -> None:
    lab[0].faults.inject(Injection(fault=Fault.ERROR, times=None, path=None))

    spoiled = [await ask(lab, "Time"), await ask(lab, "Ticker")]
    lab[0].faults.clear()

    assert [reply["error"] for reply in spoiled] == [["EService:Unavailable"]] * 2
    assert (await ask(lab, "Time"))["error"] == []


async def test_a_fault_of_one_price_leaves_the_others(lab: Lab) -> None:
    lab[0].faults.inject(Injection(fault=Fault.SPIKE, instrument="BNB/USD"))

    result = (await ask(lab, "Ticker"))["result"]

    assert float(result["BNBUSD"]["c"][0]) == 64000.0
    assert result["ZEURZUSD"]["c"][0] == "1.11930"


async def test_hanging_requests_do_not_keep_the_exchange_from_stopping() -> None:
    market = ScriptedMarket({"BNB/USD": [(T0, 640.0)]})
    exchange = PaperExchange(market, lambda: T0 + MINUTE)
    await exchange.start()
    exchange.faults.inject(Injection(fault=Fault.HANG))
    async with aiohttp.ClientSession(exchange.base_url) as http:
        with pytest.raises(TimeoutError):
            await http.get("/0/public/Ticker", timeout=aiohttp.ClientTimeout(0.05))

        await exchange.stop()


@pytest.mark.parametrize(
    ("increments", "text"),
    [(64010, "640.10"), (5, "0.05"), (0, "0.00"), (-5, "-0.05"), (100, "1.00")],
)
def test_prices_are_written_at_the_pair_s_precision(increments: int, text: str) -> None:
    assert BNB_USD.render(increments) == text
