"""The parts of a session on a table: a store, an engine, a pipeline, no network."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from zoneinfo import ZoneInfo

from alerts.conditions.cross import CrossSpec
from alerts.engine import Engine
from alerts.errors import SendError
from alerts.notification import Channel, Notification, Receipt
from alerts.rule import Rule, build_rule
from daemon.alarms import Alarms
from daemon.clock import PlayedClock
from daemon.deliver import Delivery
from daemon.pipeline import Pipeline
from daemon.recorder import Recorder
from daemon.sources import Source
from daemon.store import Store
from market.bar import Bar
from market.errors import UnknownInstrument
from market.feeds.feed import Reply
from market.instrument import Instrument
from market.tick import Quote
from market.timeframe import Timeframe

NOW = 1_747_612_800_000
BNB = Instrument(name="BNB/USD", sources=("paper",))
XMR = Instrument(name="XMR/USD", sources=("paper",))


@dataclass
class RecordingChannel:
    """Takes everything, and keeps it; or refuses all with one error."""

    taken: list[Notification] = field(default_factory=list)
    error: SendError | None = None

    async def send(self, notification: Notification) -> Receipt:
        if self.error is not None:
            raise self.error
        self.taken.append(notification)
        return Receipt()

    async def close(self) -> None:
        """Nothing was opened."""


class EmptyFeed:
    """A venue that lists everything and says nothing; or raises what it is given."""

    unknown: Sequence[UnknownInstrument] = ()

    def __init__(self, error: Exception | None = None) -> None:
        self.error = error

    async def load(self) -> None:
        """Listed."""

    async def fetch_quotes(self) -> Reply:
        if self.error is not None:
            raise self.error
        return Reply()

    async def fetch_bars(
        self,
        instrument: str,
        timeframe: Timeframe,
        since: int | None = None,
        limit: int | None = None,
    ) -> list[Bar]:
        return []

    def decimals(self, instrument: str) -> int:
        return 2

    async def close(self) -> None:
        """Nothing was opened."""


def falls_below(level: str, instrument: str) -> Rule:
    spec = CrossSpec.model_validate(
        {"kind": "cross", "direction": "down", "level": level, "rearm": "1"}
    )
    return build_rule(
        spec,
        id=f"{instrument[:3].lower()}-lost",
        instrument=instrument,
        levels={},
        to=("phone",),
        cooldown=0,
    )


RULES = (falls_below("637", "BNB/USD"), falls_below("340", "XMR/USD"))


@dataclass
class Room:
    """One pipeline with everything around it."""

    store: Store
    pipeline: Pipeline
    source: Source
    channel: RecordingChannel
    alarms: Alarms

    async def show(self, **prices: float) -> None:
        """Let a poll bring prices, by the instrument's first letters: BNB=637."""
        quotes = [
            Quote(instrument=f"{name}/USD", source="paper", received_at=NOW, last=price)
            for name, price in prices.items()
        ]
        await self.pipeline.take(self.source, quotes)


@asynccontextmanager
async def furnished(folder: Path, engine: Engine | None = None) -> AsyncIterator[Room]:
    """A room on a database of its own."""
    clock = PlayedClock(NOW, 1.0)
    store = Store()
    await store.open(f"sqlite:///{folder / 'lw.db'}")
    channel, alarms = RecordingChannel(), Alarms()
    channels: dict[str, Channel] = {"phone": channel}
    pipeline = Pipeline(
        engine or Engine({"BNB/USD": BNB, "XMR/USD": XMR}, RULES),
        {rule.id: rule for rule in RULES},
        Recorder(store, clock),
        Delivery(channels, store, clock, alarms),
        clock,
        ZoneInfo("UTC"),
        ("phone",),
    )
    source = Source("paper", EmptyFeed(), ("BNB/USD", "XMR/USD"), clock)
    yield Room(store, pipeline, source, channel, alarms)
    await store.close()
