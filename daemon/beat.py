"""Once a second: time passes, groups are stored, and we say how we are."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial

from alerts.engine import Engine
from alerts.matter import Matter
from alerts.watch import Watch
from daemon.alarms import Alarms
from daemon.clock import Clock
from daemon.deliver import Delivery
from daemon.health import instrument_state, picture
from daemon.pipeline import Pipeline
from daemon.sources import Source, SourceState
from daemon.store import Store
from daemon.store_watch import StoreWatch
from market.instant import SECOND
from storage.errors import StorageError
from storage.facts import put_fact
from storage.silences import active_silences

_GRACE = 2 * SECOND
"""How far the watermark stays behind the clock: ticks on their way may still come."""
_MISSED_POLLS = 3
_PICTURE = 2 * SECOND
_PICTURE_RULES = 500
"""A picture of ten thousand rules is megabytes: the more rules, the rarer."""


@dataclass(slots=True, kw_only=True)
class Beat:
    """The second hand of a session.

    Attributes:
        broken: rules that cannot be watched, and why.
        about: the process, for `status`.
    """

    engine: Engine
    pipeline: Pipeline
    sources: Mapping[str, Source]
    delivery: Delivery
    alarms: Alarms
    broken: Mapping[str, str]
    store: Store
    store_watch: StoreWatch
    clock: Clock
    about: Mapping[str, object]
    began_at: int = 0
    picture_due: int = 0

    async def strike(self) -> None:
        """Do what is due. A store in trouble delays it, and is told."""
        now = self.clock.now()
        self.began_at = self.began_at or now
        await self.pipeline.advance(now - _GRACE)
        await self.pipeline.flush()
        await self._tell_alarms()
        await self._check_freshness(now)
        refused: StorageError | None = None
        try:
            await self._hear_requests(now)
            if now >= self.picture_due:
                await self.write_health(now, stopped=False)
        except StorageError as exc:
            refused = exc
        await self.store_watch.look(refused)

    async def _hear_requests(self, now: int) -> None:
        """Silences are asked for by another process, in the database."""
        self.engine.silences = await self.store.run(
            partial(active_silences, at=now), durable=False
        )

    async def _tell_alarms(self) -> None:
        for alarm in self.alarms.take():
            if alarm.again:
                self.pipeline.calm(alarm.matter, alarm.subject)
            await self.pipeline.alarm(
                alarm.matter, alarm.subject, alarm.detail, broken=alarm.broken
            )

    async def _check_freshness(self, now: int) -> None:
        for name, source in self.sources.items():
            stale = [n for n in source.instruments if self._is_stale(n, now)]
            if source.health.state is SourceState.BLOCKED:
                detail = source.health.last_error or ""
                await self.pipeline.alarm(Matter.SOURCE_BLOCKED, name, detail)
            elif stale:
                why = source.health.last_error or "its prices are refused"
                detail = f"{', '.join(stale)}: {why}"
                await self.pipeline.alarm(Matter.SOURCE_STALE, name, detail)
            elif source.health.state is SourceState.OK:
                await self._calm(name)

    async def _calm(self, source: str) -> None:
        told = [
            self.pipeline.calm(matter, source)
            for matter in (Matter.SOURCE_STALE, Matter.SOURCE_BLOCKED)
        ]
        if any(told):
            await self.pipeline.alarm(Matter.SOURCE_BACK, source)
            self.pipeline.calm(Matter.SOURCE_BACK, source)

    def _is_stale(self, name: str, now: int) -> bool:
        watch = self.engine.watches[name]
        if all(rule in self.broken for rule in watch.rules):
            return False  # nobody waits for it, or its rules are told as broken
        last = self.pipeline.last.get(name)
        seen_at = self.began_at
        if last is not None:
            seen_at = max(seen_at, last.received_at)
        if instrument_state(watch.instrument, seen_at, now) != "stale":
            return False
        # What is polled rarely is old by nature between two polls.
        polled = min(self.sources[name].every for name in self._sources_of(watch))
        return now - seen_at > _MISSED_POLLS * polled

    def _sources_of(self, watch: Watch) -> list[str]:
        return [name for name in watch.instrument.sources if name in self.sources]

    async def write_health(self, now: int, *, stopped: bool) -> None:
        """Write the picture that `status` shows.

        Raises:
            StorageError: it could not be stored.
        """
        rules = sum(len(watch.rules) for watch in self.engine.watches.values())
        pause = _PICTURE * (1 + rules // _PICTURE_RULES)
        self.picture_due = now + self.clock.stretch(pause)
        value = picture(
            engine=self.engine,
            pipeline=self.pipeline,
            sources=self.sources,
            delivery=self.delivery,
            broken=self.broken,
            clock=self.clock,
            about={**self.about, "stopped": stopped},
        )
        await self.store.run(
            lambda connection: put_fact(connection, "daemon", value, at=now),
            durable=False,
        )
