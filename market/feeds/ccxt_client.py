"""A venue's ccxt class, bounded: its own session, a cap on bodies, JSON or nothing.

Derives from the real class at run time and changes four things. It never retries,
never waits for ccxt's limiter and never lets ccxt invent a `last`.
"""

import ssl
from contextvars import ContextVar
from typing import Any, Protocol
from urllib.parse import urlsplit

from aiohttp import ClientResponse, ClientSession, TCPConnector

from market.feeds.ccxt_errors import Answer, BodyTooLarge, NotJson, attach

MAX_BODY = 64 * 1024 * 1024
"""Bytes after decompression. Binance's exchangeInfo, the largest known, has about 20
million."""

_CONNECTIONS = 4
_KEEPALIVE = 75.0
"""Seconds. Polls further apart than this pay for a new connection."""


_ANSWER: ContextVar[Answer] = ContextVar("answer")
"""Of the request under way in this task: several may be under way in one client."""


class Client(Protocol):
    """The part of a ccxt exchange that we use; what it returns is not believed."""

    id: str
    has: dict[str, Any]
    options: dict[str, Any]
    markets: dict[str, dict[str, Any]] | None
    timeframes: dict[str, object] | None
    precisionMode: int  # noqa: N815 - ccxt's name
    rateLimit: float  # noqa: N815 - ccxt's name

    async def load_markets(self, reload: bool = False) -> object:  # noqa: FBT001, FBT002, D102 - ccxt's
        ...

    def set_markets(self, markets: list[dict[str, Any]]) -> object: ...  # noqa: D102

    async def fetch_tickers(self, symbols: list[str]) -> object: ...  # noqa: D102

    async def fetch_ticker(self, symbol: str) -> object: ...  # noqa: D102

    async def fetch_ohlcv(  # noqa: D102
        self, symbol: str, timeframe: str, since: int | None, limit: int | None
    ) -> object: ...

    async def close(self) -> None: ...  # noqa: D102


def build_client(
    exchange_class: type,
    *,
    base_url: str | None,
    timeout: int,
    max_body: int = MAX_BODY,
) -> Client:
    """Make one long-lived client of a venue.

    Args:
        exchange_class: from `load_exchange_class`.
        base_url: replaces scheme and host of every REST address of the venue.
        timeout: milliseconds per request.
        max_body: bytes that a reply may have.
    """
    tls = base_url is None or base_url.startswith("https:")
    bounded = _bounded(exchange_class, max_body, tls=tls)
    client: Client = bounded({"enableRateLimit": False, "timeout": timeout})
    if base_url is not None:
        urls: dict[str, Any] = client.urls  # type: ignore[attr-defined]
        urls["api"] = redirect(urls["api"], base_url)
    return client


def redirect(addresses: object, base_url: str) -> object:
    """Put `base_url` in place of scheme and host of every http address in a tree.

    The venue's paths stay: "https://api.binance.com/api/v3" becomes
    "http://127.0.0.1:8701/api/v3". Websocket addresses are left alone.
    """
    if isinstance(addresses, dict):
        return {key: redirect(value, base_url) for key, value in addresses.items()}
    if isinstance(addresses, str) and addresses.startswith(("https://", "http://")):
        # A host may be a template: "https://api.{hostname}".
        return base_url.rstrip("/") + urlsplit(addresses).path
    return addresses


def restrict_market_types(client: Client, instruments: tuple[str, ...]) -> None:
    """Do not fetch the lists of futures for a source that watches only spot.

    Binance alone would ask three hosts. Futures are written "BTC/USDT:USDT".
    """
    listed = client.options.get("fetchMarkets")
    if not isinstance(listed, dict) or any(":" in name for name in instruments):
        return
    if "spot" in (listed.get("types") or ()):
        listed["types"] = ["spot"]


def _capped_response(max_body: int) -> type[ClientResponse]:
    class CappedResponse(ClientResponse):
        """A response that refuses to be read beyond the cap."""

        async def read(self) -> bytes:
            if self._body is None:
                try:
                    self._body = await self._read_capped()
                except BaseException:
                    self.close()
                    raise
            return await super().read()

        async def _read_capped(self) -> bytes:
            chunks, size = [], 0
            async for chunk in self.content.iter_any():
                size += len(chunk)
                if size > max_body:
                    raise BodyTooLarge(f"the body is over {max_body:,} bytes")
                chunks.append(chunk)
            return b"".join(chunks)

    return CappedResponse


def _require_json(reply: object) -> object:
    """Ccxt hands text through, and its parsers then find nothing in it."""
    if not isinstance(reply, dict | list):
        raise NotJson("the body is not JSON")
    return reply


def _bounded(exchange_class: Any, max_body: int, *, tls: bool) -> Any:  # noqa: ANN401
    response_class = _capped_response(max_body)

    class Bounded(exchange_class):  # type: ignore[misc]
        """The venue, with our session and our doubts."""

        # Ours close at once; ccxt would sleep a quarter of a second for its own.
        timeout_on_exit = 0
        session: Any

        def open(self, lazy: bool = False) -> None:  # noqa: FBT001, FBT002 - ccxt's
            if self.session is None and not (lazy and self.closed_by_user):
                # Reading the certificates takes 20 ms: not for a mirror on loopback.
                # True is aiohttp's own verifying context, in case it redirects.
                self.ssl_context = (
                    ssl.create_default_context(cafile=self.cafile) if tls else True
                )
                self.tcp_connector = TCPConnector(
                    ssl=self.ssl_context,
                    limit=_CONNECTIONS,
                    keepalive_timeout=_KEEPALIVE,
                )
                self.session = ClientSession(
                    connector=self.tcp_connector, response_class=response_class
                )
            super().open(lazy)

        async def fetch(
            self,
            url: str,
            method: str = "GET",
            headers: object = None,
            body: object = None,
        ) -> object:
            answer = Answer()
            _ANSWER.set(answer)
            try:
                return _require_json(await super().fetch(url, method, headers, body))
            except Exception as exc:
                attach(exc, answer)
                raise

        def on_rest_response(self, code: int, *args: Any) -> object:  # noqa: ANN401
            answer = _ANSWER.get()
            answer.status, answer.headers = code, args[3]
            return super().on_rest_response(code, *args)

        def safe_ticker(self, ticker: dict[str, Any], market: object = None) -> object:
            """What the venue said, untouched.

            ccxt's own computes a missing `last` from open and change, and takes 20
            microseconds for numbers that nobody here reads.
            """
            del market
            return ticker

    Bounded.__name__ = Bounded.__qualname__ = exchange_class.__name__
    return Bounded
