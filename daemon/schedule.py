"""When things are asked for: APScheduler, kept honest about clocks and deadlines."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta

from apscheduler.schedulers.asyncio import AsyncIOScheduler

from daemon.clock import Clock
from market.instant import SECOND, to_datetime

Job = Callable[[], Awaitable[None]]

_STEP = 2.0
"""Seconds by which the wall clock must leave the monotonic one to count as set."""
_GUARD_EVERY = 1.0

_log = logging.getLogger(__name__)


class Schedule:
    """Interval jobs that run at once, never pile up, and survive a set clock.

    APScheduler plans by the wall clock and stalls for as long as it is set back, so
    a guard compares it with the monotonic clock and plans everything anew.
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._real = Clock()
        self._scheduler = AsyncIOScheduler(timezone="UTC")
        self._running = 0

    def every(self, name: str, interval: int, job: Job, *, phase: float = 0.0) -> None:
        """Run a job every `interval` ms of event time, first after `phase` seconds."""
        seconds = interval / SECOND / self._clock.speed

        async def counted() -> None:
            self._running += 1
            try:
                await job()
            finally:
                self._running -= 1

        self._scheduler.add_job(
            counted,
            "interval",
            id=name,
            name=name,
            seconds=seconds,
            coalesce=True,
            max_instances=1,
            misfire_grace_time=None,
            next_run_time=self._wall() + timedelta(seconds=phase),
        )

    def start(self) -> None:
        """Begin."""
        self._scheduler.start()

    async def stop(self, patience: float) -> None:
        """Start nothing any more, and let what runs come to its end.

        APScheduler's own shutdown cancels running jobs; one that is storing a firing
        must not be, so it gets `patience` seconds first.
        """
        if not self._scheduler.running:
            return
        self._scheduler.pause()
        deadline = self._real.monotonic() + patience
        while self._running and self._real.monotonic() < deadline:  # noqa: ASYNC110
            await asyncio.sleep(0.01)
        self._scheduler.shutdown(wait=False)

    async def guard(self) -> None:
        """Plan all jobs anew whenever the wall clock was set; until cancelled."""
        offset = self._offset()
        while True:
            await asyncio.sleep(_GUARD_EVERY)
            moved = self._offset() - offset
            if abs(moved) > _STEP:
                _log.warning(
                    "the clock was set by %+.1f s; all jobs are planned anew",
                    moved,
                    extra={"action": "clock_step"},
                )
                self._replan()
            offset = self._offset()

    def _replan(self) -> None:
        for job in self._scheduler.get_jobs():
            job.modify(next_run_time=self._wall())
        self._scheduler.wakeup()

    def _offset(self) -> float:
        return self._real.now() / SECOND - self._real.monotonic()

    def _wall(self) -> datetime:
        return to_datetime(self._real.now())
