"""One configuration at work, from opening its channels to the last message stored.

A reload ends one session and begins the next on the same database: start-up, crash
recovery and reload are one path.
"""

import asyncio
import contextlib
import logging
from collections.abc import Callable, Coroutine
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
from daemon.errors import SupervisionError
from daemon.ping import Ping
from daemon.pipeline import Pipeline
from daemon.recorder import Recorder
from daemon.schedule import Schedule
from daemon.sources import Source
from daemon.store import Store
from daemon.store_watch import StoreWatch
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
_STORING = 30.0
"""Seconds that a poll may take to store what it brought: the disk may be busy."""
_RETENTION_DEADLINE = 1800.0
"""Seconds: a first tidying may have millions of ticks to go through, in batches."""
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
    """Everything that one configuration needs, opened and run."""

    def __init__(
        self, config: Config, store: Store, surround: Surround, engine: Engine
    ) -> None:
        """Wire the parts together; `open_session` makes the engine."""
        self.config = config
        self.engine = engine
        self.sources: dict[str, Source] = {}
        self.alarms = Alarms()
        self._store = store
        self._surround = surround
        self._clock = clock = surround.clock
        self._http = Http()
        self._broken: dict[str, str] = {}
        self._first_poll = asyncio.Event()
        self._schedule = Schedule(clock)
        self._ping = Ping(config.operator.ping, self._http, clock)
        self.rules = {
            name: armed.rule
            for watch in engine.watches.values()
            for name, armed in watch.rules.items()
        }
        self._delivery = Delivery(self._open_channels(), store, clock, self.alarms)
        self.pipeline = Pipeline(
            engine,
            self.rules,
            Recorder(store, clock),
            self._delivery,
            clock,
            config.display.zone,
            config.operator_receivers,
        )
        self._beat = Beat(
            engine=engine,
            pipeline=self.pipeline,
            sources=self.sources,
            delivery=self._delivery,
            alarms=self.alarms,
            broken=self._broken,
            store=store,
            store_watch=StoreWatch(store, self.pipeline, clock),
            clock=clock,
            about=surround.about,
        )

    async def run(self, ready: Callable[[], None], stop: asyncio.Event) -> None:
        """Watch until `stop` is set; then store and close everything.

        Args:
            ready: called once the first poll has come back, well or not.

        Raises:
            SupervisionError: a part that everything depends on keeps failing.
        """
        self._open_sources()
        try:
            async with asyncio.TaskGroup() as group:
                tasks = [
                    group.create_task(work, name=name)
                    for name, work in self._tasks(ready).items()
                ]
                self._plan()
                await stop.wait()
                await self._schedule.stop(_STOP_PATIENCE / 2)
                await self._settle()
                for task in tasks:
                    task.cancel()
        except* SupervisionError as failed:
            raise SupervisionError(str(failed.exceptions[0])) from failed
        finally:
            await self._schedule.stop(0)
            await self._close()

    def _tasks(
        self, ready: Callable[[], None]
    ) -> dict[str, Coroutine[None, None, None]]:
        lines = self._delivery.lines
        return {
            **{f"deliver {n}": self._delivery.run(line) for n, line in lines.items()},
            **{f"warm {n}": self._warm(source) for n, source in self.sources.items()},
            "guard": self._schedule.guard(),
            "failure": self._schedule.failure(),
            "ping": self._ping.run(),
            "announce": self._announce(ready),
        }

    def _open_sources(self) -> None:
        clock = self._clock
        surroundings = Surroundings(
            now=clock.now, monotonic=clock.monotonic, sleep=clock.sleep
        )
        for name, spec in self.config.sources.items():
            watched = tuple(
                instrument
                for instrument, watch in self.engine.watches.items()
                if name in watch.instrument.sources
            )
            if watched:
                feed = spec.open(watched, name=name, surroundings=surroundings)
                self.sources[name] = Source(
                    name, feed, watched, clock, every=spec.every
                )

    def _plan(self) -> None:
        for index, (name, source) in enumerate(self.sources.items()):
            spec = self.config.sources[name]
            job = partial(self._poll, source)
            self._schedule.every(
                f"poll {name}",
                spec.every,
                job,
                phase=0.05 * index,
                deadline=self._deadline(source, first=True) + _STORING,
            )
        beat = self._clock.stretch(SECOND)
        self._schedule.every("beat", beat, self._beat.strike, vital=True)
        self._schedule.every(
            "retention", HOUR, self._retain, phase=30.0, deadline=_RETENTION_DEADLINE
        )
        self._schedule.every("listing", DAY, self._list_again, phase=3600.0)
        self._schedule.start()

    async def _poll(self, source: Source) -> None:
        reply = await source.poll(self._deadline(source, first=not source.loaded))
        if reply is not None:
            if not source.introduced:
                source.introduced = True
                await self._introduce(source)
            await self.pipeline.take(source, reply.quotes)
            if reply.quotes:
                self._ping.completed()
        self._first_poll.set()
        self._surround.completed()

    @property
    def pause(self) -> float:
        """Seconds that may honestly pass between two completed polls."""
        return min(
            source.every / SECOND / self._clock.speed
            + self._deadline(source, first=True)
            for source in self.sources.values()
        )

    def _deadline(self, source: Source, *, first: bool) -> float:
        timeout = getattr(self.config.sources[source.name], "timeout", 10 * SECOND)
        # Loading the markets takes several requests; a poll takes one or a few.
        return float(timeout) / SECOND * (4 if first else 2) + 1.0

    async def _list_again(self) -> None:
        """Once a day: what a venue lists changes; a failure keeps the old list."""
        for source in self.sources.values():
            with contextlib.suppress(FeedError, TimeoutError):
                async with asyncio.timeout(self._deadline(source, first=True)):
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
            first = self.engine.watches[name].instrument.sources[0]
            if name in lacking or first != source.name:
                continue
            try:
                await self._warm_up(source, name)
            except Exception:  # noqa: BLE001 - it costs levels their start, not prices
                _log.exception("%s", name, extra={"action": "backfill_failed"})

    async def _warm_up(self, source: Source, name: str) -> None:
        watch = self.engine.watches[name]
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
        while self._delivery.busy and self._clock.monotonic() < deadline:
            await self._clock.sleep(0.02)
        with contextlib.suppress(StorageError):
            await self._beat.write_health(self._clock.now(), stopped=True)

    async def _close(self) -> None:
        for source in self.sources.values():
            with contextlib.suppress(FeedError):
                await source.feed.close()
        for line in self._delivery.lines.values():
            await line.channel.close()
        await self._http.close()

    def _open_channels(self) -> dict[str, Channel]:
        stand_ins = self._surround.channels
        return {
            name: stand_ins.get(name) or spec.open(self._http, self._clock.now)
            for name, spec in self.config.receivers.items()
        }


async def open_session(config: Config, store: Store, surround: Surround) -> Session:
    """Build a session from its configuration and from what is stored.

    Raises:
        StorageError: what is stored cannot be read.
    """
    await store.run(release_leases)
    rules = config.build_rules()
    states, cursors = await store.run(
        lambda connection: (load_states(connection), load_cursors(connection))
    )
    engine = Engine(
        config.build_instruments(),
        rules,
        states=states,
        late_after=surround.clock.stretch(LATE_AFTER),
    )
    _say_forgotten(engine)
    session = Session(config, store, surround, engine)
    for name in engine.watches:
        work = partial(
            recall,
            engine=engine,
            cursor=cursors.get(name),
            instrument=name,
            needs=history_needs(rules, name),
        )
        tick = await store.run(work, durable=False)
        if tick is not None:
            session.pipeline.resume(tick)
    return session


def _say_forgotten(engine: Engine) -> None:
    for watch in engine.watches.values():
        for rule in watch.forgotten:
            _log.warning(
                "%s: its stored state is of another release; it starts afresh",
                rule,
                extra={"action": "state_forgotten", "rule": rule},
            )
