"""The only clock. Everything else is handed instants."""

import asyncio
import time


class Clock:
    """Wall time for events, monotonic time for durations."""

    speed = 1.0
    """Seconds of event time per second of real time; only a rehearsal changes it."""

    def now(self) -> int:
        """Epoch ms, UTC. May jump: an administrator or NTP sets it."""
        return time.time_ns() // 1_000_000

    def monotonic(self) -> float:
        """Seconds since some start. Never jumps, stands still while suspended."""
        return time.monotonic()

    def stretch(self, duration: int) -> int:
        """A duration of real time, in ms, as event time."""
        return round(duration * max(1.0, self.speed))

    async def sleep(self, seconds: float) -> None:
        """Wait so many seconds of real time."""
        await asyncio.sleep(seconds)


class PlayedClock(Clock):
    """Event time that starts where it is told and runs faster than real time."""

    def __init__(self, start: int, speed: float) -> None:
        self.start = start
        self.speed = speed
        self._began: float | None = None

    def now(self) -> int:
        """Epoch ms of the played time; it begins to run at the first call."""
        if self._began is None:
            self._began = time.monotonic()
        elapsed = time.monotonic() - self._began
        return self.start + round(elapsed * self.speed * 1000)
