"""An HTTP server on loopback that speaks Kraken's public REST API.

What it serves is a `PaperMarket` at the instant that `now` says: the market's time,
which need not be anybody else's. It never trades and never leaves this machine.
"""

import asyncio
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Self

from aiohttp import web

from daemon.paper.faults import Faults
from daemon.paper.market import PaperMarket
from daemon.paper.spoil import Spoiler
from daemon.paper.wire import (
    BAD_ARGUMENTS,
    INTERVALS,
    UNKNOWN_METHOD,
    KrakenError,
    Wire,
    find_pairs,
    read_number,
    render_assets,
    render_ohlc,
    render_pairs,
    render_ticker,
    render_time,
)

_PREFIX = "/0/public/"


@dataclass(frozen=True, slots=True, kw_only=True)
class Served:
    """One price that went out honestly: what a client may have seen, and when."""

    at: int
    instrument: str
    price: float


class PaperExchange:
    """The server; an async context manager.

    Attributes:
        faults: what it does wrong, empty at first.
        requests: how many came, by method ("Ticker").
        served: every price that left through Ticker without a fault, in order; kept
            only where `keep_served` asked for it.
    """

    def __init__(
        self,
        market: PaperMarket,
        now: Callable[[], int],
        *,
        port: int = 0,
        keep_served: bool = False,
    ) -> None:
        """Serve `market` at `now()`, epoch ms; port 0 takes a free one."""
        self.faults = Faults()
        self.requests: dict[str, int] = {}
        self.served: list[Served] = []
        self._market = market
        self._now = now
        self._port = port
        self._keep_served = keep_served
        self._stopping = asyncio.Event()
        self._spoiler = Spoiler(self._stopping)
        self._runner: web.AppRunner | None = None
        self._methods: Mapping[str, Callable[[Mapping[str, str], int], Wire]] = {
            "Time": lambda _, now: render_time(now),
            "Assets": lambda _, __: render_assets(self._market.pairs),
            "AssetPairs": self._asset_pairs,
            "Ticker": self._ticker,
            "OHLC": self._ohlc,
        }

    @property
    def base_url(self) -> str:
        """What goes into a source's `base_url`."""
        return f"http://127.0.0.1:{self._port}"

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.stop()

    async def start(self) -> None:
        """Listen; afterwards `base_url` is true."""
        app = web.Application()
        app.router.add_get(_PREFIX + "{method}", self._answer)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=1.0)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", self._port)
        await site.start()
        self._port = self._runner.addresses[0][1]

    async def stop(self) -> None:
        """Stop listening; hanging requests are let go."""
        self._stopping.set()
        if self._runner is not None:
            await self._runner.cleanup()

    async def _answer(self, request: web.Request) -> web.StreamResponse:
        method = request.match_info["method"]
        self.requests[method] = self.requests.get(method, 0) + 1
        now = self._now()
        body = self._reply(method, request.query, now)
        injection = self.faults.next_for(method)
        if injection is not None:
            return await self._spoiler.spoil(request, body, injection, self._market)
        if method == "Ticker" and self._keep_served:
            self._remember(request.query, now)
        return web.Response(
            text=json.dumps(body, separators=(",", ":")),
            content_type="application/json",
        )

    def _reply(self, method: str, query: Mapping[str, str], now: int) -> Wire:
        try:
            if method not in self._methods:
                raise KrakenError(UNKNOWN_METHOD)  # noqa: TRY301 - one place renders it
            return {"error": [], "result": self._methods[method](query, now)}
        except KrakenError as exc:
            return {"error": [str(exc)]}

    def _asset_pairs(self, query: Mapping[str, str], now: int) -> Wire:
        del now
        return render_pairs(find_pairs(query.get("pair"), self._market.pairs))

    def _ticker(self, query: Mapping[str, str], now: int) -> Wire:
        return {
            pair.venue_id: render_ticker(self._market, pair, now)
            for pair in find_pairs(query.get("pair"), self._market.pairs)
        }

    def _ohlc(self, query: Mapping[str, str], now: int) -> Wire:
        named = query.get("pair")
        interval = read_number(query, "interval") or 1
        if named is None or interval not in INTERVALS:
            raise KrakenError(BAD_ARGUMENTS)
        (pair,) = find_pairs(named, self._market.pairs)[:1]
        since = read_number(query, "since")
        return render_ohlc(self._market, pair, interval=interval, since=since, now=now)

    def _remember(self, query: Mapping[str, str], now: int) -> None:
        try:
            pairs = find_pairs(query.get("pair"), self._market.pairs)
        except KrakenError:
            return
        for pair in pairs:
            price = self._market.price(pair, now)
            self.served.append(
                Served(
                    at=now,
                    instrument=pair.instrument,
                    price=float(pair.render(price)),
                )
            )
