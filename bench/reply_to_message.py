"""From the exchange's reply to the arrival of the message, through real processes.

Beside it HTTP written by hand on both sides, and the usual stack. All three poll at
the same pace, find every price on the other side of the level, and post it; ours has
the alert, the rule's state and the outbox on the disk (synchronous = FULL) before.
"""

import asyncio
import os
import time
from contextlib import AbstractAsyncContextManager
from itertools import count
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory, TemporaryFile

from bench.blocks import percentile
from bench.figure import Figure
from bench.loopback import Loopback
from bench.process import CROSSING, Process, by_hand, levelwatch, usual_stack

_EVERY = 0.05
_ALERTS = 60
_ROUNDS = 4
_WARM_UP = 5

Latencies = dict[str, list[float]]


def measure(*, quick: bool) -> list[Figure]:
    """Rounds of fresh processes in turn; all latencies of a kind together."""
    found = asyncio.run(_rounds(1 if quick else _ROUNDS))
    ms = {kind: [1e3 * value for value in values] for kind, values in found.items()}
    ours = ms["ours"]
    return [
        Figure(
            name="reply to message, p50",
            ours=median(ours),
            other=median(ms["by hand"]),
            unit="ms",
            against="HTTP by hand, nothing stored",
            budget=5,
        ),
        Figure(
            name="reply to message, p50",
            ours=median(ours),
            other=median(ms["usual"]),
            unit="ms",
            against="the usual stack",
        ),
        Figure(
            name="reply to message, p99",
            ours=percentile(ours, 0.99),
            unit="ms",
            budget=15,
        ),
        Figure(
            name="one fdatasync of 4 KiB, p50",
            ours=1e3 * median(_sync_seconds(100)),
            unit="ms",
        ),
    ]


def _sync_seconds(times: int) -> list[float]:
    """What the disk alone takes: all of ours above waits for one of these."""
    taken = []
    with TemporaryFile(buffering=0) as file:
        for _ in range(times):
            file.write(bytes(4096))
            began = time.perf_counter()
            os.fdatasync(file.fileno())
            taken.append(time.perf_counter() - began)
    return taken


async def _rounds(rounds: int) -> Latencies:
    found: Latencies = {"ours": [], "by hand": [], "usual": []}
    for _ in range(rounds):
        for kind in found:
            with TemporaryDirectory() as folder:
                found[kind] += await _latencies(kind, Path(folder))
    return found


async def _latencies(kind: str, folder: Path) -> list[float]:
    turns = count()

    def other_side() -> float:
        """A price of its own for every reply, above and below in turn."""
        turn = next(turns)
        away = turn % 400 / 100
        return round(638 + away if turn % 2 else 636 - away, 2)

    async with Loopback(other_side) as server, _start(kind, folder, server):
        await server.wait_for(_WARM_UP + _ALERTS)
    latencies = [late for _, _, late in server.arrivals[_WARM_UP:] if late is not None]
    return latencies[:_ALERTS]


def _start(
    kind: str, folder: Path, server: Loopback
) -> AbstractAsyncContextManager[Process]:
    match kind:
        case "ours":
            return levelwatch(folder, server, every=_EVERY, when=CROSSING)
        case "usual":
            return usual_stack(folder, server, every=_EVERY)
        case _:
            return by_hand(server, every=_EVERY)
