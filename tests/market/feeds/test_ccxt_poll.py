"""The real ccxt client against the paper exchange, over HTTP on loopback."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass

import pytest

from daemon.paper.exchange import PaperExchange
from daemon.paper.faults import Fault, Injection
from daemon.paper.pair import PAIRS, XMR_USD, Pair
from daemon.paper.scripted import ScriptedMarket
from market.errors import (
    FeedBlocked,
    FeedError,
    FeedRateLimited,
    FeedUnavailable,
    UnknownInstrument,
)
from market.feeds import CcxtSpec
from market.feeds.feed import Feed, Reply
from market.instant import DAY, HOUR, MINUTE
from market.instrument import Instrument
from market.screening import RefusalReason, Screen, screen
from market.tick import Quote
from market.timeframe import parse_timeframe
from tests.doubles.by_hand import ByHand

T0 = 1_747_612_800_000
ALL = ("XMR/USD", "BNB/USD", "DOGE/USD", "EUR/USD")
STEPS = {
    "XMR/USD": [(T0, 228.0)],
    "BNB/USD": [(T0, 640.1)],
    "DOGE/USD": [(T0, 0.218)],
    "EUR/USD": [(T0, 1.1193)],
}
MINUTES, HOURS = parse_timeframe("1m"), parse_timeframe("1h")


@dataclass
class Setting:
    """A running exchange, a loaded feed of it and the time of both."""

    exchange: PaperExchange
    market: ScriptedMarket
    feed: Feed
    time: ByHand

    async def refused(self) -> dict[str, RefusalReason]:
        reply = await self.feed.fetch_quotes()
        return {refusal.instrument: refusal.reason for refusal in reply.refusals}


@asynccontextmanager
async def setting(
    instruments: Sequence[str] = ALL,
    *,
    timeout: str = "5s",
    pairs: Sequence[Pair] = PAIRS,
    load: bool = True,
) -> AsyncIterator[Setting]:
    time = ByHand(T0 + HOUR)
    market = ScriptedMarket(STEPS, pairs=pairs)
    async with PaperExchange(market, lambda: time.now) as exchange:
        spec = CcxtSpec.model_validate(
            {
                "kind": "ccxt",
                "exchange": "kraken",
                "base_url": exchange.base_url,
                "timeout": timeout,
            }
        )
        feed = spec.open(instruments, name="paper", surroundings=time.surroundings)
        try:
            if load:
                await feed.load()
            yield Setting(exchange, market, feed, time)
        finally:
            await feed.close()


def by_name(reply: Reply) -> dict[str, Quote]:
    return {quote.instrument: quote for quote in reply.quotes}


async def test_one_request_brings_all_instruments_of_the_source() -> None:
    async with setting() as lab:
        reply = await lab.feed.fetch_quotes()

        assert lab.exchange.requests == {"Assets": 1, "AssetPairs": 1, "Ticker": 1}
        assert reply.refusals == ()
        assert by_name(reply)["EUR/USD"] == Quote(
            instrument="EUR/USD",
            source="paper",
            received_at=T0 + HOUR,
            at=None,
            last=1.1193,
            bid=1.11929,
            ask=1.11931,
        )
        assert [quote.last for quote in reply.quotes] == [228.0, 640.1, 0.218, 1.1193]


async def test_the_next_poll_sees_the_next_price() -> None:
    async with setting(["BNB/USD"]) as lab:
        await lab.feed.fetch_quotes()
        lab.market.tell("BNB/USD", T0 + HOUR, 636.95)
        reply = await lab.feed.fetch_quotes()

        assert [quote.last for quote in reply.quotes] == [636.95]


async def test_prices_come_at_the_venue_s_precision() -> None:
    async with setting() as lab:
        assert [lab.feed.decimals(name) for name in ALL] == [2, 2, 5, 5]
        with pytest.raises(UnknownInstrument):
            lab.feed.decimals("BTC/USD")


async def test_an_instrument_that_the_venue_lacks_does_not_stop_the_others() -> None:
    async with setting(["BTC/USD", "BNB/USD", "XMR/USDT"]) as lab:
        reply = await lab.feed.fetch_quotes()

        assert list(by_name(reply)) == ["BNB/USD"]
        assert [(r.instrument, r.reason) for r in reply.refusals] == [
            ("BTC/USD", RefusalReason.UNKNOWN_INSTRUMENT),
            ("XMR/USDT", RefusalReason.UNKNOWN_INSTRUMENT),
        ]
        assert [(u.instrument, u.suggestions) for u in lab.feed.unknown] == [
            ("BTC/USD", ()),
            ("XMR/USDT", ("XMR/USD",)),
        ]
        with pytest.raises(UnknownInstrument, match="did you mean"):
            await lab.feed.fetch_bars("XMR/USDT", HOURS)


async def test_a_market_that_does_not_trade_is_refused_and_not_asked_for() -> None:
    shut = Pair(
        instrument="DOGE/USD",
        venue_id="XDGUSD",
        altname="XDGUSD",
        wsname="XDG/USD",
        base="XXDG",
        quote="ZUSD",
        decimals=5,
        status="cancel_only",
    )
    pairs = [pair for pair in PAIRS if pair.instrument != "DOGE/USD"]
    async with setting(["DOGE/USD"], pairs=[*pairs, shut]) as lab:
        assert await lab.refused() == {"DOGE/USD": RefusalReason.INACTIVE}
        assert "Ticker" not in lab.exchange.requests


async def test_nothing_can_be_asked_before_the_list_is_loaded() -> None:
    async with setting(load=False) as lab:
        with pytest.raises(FeedUnavailable, match="not loaded"):
            await lab.feed.fetch_quotes()


@pytest.mark.parametrize(
    "fault",
    [Fault.HTML, Fault.EMPTY, Fault.TRUNCATED, Fault.CUT, Fault.ERROR, Fault.STATUS],
)
async def test_an_answer_that_is_none_is_a_temporary_failure(fault: Fault) -> None:
    async with setting() as lab:
        lab.exchange.faults.inject(Injection(fault=fault))

        with pytest.raises(FeedUnavailable) as caught:
            await lab.feed.fetch_quotes()
        reply = await lab.feed.fetch_quotes()

        assert lab.exchange.base_url not in str(caught.value)
        assert lab.exchange.faults.struck == 1
        assert len(reply.quotes) == 4


@pytest.mark.parametrize("fault", [Fault.HANG, Fault.DRIP])
async def test_a_venue_that_does_not_finish_is_given_up_in_time(fault: Fault) -> None:
    async with setting(timeout="100ms") as lab:
        lab.exchange.faults.inject(Injection(fault=fault))

        with pytest.raises(FeedUnavailable, match="did not answer in time"):
            await asyncio.wait_for(lab.feed.fetch_quotes(), 5)
        assert len((await lab.feed.fetch_quotes()).quotes) == 4


@pytest.mark.parametrize("fault", [Fault.HUGE, Fault.BOMB])
async def test_a_body_without_end_is_not_swallowed(fault: Fault) -> None:
    async with setting() as lab:
        lab.exchange.faults.inject(Injection(fault=fault))

        with pytest.raises(FeedUnavailable, match="the body is over 67,108,864 bytes"):
            await lab.feed.fetch_quotes()
        assert len((await lab.feed.fetch_quotes()).quotes) == 4


@pytest.mark.parametrize("fault", [Fault.WRONG_PAIR, Fault.MISSING_PAIR])
async def test_prices_under_another_name_are_nobody_s(fault: Fault) -> None:
    async with setting(["BNB/USD"]) as lab:
        lab.exchange.faults.inject(Injection(fault=fault))

        assert await lab.refused() == {"BNB/USD": RefusalReason.MISSING}
        assert await lab.refused() == {}


@pytest.mark.parametrize(
    ("fault", "reason"),
    [
        (Fault.NAN, RefusalReason.NOT_FINITE),
        (Fault.TEXT, RefusalReason.NOT_FINITE),
        (Fault.INFINITE, RefusalReason.NOT_FINITE),
        (Fault.ZERO, RefusalReason.NOT_POSITIVE),
        (Fault.NEGATIVE, RefusalReason.NOT_POSITIVE),
        (Fault.NULL_LAST, RefusalReason.NO_PRICE),
        (Fault.CROSSED, RefusalReason.CROSSED_QUOTES),
        (Fault.SPIKE, RefusalReason.SPIKE),
    ],
)
async def test_a_price_that_is_none_never_becomes_a_tick(
    fault: Fault, reason: RefusalReason
) -> None:
    instrument = Instrument(name="BNB/USD")
    state, prices, refused = Screen(), [], []
    async with setting(["BNB/USD", "XMR/USD"]) as lab:
        for poll in range(3):
            if poll == 1:
                lab.exchange.faults.inject(Injection(fault=fault, instrument="BNB/USD"))
            quotes = by_name(await lab.feed.fetch_quotes())
            outcome = screen(state, quotes["BNB/USD"], instrument, lab.time.now)
            state = outcome.screen
            prices += [tick.price for tick in outcome.ticks]
            refused += [refusal.reason for refusal in outcome.refusals]
            assert quotes["XMR/USD"].last == 228.0

    assert prices == [640.1, 640.1]
    assert refused == [reason]


async def test_an_order_to_slow_down_is_obeyed_to_the_second() -> None:
    async with setting(timeout="10s") as lab:
        lab.exchange.faults.inject(
            Injection(fault=Fault.STATUS, status=429, retry_after="7")
        )

        with pytest.raises(FeedRateLimited) as caught:
            await lab.feed.fetch_quotes()
        await lab.feed.fetch_quotes()

        assert caught.value.retry_after == 7.0
        assert lab.time.slept == [7.0]


async def test_a_long_order_to_slow_down_is_said_at_once_and_nothing_goes_out() -> None:
    async with setting(timeout="10s") as lab:
        lab.exchange.faults.inject(
            Injection(fault=Fault.STATUS, status=418, retry_after="3600")
        )
        with pytest.raises(FeedRateLimited):
            await lab.feed.fetch_quotes()

        lab.time.monotonic += 600
        with pytest.raises(FeedRateLimited) as caught:
            await lab.feed.fetch_quotes()
        lab.time.monotonic += 3000
        reply = await lab.feed.fetch_quotes()

        assert caught.value.retry_after == 3000.0
        assert lab.exchange.requests["Ticker"] == 2
        assert len(reply.quotes) == 4


async def test_too_many_requests_in_kraken_s_own_words_are_a_rate_limit() -> None:
    async with setting() as lab:
        lab.exchange.faults.inject(
            Injection(fault=Fault.ERROR, error="EGeneral:Too many requests")
        )

        with pytest.raises(FeedRateLimited) as caught:
            await lab.feed.fetch_quotes()
        assert caught.value.retry_after is None


@pytest.mark.parametrize("status", [403, 451])
async def test_a_venue_that_refuses_us_three_times_has_blocked_us(status: int) -> None:
    async with setting() as lab:
        lab.exchange.faults.inject(
            Injection(fault=Fault.STATUS, status=status, times=3)
        )

        kinds: list[type[FeedError]] = []
        for _ in range(3):
            with pytest.raises(FeedError) as caught:
                await lab.feed.fetch_quotes()
            kinds.append(caught.type)

        assert kinds == [FeedUnavailable, FeedUnavailable, FeedBlocked]


async def test_an_answer_in_between_clears_the_count_of_refusals() -> None:
    async with setting() as lab:
        for _ in range(3):
            lab.exchange.faults.inject(
                Injection(fault=Fault.STATUS, status=403, times=2)
            )
            for _ in range(2):
                with pytest.raises(FeedUnavailable):
                    await lab.feed.fetch_quotes()
            await lab.feed.fetch_quotes()


async def test_a_name_that_the_venue_dislikes_does_not_silence_the_others() -> None:
    """It was delisted since the list was loaded; Kraken then answers for none."""
    gone = [pair for pair in PAIRS if pair is not XMR_USD]
    async with setting() as lab:
        lab.market._pairs = tuple(gone)

        first, second = await lab.feed.fetch_quotes(), await lab.feed.fetch_quotes()

        for reply in (first, second):
            assert list(by_name(reply)) == ["BNB/USD", "DOGE/USD", "EUR/USD"]
            assert [r.reason for r in reply.refusals] == [
                RefusalReason.UNKNOWN_INSTRUMENT
            ]
        assert lab.exchange.requests["Ticker"] == 1 + 4 + 1

        lab.market._pairs = tuple(PAIRS)
        await lab.feed.load()
        assert len((await lab.feed.fetch_quotes()).quotes) == 4


async def test_an_error_about_all_names_puts_none_in_quarantine() -> None:
    async with setting() as lab:
        lab.exchange.faults.inject(
            Injection(fault=Fault.ERROR, error="EQuery:Something new", times=5)
        )

        with pytest.raises(FeedUnavailable):
            await lab.feed.fetch_quotes()
        assert len((await lab.feed.fetch_quotes()).quotes) == 4


async def test_a_failed_refresh_keeps_the_old_list() -> None:
    async with setting() as lab:
        for fault in (Fault.HTML, Fault.STATUS, Fault.ERROR):
            lab.exchange.faults.inject(Injection(fault=fault, path="AssetPairs"))
            with pytest.raises(FeedError):
                await lab.feed.load()

        assert len((await lab.feed.fetch_quotes()).quotes) == 4


async def test_a_venue_that_lists_nothing_is_not_believed() -> None:
    async with setting() as lab:
        lab.market._pairs = ()
        with pytest.raises(FeedUnavailable, match="lists no market"):
            await lab.feed.load()

        lab.market._pairs = tuple(PAIRS)
        assert len((await lab.feed.fetch_quotes()).quotes) == 4


async def test_one_impatient_caller_does_not_cancel_the_load_of_another() -> None:
    async with setting(load=False) as lab:
        lab.exchange.faults.inject(Injection(fault=Fault.HANG, path="Assets"))
        impatient = asyncio.timeout(0.05)

        async def give_up() -> None:
            with pytest.raises(TimeoutError):
                async with impatient:
                    await lab.feed.load()

        await asyncio.gather(give_up(), lab.feed.load())

        assert len((await lab.feed.fetch_quotes()).quotes) == 4


async def test_bars_are_those_of_the_market() -> None:
    async with setting(["BNB/USD"]) as lab:
        for minute, price in [(1, 641.0), (1.5, 639.0), (3, 650.0)]:
            lab.market.tell("BNB/USD", T0 + round(minute * MINUTE), price)
        lab.time.now = T0 + 3 * MINUTE + 1

        bars = await lab.feed.fetch_bars("BNB/USD", MINUTES, T0)

        assert [(b.open_time - T0, b.open, b.high, b.low, b.close) for b in bars] == [
            (0, 640.1, 640.1, 640.1, 640.1),
            (MINUTE, 641.0, 641.0, 639.0, 639.0),
            (2 * MINUTE, 639.0, 639.0, 639.0, 639.0),
            (3 * MINUTE, 650.0, 650.0, 650.0, 650.0),
        ]
        assert bars[-1].close_time == T0 + 4 * MINUTE


async def test_pages_of_bars_join_without_gap_or_overlap() -> None:
    async with setting(["BNB/USD"]) as lab:
        lab.time.now = T0 + DAY

        times: list[int] = []
        since = T0
        while page := await lab.feed.fetch_bars("BNB/USD", MINUTES, since):
            times += [bar.open_time for bar in page]
            since = page[-1].close_time
            if since > lab.time.now:
                break

        assert times == list(range(T0, T0 + DAY + 1, MINUTE))


async def test_the_newest_page_comes_without_a_since() -> None:
    async with setting(["BNB/USD"]) as lab:
        lab.time.now = T0 + DAY

        bars = await lab.feed.fetch_bars("BNB/USD", MINUTES, limit=3)

        assert [bar.open_time for bar in bars] == [
            T0 + DAY - 2 * MINUTE,
            T0 + DAY - MINUTE,
            T0 + DAY,
        ]


async def test_a_bar_length_that_the_venue_lacks_is_said() -> None:
    async with setting(["BNB/USD"]) as lab:
        with pytest.raises(FeedError, match=r"no bars of 2h.*1m, 5m, 15m"):
            await lab.feed.fetch_bars("BNB/USD", parse_timeframe("2h"))


@pytest.mark.parametrize("fault", [Fault.HTML, Fault.STATUS, Fault.TRUNCATED])
async def test_bars_fail_as_quotes_do(fault: Fault) -> None:
    async with setting(["BNB/USD"]) as lab:
        lab.exchange.faults.inject(Injection(fault=fault, path="OHLC"))

        with pytest.raises(FeedUnavailable):
            await lab.feed.fetch_bars("BNB/USD", MINUTES, T0)


async def test_nobody_at_the_address_is_a_temporary_failure() -> None:
    async with setting(["BNB/USD"]) as lab:
        await lab.exchange.stop()

        with pytest.raises(FeedUnavailable) as caught:
            await lab.feed.fetch_quotes()
        assert "127.0.0.1" not in str(caught.value)


async def test_requests_to_the_venue_itself_are_spaced_as_ccxt_knows() -> None:
    spec = CcxtSpec(kind="ccxt", exchange="kraken")

    assert spec._spacing(1000.0) == 1000.0
    assert CcxtSpec(exchange="kraken", base_url="http://[::1]:1")._spacing(1000.0) == 0
    assert (
        CcxtSpec(exchange="kraken", base_url="http://mirror.example")._spacing(1000.0)
        == 1000.0
    )


async def test_two_sources_of_one_venue_do_not_share_anything() -> None:
    async with setting(["BNB/USD"]) as one, setting(["BNB/USD"]) as other:
        other.market.tell("BNB/USD", T0 + HOUR, 650.0)

        assert [q.last for q in (await one.feed.fetch_quotes()).quotes] == [640.1]
        assert [q.last for q in (await other.feed.fetch_quotes()).quotes] == [650.0]
