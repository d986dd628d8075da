"""One configuration at work, from opening its channels to the last message stored.

A reload ends one session and begins the next on the same database: start-up, crash
recovery and reload are one path.
"""

import asyncio
import contextlib
import logging
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from alerts.channels.http import Http
from alerts.engine import LATE_AFTER, Engine
from alerts.matter import Matter
from alerts.notification import Channel
from daemon.alarms import Alarms
from daemon.beat import Beat
from daemon.clock import Clock
from daemon.config.sections import Config
from daemon.deliver import Delivery
from daemon.ping import Ping
from daemon.pipeline import Pipeline
from daemon.recorder import Recorder
from daemon.schedule import Schedule
from daemon.sources import Source
from daemon.store import Store
from daemon.warmup import (
    fetch_history,
    history_needs,
    recall,
    store_history,
    take_history,
)
from market.errors import FeedError
from market.feeds.source import Surroundings
from market.instant import DAY, HOUR, SECOND
from storage.errors import StorageError
from storage.ledger import load_cursors, load_states
from storage.outbox import release_leases
from storage.retention import Horizon, forget

_log = logging.getLogger(__name__)

_GRACE = 2 * SECOND
"""How far the watermark stays behind the clock: ticks on their way may still come."""
_KEEP_DECISIONS = 400 * DAY
_STOP_PATIENCE = 4.0
"""Seconds that stopping waits for what is being sent."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Surround:
    """What a session is given by the process.

    Attributes:
        completed: called after every completed poll: the watchdog's food.
        about: facts of the process for `status`.
        channels: channels that stand in for configured ones, by receiver; the
            demo's console draws more than alerts.
    """

    clock: Clock
    completed: Callable[[], None]
    about: dict[str, object]
    channels: dict[str, Channel]


class Session:
    """Everything that one configuration needs, built and run."""

    def __init__(self, config: Config, store: Store, surround: Surround) -> None:
        self.config = config
        self.rules = {rule.id: rule for rule in config.build_rules()}
        self._store = store
        self._surround = surround
        self._clock = surround.clock
        self._http = Http()
        self._broken: dict[str, str] = {}
        self._first_poll = asyncio.Event()
        self.recorder = Recorder(store, self._clock)
        self.alarms = Alarms()
        self.delivery = Delivery(
            self._open_channels(), store, self._clock, self.alarms.give_up
        )
        self.sources: dict[str, Source] = {}
        self.schedule = Schedule(self._clock)
        self.ping = Ping(config.operator.ping, self._http, self._clock)

    @property
    def told(self) -> tuple[int, int]:
        """Ticks taken, and notifications queued, since the session began."""
        return self.pipeline.counts if hasattr(self, "pipeline") else (0, 0)

    async def run(self, ready: Callable[[], None], stop: asyncio.Event) -> None:
        """Watch until `stop` is set; then store and close everything.

        Args:
            ready: called once the first poll has come back, well or not.
        """
        await self._store.run(release_leases)
        self.engine = await self._restore()
        try:
            async with asyncio.TaskGroup() as group:
                tasks = [
                    group.create_task(self.delivery.run(line), name=f"deliver {name}")
                    for name, line in self.delivery.lines.items()
                ]
                tasks.append(group.create_task(self.schedule.guard(), name="guard"))
                tasks.append(group.create_task(self.ping.run(), name="ping"))
                tasks += [
                    group.create_task(self._warm(source), name=f"warm {name}")
                    for name, source in self.sources.items()
                ]
                self.beat = Beat(
                    engine=self.engine,
                    pipeline=self.pipeline,
                    sources=self.sources,
                    delivery=self.delivery,
                    alarms=self.alarms,
                    broken=self._broken,
                    store=self._store,
                    clock=self._clock,
                    about=self._surround.about,
                )
                self._plan()
                waiter = group.create_task(self._announce(ready))
                await stop.wait()
                await self.schedule.stop(_STOP_PATIENCE / 2)
                await self._settle()
                for task in (*tasks, waiter):
                    task.cancel()
        finally:
            await self._close()

    async def _restore(self) -> Engine:
        """Build the engine from the configuration and from what is stored."""
        instruments = self.config.build_instruments()
        states, cursors = await self._store.run(
            lambda connection: (load_states(connection), load_cursors(connection))
        )
        engine = Engine(
            instruments,
            self.rules.values(),
            states=states,
            late_after=self._clock.stretch(LATE_AFTER),
        )
        self.pipeline = Pipeline(
            engine,
            self.rules,
            self.recorder,
            self.delivery,
            self._clock,
            self.config.display.zone,
            self.config.operator_receivers,
        )
        for watch in engine.watches.values():
            for rule in watch.forgotten:
                _log.warning(
                    "%s: its stored state is of another release; it starts afresh",
                    rule,
                    extra={"action": "state_forgotten", "rule": rule},
                )
        for name in instruments:
            needs = history_needs(self.rules.values(), name)
            tick = await self._store.run(
                partial(
                    recall,
                    engine=engine,
                    cursor=cursors.get(name),
                    instrument=name,
                    needs=needs,
                ),
                durable=False,
            )
            if tick is not None:
                self.pipeline.resume(tick)
        for name, spec in self.config.sources.items():
            watched = tuple(n for n, i in instruments.items() if name in i.sources)
            if watched:
                feed = spec.open(watched, name=name, surroundings=self._surroundings())
                self.sources[name] = Source(name, feed, watched, self._clock)
        return engine

    def _plan(self) -> None:
        for index, (name, source) in enumerate(self.sources.items()):
            spec = self.config.sources[name]
            job = partial(self._poll, source)
            self.schedule.every(f"poll {name}", spec.every, job, phase=0.05 * index)
        beat = self._clock.stretch(SECOND)
        self.schedule.every("beat", beat, self.beat.strike)
        self.schedule.every("retention", HOUR, self._retain, phase=30.0)
        self.schedule.every("listing", DAY, self._list_again, phase=3600.0)
        self.schedule.start()

    async def _poll(self, source: Source) -> None:
        reply = await source.poll(self._deadline(source))
        if reply is not None:
            if not source.introduced:
                source.introduced = True
                await self._introduce(source)
            await self.pipeline.take(source, reply.quotes)
            if reply.quotes:
                self.ping.completed()
        self._first_poll.set()
        self._surround.completed()

    def _deadline(self, source: Source) -> float:
        timeout = getattr(self.config.sources[source.name], "timeout", 10 * SECOND)
        # Loading the markets takes several requests; a poll takes one or a few.
        return float(timeout) / SECOND * (2 if source.loaded else 4) + 1.0

    async def _list_again(self) -> None:
        """Once a day: what a venue lists changes; a failure keeps the old list."""
        for source in self.sources.values():
            with contextlib.suppress(FeedError, TimeoutError):
                async with asyncio.timeout(self._deadline(source)):
                    await source.feed.load()
                source.introduced = False

    async def _introduce(self, source: Source) -> None:
        """Learn the venue's precision, and which instruments it lacks."""
        lacking = {unknown.instrument: unknown for unknown in source.unknown}
        for name in source.instruments:
            if name not in lacking:
                self.pipeline.decimals[name] = source.feed.decimals(name)
        for name, unknown in lacking.items():
            if len(self.engine.watches[name].instrument.sources) > 1:
                continue
            for rule in self.rules.values():
                if rule.instrument == name and rule.id not in self._broken:
                    self._broken[rule.id] = str(unknown)
                    await self.pipeline.alarm(Matter.RULE_BROKEN, rule.id, str(unknown))

    async def _warm(self, source: Source) -> None:
        """Fetch history once the venue has answered, an instrument at a time."""
        while not source.loaded:
            await self._clock.sleep(0.05)
        lacking = {unknown.instrument for unknown in source.unknown}
        for name in source.instruments:
            watch = self.engine.watches[name]
            if name in lacking or watch.instrument.sources[0] != source.name:
                continue
            needs = history_needs(self.rules.values(), name)
            found = await fetch_history(
                source.feed, watch.instrument, needs, watch, self._clock.now()
            )
            fresh = [
                bar
                for timeframe, bars in found
                for bar in take_history(watch, timeframe, bars, self._clock.now())
                if timeframe in needs
            ]
            watch.book.settle()
            watch.ask_again()
            with contextlib.suppress(StorageError):
                await self._store.run(partial(store_history, bars=fresh), durable=False)

    async def _retain(self) -> None:
        now = self._clock.now()
        horizon = Horizon(
            ticks=now - self.config.storage.keep_ticks,
            decisions=now - _KEEP_DECISIONS,
            attempts=now - _KEEP_DECISIONS,
        )
        more = True
        while more:
            gone = await self._store.run(
                partial(forget, horizon=horizon), durable=False
            )
            more = gone.more

    async def _announce(self, ready: Callable[[], None]) -> None:
        await self._first_poll.wait()
        ready()

    async def _settle(self) -> None:
        """Store everything; give what is being sent a moment to arrive."""
        await self.pipeline.flush()
        deadline = self._clock.monotonic() + _STOP_PATIENCE
        while self.delivery.busy and self._clock.monotonic() < deadline:
            await self._clock.sleep(0.02)
        with contextlib.suppress(StorageError):
            await self.beat.write_health(self._clock.now(), stopped=True)

    async def _close(self) -> None:
        for source in self.sources.values():
            with contextlib.suppress(FeedError):
                await source.feed.close()
        for line in self.delivery.lines.values():
            await line.channel.close()
        await self._http.close()

    def _open_channels(self) -> dict[str, Channel]:
        stand_ins = self._surround.channels
        return {
            name: stand_ins.get(name) or spec.open(self._http, self._clock.now)
            for name, spec in self.config.receivers.items()
        }

    def _surroundings(self) -> Surroundings:
        clock = self._clock
        return Surroundings(now=clock.now, monotonic=clock.monotonic, sleep=clock.sleep)
