"""Sources of kind "ccxt": any venue of ccxt, polled over REST.

Asks, translates and counts. It never decides whether a price is believed, when to
ask again, or what to do about a venue that refuses.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any, TypeVar

from market.bar import Bar
from market.errors import (
    FeedError,
    FeedRateLimited,
    FeedUnavailable,
    UnknownInstrument,
)
from market.feeds.ccxt_client import Client
from market.feeds.ccxt_errors import answer_of, blames_the_question, translate
from market.feeds.ccxt_listing import Listing, Market, read_listing
from market.feeds.ccxt_parse import find_doubt, parse_bars, parse_quote, price_decimals
from market.feeds.feed import Reply
from market.feeds.limiter import Limiter
from market.feeds.source import Surroundings
from market.screening import Refusal, RefusalReason
from market.tick import Quote
from market.timeframe import Timeframe

_LOG = logging.getLogger(__name__)

_T = TypeVar("_T")

_REQUESTS_PER_LOAD = 3
"""Times the timeout that `load` may take: venues ask for assets, pairs and more."""

_BULK_IS_COARSE = {"coinbaseexchange"}
"""Venues whose `fetch_tickers` reads spark lines: old candle closes (ccxt 4.5.90)."""


@dataclass(frozen=True, slots=True)
class _Asked:
    """What one round brought: raw tickers by instrument, and errors by instrument."""

    tickers: Mapping[str, object]
    errors: Mapping[str, FeedError]


class CcxtFeed:
    """One venue through one long-lived client of ccxt."""

    def __init__(
        self,
        client: Client,
        instruments: Sequence[str],
        *,
        name: str,
        surroundings: Surroundings,
        timeout: float,
        limiter: Limiter,
    ) -> None:
        """Args: `timeout` in seconds, for every single call."""
        self._client = client
        self._instruments = tuple(instruments)
        self._name = name
        self._now = surroundings.now
        self._monotonic = surroundings.monotonic
        self._sleep = surroundings.sleep
        self._timeout = timeout
        self._limiter = limiter
        self._loading = asyncio.Lock()
        self._listing = Listing()
        self._disliked: dict[str, str] = {}
        self._refusals = 0
        self._last: dict[str, float] = {}

    @property
    def unknown(self) -> Sequence[UnknownInstrument]:
        """Instruments that the venue does not list, as of the last `load`."""
        return self._listing.unknown

    async def load(self) -> None:
        """Fetch what the venue lists; a failed refresh keeps the old list.

        One at a time: ccxt shares the task between its waiters, so that the timeout
        of one would cancel the others.
        """
        async with self._loading:
            await self._call(
                lambda: self._client.load_markets(reload=True), _REQUESTS_PER_LOAD
            )
            found = self._client.markets or {}
            if not found:
                self._client.set_markets(list(self._listing.wire.values()))
                raise FeedUnavailable(f"{self._client.id} lists no market at all")
            self._listing = read_listing(found, self._instruments, self._client.id)
            self._disliked.clear()
            # The other thousand cost 11 kB each and every garbage collection.
            self._client.set_markets(list(self._listing.wire.values()))

    async def fetch_quotes(self) -> Reply:
        """Ask for all instruments at once, where the venue can."""
        if not self._listing.wire and not self._listing.unknown:
            raise FeedUnavailable(f"{self._client.id}: its list is not loaded yet")
        asked = await self._ask([m for m in map(self._askable, self._instruments) if m])
        if asked.errors and not asked.tickers:
            raise next(iter(asked.errors.values()))
        quotes: list[Quote] = []
        refusals: list[Refusal] = []
        received_at = self._now()
        for instrument in self._instruments:
            outcome = self._judge(instrument, asked, received_at)
            if isinstance(outcome, Quote):
                quotes.append(outcome)
                if outcome.last:
                    self._last[instrument] = outcome.last
            else:
                refusals.append(outcome)
        return Reply(quotes=tuple(quotes), refusals=tuple(refusals))

    def _askable(self, instrument: str) -> Market | None:
        market = self._listing.markets.get(instrument)
        if market is None or not market.active or instrument in self._disliked:
            return None
        return market

    def _judge(
        self, instrument: str, asked: _Asked, received_at: int
    ) -> Quote | Refusal:
        doubt = self._doubt(instrument, asked)
        ticker = asked.tickers.get(instrument)
        if doubt is None and isinstance(ticker, Mapping):
            return parse_quote(
                ticker,
                instrument=instrument,
                source=self._name,
                received_at=received_at,
            )
        reason, detail = doubt or (RefusalReason.MISSING, "not in the reply")
        return Refusal(
            instrument=instrument,
            source=self._name,
            reason=reason,
            at=received_at,
            detail=detail,
        )

    def _doubt(
        self, instrument: str, asked: _Asked
    ) -> tuple[RefusalReason, str] | None:
        market = self._listing.markets.get(instrument)
        if market is None:
            return RefusalReason.UNKNOWN_INSTRUMENT, "the venue does not list it"
        if not market.active:
            return RefusalReason.INACTIVE, "the venue lists it as not trading"
        if instrument in self._disliked:
            return RefusalReason.UNKNOWN_INSTRUMENT, self._disliked[instrument]
        if instrument in asked.errors:
            return RefusalReason.MISSING, str(asked.errors[instrument])
        return find_doubt(
            asked.tickers.get(instrument),
            instrument=instrument,
            venue_id=market.venue_id,
            known=self._listing.known,
        )

    async def _ask(self, markets: Sequence[Market]) -> _Asked:
        """One request per kind of market, or one per market where there is no bulk."""
        bulk = self._client.has.get("fetchTickers") and (
            self._client.id not in _BULK_IS_COARSE
        )
        tickers: dict[str, object] = {}
        errors: dict[str, FeedError] = {}
        # A venue answers for spot or for futures, never for both in one request.
        for _, group in groupby(sorted(markets, key=_kind), key=_kind):
            names = [market.instrument for market in group]
            if bulk:
                await self._ask_together(names, tickers, errors)
            else:
                await self._ask_singly(names, self._one, tickers, errors)
        return _Asked(tickers, errors)

    async def _ask_together(
        self,
        names: list[str],
        tickers: dict[str, object],
        errors: dict[str, FeedError],
    ) -> None:
        try:
            tickers.update(await self._many(names))
        except FeedError as exc:
            if len(names) == 1 or not blames_the_question(exc.__cause__):
                errors.update(dict.fromkeys(names, exc))
                return
            await self._find_disliked(names, tickers, errors)

    async def _find_disliked(
        self,
        names: list[str],
        tickers: dict[str, object],
        errors: dict[str, FeedError],
    ) -> None:
        """Ask one by one: a name that the venue dislikes must not silence the rest."""
        await self._ask_singly(names, self._one_of_many, tickers, errors)
        for name in names:
            exc = errors.get(name)
            if exc is not None and tickers and blames_the_question(exc.__cause__):
                self._disliked[name] = f"the venue refuses the name: {exc}"
                _LOG.warning(
                    "%s refuses %s and is not asked for it again until its list is "
                    "refreshed",
                    self._client.id,
                    name,
                    extra={"action": "quarantine_instrument"},
                )

    async def _ask_singly(
        self,
        names: list[str],
        ask: Callable[[str], Awaitable[object]],
        tickers: dict[str, object],
        errors: dict[str, FeedError],
    ) -> None:
        for name in names:
            try:
                tickers[name] = await ask(name)
            except FeedError as exc:
                errors[name] = exc
                if isinstance(exc, FeedRateLimited):
                    return

    async def _many(self, names: list[str]) -> Mapping[str, object]:
        reply = await self._call(lambda: self._client.fetch_tickers(names))
        return reply if isinstance(reply, Mapping) else {}

    async def _one_of_many(self, name: str) -> object:
        return (await self._many([name])).get(name)

    async def _one(self, name: str) -> object:
        return await self._call(lambda: self._client.fetch_ticker(name))

    async def fetch_bars(
        self,
        instrument: str,
        timeframe: Timeframe,
        since: int | None = None,
        limit: int | None = None,
    ) -> list[Bar]:
        """The venue's own bars, oldest first, the last one perhaps still forming."""
        self._market(instrument)
        offered = self._client.timeframes or {}
        if str(timeframe) not in offered or not self._client.has.get("fetchOHLCV"):
            raise FeedError(
                f"{self._client.id} serves no bars of {timeframe} for {instrument}, "
                f"only {', '.join(offered) or 'none'}"
            )
        rows = await self._call(
            lambda: self._client.fetch_ohlcv(instrument, str(timeframe), since, limit)
        )
        bars, bad = parse_bars(rows, instrument=instrument, timeframe=timeframe)
        if bad:
            _LOG.warning(
                "%s sent %d rows that are no bars of %s",
                self._client.id,
                bad,
                instrument,
                extra={"action": "drop_bars"},
            )
        return [bar for bar in bars if since is None or bar.open_time >= since]

    def decimals(self, instrument: str) -> int:
        """Digits after the point at which the venue prices the instrument.

        Raises:
            UnknownInstrument: the venue does not list it, or nothing is loaded yet.
        """
        return price_decimals(
            self._listing.wire[self._market(instrument).instrument],
            mode=self._client.precisionMode,
            last=self._last.get(instrument),
        )

    def _market(self, instrument: str) -> Market:
        market = self._listing.markets.get(instrument)
        if market is None:
            raise next(
                (u for u in self._listing.unknown if u.instrument == instrument),
                UnknownInstrument(
                    f"{instrument} is not among what {self._client.id} was asked for",
                    instrument,
                ),
            )
        return market

    async def close(self) -> None:
        """Release the connections. The feed is not used afterwards."""
        await self._client.close()

    async def _call(self, question: Callable[[], Awaitable[_T]], times: int = 1) -> _T:
        """One call to ccxt: paced, bounded in time, its exception ours."""
        await self._wait_for_turn()
        try:
            async with asyncio.timeout(self._timeout * times):
                reply = await question()
        except Exception as exc:
            raise self._translated(exc) from exc
        self._refusals = 0
        return reply

    async def _wait_for_turn(self) -> None:
        wait = self._limiter.wait(self._monotonic())
        if wait > self._timeout:
            # Asked for by the venue; a caller that slept through it would look hung.
            raise FeedRateLimited(
                f"{self._client.id} wants no request for another {wait:.0f} s", wait
            )
        if self._limiter.reserve(self._monotonic()) > 0:
            await self._sleep(wait)

    def _translated(self, exc: Exception) -> FeedError:
        if answer_of(exc).refuses:
            self._refusals += 1
        error = translate(exc, venue=self._client.id, refusals=self._refusals)
        if isinstance(error, FeedRateLimited) and error.retry_after is not None:
            self._limiter.back_off(self._monotonic(), error.retry_after)
        return error


def _kind(market: Market) -> tuple[Any, ...]:
    return market.kind
