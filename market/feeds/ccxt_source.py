"""`kind = "ccxt"` in the configuration."""

from collections.abc import Sequence
from ipaddress import ip_address
from typing import Annotated, Literal
from urllib.parse import urlsplit

from pydantic import AfterValidator, Field

from market.feeds.ccxt_load import suggest_venues, venue_ids
from market.feeds.feed import Feed
from market.feeds.source import SourceSpec, Surroundings
from market.fields import Duration, PositiveDuration
from market.instant import SECOND

_BURST = 5
"""Requests that may go at once before the venue's spacing holds: enough for a start."""


def _check_exchange(exchange_id: str) -> str:
    if exchange_id in venue_ids():
        return exchange_id
    hint = " or ".join(f'"{near}"' for near in suggest_venues(exchange_id))
    raise ValueError(
        f'"{exchange_id}" is not an exchange of ccxt'
        + (f"; did you mean {hint}?" if hint else "")
    )


def _check_base_url(url: str) -> str:
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname, parts.port
    except ValueError as exc:
        raise ValueError("it is not an address") from exc
    if parts.scheme not in {"http", "https"} or not host:
        raise ValueError('it must begin with "http://" or "https://" and name a host')
    if parts.username or parts.password:
        raise ValueError("it must not hold a user or password: it is shown in messages")
    if parts.query or parts.fragment:
        raise ValueError('it must end with the path, without "?" or "#"')
    return url.rstrip("/")


def _is_loopback(url: str) -> bool:
    host = urlsplit(url).hostname or ""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


class CcxtSpec(SourceSpec):
    """A venue polled over REST through ccxt."""

    kind: Literal["ccxt"] = "ccxt"
    """How prices are fetched."""

    exchange: Annotated[str, AfterValidator(_check_exchange)]
    """Any id of ccxt: "kraken", "binance", "coinbase"."""

    base_url: Annotated[str, AfterValidator(_check_base_url)] | None = None
    """A mirror, a proxy or a test exchange; replaces the venue's REST root."""

    timeout: PositiveDuration = 10 * SECOND
    """Longest wait for one reply."""

    spacing: Duration | None = None
    """Least time between requests after the first few; default: what ccxt knows of
    the venue, and nothing for a `base_url` on this machine."""

    plain_import: bool = Field(default=False)
    """Import all of ccxt instead of the one venue: slower, and a way round trouble."""

    def open(
        self, instruments: Sequence[str], *, name: str, surroundings: Surroundings
    ) -> Feed:
        """Build the client and its feed. Nothing goes out before its `load`."""
        # Not at the top: checking a configuration must not import ccxt and aiohttp.
        from market.feeds.ccxt_client import build_client, restrict_market_types
        from market.feeds.ccxt_load import load_exchange_class
        from market.feeds.ccxt_poll import CcxtFeed
        from market.feeds.limiter import Limiter

        exchange_class = load_exchange_class(self.exchange, plain=self.plain_import)
        client = build_client(
            exchange_class, base_url=self.base_url, timeout=self.timeout
        )
        restrict_market_types(client, tuple(instruments))
        return CcxtFeed(
            client,
            instruments,
            name=name,
            surroundings=surroundings,
            timeout=self.timeout / SECOND,
            limiter=Limiter(self._spacing(client.rateLimit) / SECOND, _BURST),
        )

    def _spacing(self, of_venue: float) -> float:
        if self.spacing is not None:
            return self.spacing
        if self.base_url is not None and _is_loopback(self.base_url):
            return 0
        return of_venue
