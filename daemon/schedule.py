"""When things are asked for: APScheduler, kept honest about clocks and deadlines."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta

from apscheduler.schedulers.asyncio import AsyncIOScheduler

from daemon.clock import Clock
from daemon.errors import SupervisionError
from market.instant import SECOND, to_datetime

Job = Callable[[], Awaitable[None]]

_STEP = 2.0
"""Seconds by which the wall clock must leave the monotonic one to count as set."""
_GUARD_EVERY = 1.0
_PATIENCE = 5
"""Failures in a row of a vital job after which starting anew is the better try."""
_DEADLINE = 60.0
"""Seconds after which a run of a job is given up, whatever it does."""
_SILENCE = 3 * _DEADLINE
"""Seconds without one completed run of a vital job: the scheduler itself is dead."""

_log = logging.getLogger(__name__)


class Schedule:
    """Interval jobs that run at once, never pile up, and survive a set clock.

    APScheduler plans by the wall clock and stalls for as long as it is set back, so
    a guard compares it with the monotonic clock and plans everything anew.
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._real = Clock()
        # What jobs do wrong is logged here; that a run was left out, by nobody.
        logging.getLogger("apscheduler").setLevel(logging.ERROR)
        self._scheduler = AsyncIOScheduler(timezone="UTC")
        self._running = 0
        self._stopping = False
        self._vital_at: float | None = None
        self._reason: SupervisionError | None = None
        self._dead = asyncio.Event()

    def every(
        self,
        name: str,
        interval: int,
        job: Job,
        *,
        phase: float = 0.0,
        vital: bool = False,
        deadline: float = _DEADLINE,
    ) -> None:
        """Run a job every `interval` ms of event time, first after `phase` seconds.

        What a job raises is logged once, and it runs again at its next time; a
        `SupervisionError` ends `failure` at once.

        Args:
            vital: the process is not alive without it: `failure` ends when it has
                failed so many times in a row.
            deadline: seconds of real time that one run may take.
        """
        seconds = interval / SECOND / self._clock.speed
        failures = 0

        async def counted() -> None:
            nonlocal failures
            self._running += 1
            try:
                async with asyncio.timeout(deadline):
                    await job()
            except SupervisionError as exc:
                self._give_up(exc)
            except Exception as exc:  # noqa: BLE001 - the supervisor is the place for it
                failures += 1
                _complain(name, failures, exc)
                if vital and failures >= _PATIENCE:
                    self._give_up(_keeps_failing(name, exc))
            except asyncio.CancelledError:
                if not self._stopping:
                    raise
            else:
                failures = 0
            finally:
                self._running -= 1
                if vital:
                    self._vital_at = self._real.monotonic()

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

    async def failure(self) -> None:
        """Wait until it makes no sense to go on.

        Raises:
            SupervisionError: always; the process must end and be started anew.
        """
        await self._dead.wait()
        raise self._reason or SupervisionError("a vital job failed")

    def _give_up(self, reason: SupervisionError) -> None:
        self._reason = self._reason or reason
        self._dead.set()

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
        self._stopping = True
        self._scheduler.shutdown(wait=False)

    async def guard(self) -> None:
        """Plan all jobs anew whenever the wall clock was set; until cancelled.

        A vital job that is not even run any more ends `failure`.
        """
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
            silent = self._real.monotonic() - (self._vital_at or self._real.monotonic())
            if silent > _SILENCE:
                self._give_up(SupervisionError("the scheduler stands still"))

    def _replan(self) -> None:
        for job in self._scheduler.get_jobs():
            job.modify(next_run_time=self._wall())
        self._scheduler.wakeup()

    def _offset(self) -> float:
        return self._real.now() / SECOND - self._real.monotonic()

    def _wall(self) -> datetime:
        return to_datetime(self._real.now())


def _complain(name: str, failures: int, exc: Exception) -> None:
    """The whole story once, then a line where somebody looks for it."""
    _log.log(
        logging.ERROR if failures == 1 else logging.DEBUG,
        "%s failed (%d in a row): %s",
        name,
        failures,
        type(exc).__name__,
        exc_info=exc if failures == 1 else None,
        extra={"action": "job_failed", "job": name},
    )


def _keeps_failing(name: str, exc: Exception) -> SupervisionError:
    return SupervisionError(
        f"the {name} failed {_PATIENCE} times in a row, at last with "
        f"{type(exc).__name__}; the log has the first failure whole"
    )
