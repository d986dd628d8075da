"""A daemon that watches: how soon it does, and what it costs while nothing happens.

Beside it the usual stack in the same seconds, on the same exchange, both polling four
instruments every five seconds.
"""

import asyncio
import time
from collections.abc import Sequence
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

from bench.figure import Figure
from bench.loopback import Loopback
from bench.process import (
    STANDING,
    Process,
    cpu_seconds_of,
    levelwatch,
    usual_stack,
)

_STARTS = 3
_SETTLE = 8.0
"""Seconds after which both have surely started, on a busy machine as well."""
_SECONDS = 20.0
_EVERY = 5.0


def measure(*, quick: bool) -> list[Figure]:
    """Seconds until it says that it watches; then CPU seconds over seconds."""
    ready = asyncio.run(_ready(1 if quick else _STARTS))
    ours, usual = asyncio.run(_idle(10.0 if quick else _SECONDS))
    return [
        Figure(name="process start to watching", ours=ready, unit="s", budget=2),
        Figure(
            name="CPU while polling every 5 s",
            ours=ours,
            other=usual,
            unit="%",
            against="the usual stack",
        ),
        Figure(name="CPU while polling every 5 s", ours=ours, unit="%", budget=1),
    ]


async def _ready(starts: int) -> float:
    taken = []
    for _ in range(starts):
        with TemporaryDirectory() as name:
            async with Loopback(lambda: 640.0) as server:
                began = time.perf_counter()
                async with levelwatch(
                    Path(name), server, every=_EVERY, when=STANDING, log=True
                ) as process:
                    await _line(process, "watching")
                    taken.append(time.perf_counter() - began)
    return median(taken)


async def _line(process: Process, word: str) -> None:
    """Read its log up to a line with this word."""
    if process.stderr is None:
        raise ValueError("the process was started without a log")
    async with asyncio.timeout(30):
        while word not in (line := (await process.stderr.readline()).decode()):
            if not line:
                raise RuntimeError(f'it ended without a line of "{word}"')


async def _idle(seconds: float) -> tuple[float, ...]:
    with TemporaryDirectory() as name:
        folder = Path(name)
        async with (
            Loopback(lambda: 640.0) as server,
            levelwatch(folder, server, every=_EVERY, when=STANDING) as ours,
            usual_stack(folder, server, every=_EVERY) as usual,
        ):
            await asyncio.sleep(_SETTLE)
            before = _cpu((ours, usual))
            await asyncio.sleep(seconds)
            after = _cpu((ours, usual))
    return tuple(
        100 * (late - early) / seconds
        for early, late in zip(before, after, strict=True)
    )


def _cpu(processes: Sequence[Process]) -> list[float]:
    return [cpu_seconds_of(process.pid) for process in processes]
