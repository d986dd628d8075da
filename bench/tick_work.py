"""All the work on a tick but the network, beside ccxt's parsing of one ticker.

Ours: screened, shown to the rules, built into bars, and stored through the daemon's
own pipeline, recorder and writer thread, with a commit for every four ticks, and once
more with a commit for a thousand.
"""

import asyncio
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from zoneinfo import ZoneInfo

from alerts.conditions import CONDITION_KINDS
from alerts.engine import Engine
from alerts.rule import Rule, build_rule
from bench.blocks import cpu_seconds
from bench.figure import Figure
from bench.world import NAMES, T0, quoted_ticks
from daemon.alarms import Alarms
from daemon.clock import Clock
from daemon.deliver import Delivery
from daemon.pipeline import Pipeline
from daemon.recorder import Recorder
from daemon.sources import Source
from daemon.store import Store
from market.feeds.ccxt_load import load_exchange_class
from market.feeds.ccxt_source import CcxtSpec
from market.feeds.source import Surroundings
from market.instrument import Instrument
from market.tick import Quote

_BLOCKS = 9
_POLLS = 400
_TICKER = {
    "a": ["640.15", "1", "1.000"],
    "b": ["640.05", "1", "1.000"],
    "c": ["640.10", "1.00000000"],
    "v": ["4147.94474901", "8896.96086304"],
    "p": ["636.22239", "638.63032"],
    "t": [3907, 10056],
    "l": ["630.18000", "630.18000"],
    "h": ["641.14000", "645.01000"],
    "o": "637.56000",
}
_MARKET = {"symbol": "BNB/USD", "id": "BNBUSD", "precision": {"price": 0.01}}


class _Stands(Clock):
    """Stands where it is put."""

    at = T0

    def now(self) -> int:
        return self.at


def measure(*, quick: bool) -> list[Figure]:
    """One poll of four instruments a second, three rules on each."""
    blocks = 3 if quick else _BLOCKS
    exchange: Any = load_exchange_class("kraken")()
    with TemporaryDirectory() as folder, asyncio.Runner() as runner:
        store = Store()
        runner.run(store.open(f"sqlite:///{Path(folder) / 'bench.db'}"))
        each = _polls(runner, store, blocks, flush_each=True)
        grouped = _polls(runner, store, blocks, flush_each=False)
        whole, large, parse = cpu_seconds(
            blocks, each, grouped, lambda: _parse(exchange)
        )
        runner.run(store.close())
    per = 1e6 / (_POLLS * len(NAMES))
    return [
        Figure(
            name="tick screened, judged, barred, stored",
            ours=whole * per,
            other=parse * per,
            unit="µs",
            against="ccxt.kraken.parse_ticker",
            budget=1,
        ),
        Figure(
            name="the same, stored a thousand at a time",
            ours=large * per,
            other=parse * per,
            unit="µs",
            against="ccxt.kraken.parse_ticker",
        ),
    ]


def _parse(exchange: Any) -> None:  # noqa: ANN401 - a class of ccxt
    for _ in range(_POLLS * len(NAMES)):
        exchange.parse_ticker(_TICKER, _MARKET)


def _polls(
    runner: asyncio.Runner, store: Store, blocks: int, *, flush_each: bool
) -> Callable[[], None]:
    clock = _Stands()
    rules = {rule.id: rule for rule in _rules()}
    engine = Engine(
        {name: Instrument(name=name, sources=("kraken",)) for name in NAMES},
        rules.values(),
    )
    recorder = Recorder(store, clock)
    delivery = Delivery({}, store, clock, Alarms())
    pipeline = Pipeline(engine, rules, recorder, delivery, clock, ZoneInfo("UTC"), ())
    around = Surroundings(now=clock.now, monotonic=clock.monotonic, sleep=clock.sleep)
    feed = CcxtSpec(exchange="kraken").open(NAMES, name="kraken", surroundings=around)
    source = Source("kraken", feed, NAMES, clock)
    replies = iter(_replies(_POLLS * (blocks + 1)))

    async def poll() -> None:
        for _ in range(_POLLS):
            quotes = next(replies)
            clock.at = quotes[0].received_at
            await pipeline.take(source, quotes)
            if flush_each:
                await pipeline.flush()

    return lambda: runner.run(poll())


def _rules() -> list[Rule]:
    whens: list[dict[str, object]] = [
        {"kind": "cross", "level": Decimal(700), "rearm": "0.25%"},
        {"kind": "approach", "level": Decimal(580), "distance": "1%", "rearm": "1%"},
        {"kind": "touch", "level": Decimal(690), "tolerance": "1", "rearm": "1"},
    ]
    return [
        build_rule(
            CONDITION_KINDS[str(when["kind"])].model_validate(when),
            id=f"{name} {when['kind']}",
            instrument=name,
            levels={},
        )
        for name in NAMES
        for when in whens
    ]


def _replies(count: int) -> list[list[Quote]]:
    quotes = [
        Quote(
            instrument=tick.instrument,
            source="kraken",
            received_at=tick.at,
            last=tick.last,
            bid=tick.bid,
            ask=tick.ask,
        )
        for tick in quoted_ticks(count * len(NAMES))
    ]
    return [quotes[at : at + len(NAMES)] for at in range(0, len(quotes), len(NAMES))]
