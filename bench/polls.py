"""Polls that came back out of those expected, one a second at Kraken's own spacing.

Beside it ccxt's own rate limiter, whose bucket forgets idle time: every poll waits a
whole second again, so every other one is missed (ccxt issue 25556). Both are driven
by the same scheduler in the same seconds.
"""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

from bench.figure import Figure
from bench.loopback import Loopback
from daemon.clock import Clock
from daemon.schedule import Schedule
from market.feeds.ccxt_load import load_exchange_class
from market.feeds.ccxt_source import CcxtSpec
from market.feeds.source import Surroundings

_POLLS = 12
_PAIR = "BNB/USD"


def measure(*, quick: bool) -> list[Figure]:
    """How many of so many seconds brought a price."""
    polls = 6 if quick else _POLLS
    ours, ccxts = asyncio.run(_race(polls))
    return [
        Figure(
            name=f"polls of {polls} in {polls} s",
            ours=ours,
            other=ccxts,
            unit="polls",
            against="ccxt's own rate limiter",
        ),
        Figure(
            name=f"polls of {polls} in {polls} s",
            ours=ours,
            unit="polls",
            budget=polls,
            at_least=True,
        ),
    ]


async def _race(polls: int) -> tuple[int, int]:
    clock = Clock()
    around = Surroundings(now=clock.now, monotonic=clock.monotonic, sleep=clock.sleep)
    async with Loopback(lambda: 640.0) as server:
        spec = CcxtSpec.model_validate(
            {"exchange": "kraken", "base_url": server.base_url, "spacing": "1s"}
        )
        feed = spec.open([_PAIR], name="kraken", surroundings=around)
        theirs: Any = load_exchange_class("kraken")({"enableRateLimit": True})
        theirs.urls["api"]["public"] = server.base_url
        await feed.load()
        await theirs.load_markets()
        done = [0, 0]
        schedule = Schedule(clock)
        for side, ask in enumerate(
            (feed.fetch_quotes, lambda: theirs.fetch_ticker(_PAIR))
        ):
            schedule.every(f"side {side}", 1000, _counted(ask, done, side))
        schedule.start()
        # Half a second on, so that the last poll has come back and no other begins.
        await asyncio.sleep(polls - 0.5)
        await schedule.stop(0)
        await feed.close()
        await theirs.close()
    return done[0], done[1]


def _counted(
    ask: Callable[[], Awaitable[object]], done: list[int], side: int
) -> Callable[[], Awaitable[None]]:
    async def poll() -> None:
        await ask()
        done[side] += 1

    return poll
