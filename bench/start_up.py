"""From the start of a process to its first alert, and the memory it then has.

Beside it the usual stack; fresh processes in turn, an exchange of a thousand pairs,
a price that is under the level from the beginning.
"""

import asyncio
import time
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

from bench.figure import Figure
from bench.loopback import Loopback
from bench.process import STANDING, levelwatch, resident_mb, usual_stack

_ROUNDS = 5
_SETTLE = 1.0
"""Seconds after the alert until memory is read: history has been asked for by then."""

_Run = tuple[float, float]


def measure(*, quick: bool) -> list[Figure]:
    """Seconds and megabytes, medians."""
    ours, usual = asyncio.run(_rounds(2 if quick else _ROUNDS))
    seconds, megabytes = (
        (median(run[part] for run in ours), median(run[part] for run in usual))
        for part in (0, 1)
    )
    return [
        Figure(
            name="process start to first alert",
            ours=seconds[0],
            other=seconds[1],
            unit="s",
            against="the usual stack",
            budget=0.4,
        ),
        Figure(
            name="memory after the first alert",
            ours=megabytes[0],
            other=megabytes[1],
            unit="MB",
            against="the usual stack",
        ),
        Figure(
            name="memory after the first alert", ours=megabytes[0], unit="MB", budget=80
        ),
    ]


async def _rounds(rounds: int) -> tuple[list[_Run], list[_Run]]:
    ours, usual = [], []
    for _ in range(rounds):
        ours.append(await _start(ours=True))
        usual.append(await _start(ours=False))
    return ours, usual


async def _start(*, ours: bool) -> _Run:
    with TemporaryDirectory() as name:
        folder = Path(name)
        async with Loopback(lambda: 630.0) as server:
            began = time.perf_counter()
            running = (
                levelwatch(folder, server, every=1, when=STANDING)
                if ours
                else usual_stack(folder, server, every=1)
            )
            async with running as process:
                await server.wait_for(1)
                await asyncio.sleep(_SETTLE)
                memory = resident_mb(process.pid)
        return server.arrivals[0][1] - began, memory
