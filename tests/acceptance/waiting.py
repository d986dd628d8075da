"""Waiting for what happens in another process: a condition and a deadline."""

import asyncio
import time
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")

PATIENCE = 30.0
"""Seconds: far more than anything here takes, so that a busy machine is no fault."""
_LOOK_EVERY = 0.02


def now() -> int:
    """Epoch ms of the machine, which is the daemon's clock too."""
    return time.time_ns() // 1_000_000


async def until(
    found: Callable[[], T], what: str | Callable[[], str], within: float = PATIENCE
) -> T:
    """What `found` gives as soon as it is true.

    Raises:
        TimeoutError: with `what` was waited for.
    """
    deadline = time.monotonic() + within
    while not (value := found()):
        if time.monotonic() > deadline:
            raise TimeoutError(what if isinstance(what, str) else what())
        await asyncio.sleep(_LOOK_EVERY)
    return value
