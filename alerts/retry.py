"""When to try a failed delivery again: data, not a loop.

Waits of a notification that keeps failing, before jitter: 5 s, 10 s, 20 s, 40 s,
80 s, 160 s, 320 s, 640 s, then 15 min for ever. Jitter takes away up to a quarter,
so that the receivers of one outage do not come back in step. It gives up only when
it has tried 672 times *and* is a week old: a phone that was unreachable over a long
weekend, or a laptop that slept through it, still gets its alerts, marked late.
"""

import hashlib
import math

from alerts.errors import SendError, SendRateLimited, SendRejected
from market.instant import MINUTE, SECOND, WEEK

FIRST_WAIT = 5 * SECOND
LONGEST_WAIT = 15 * MINUTE
JITTER = 0.25
"""The share of a wait that chance may take away."""
GIVE_UP_ATTEMPTS = 672
"""A week of quarter hours; with the most jitter still more than five days."""
GIVE_UP_AGE = WEEK


def next_attempt(
    error: SendError,
    attempt: int,
    seed: str,
    now: int,
    *,
    created_at: int | None = None,
) -> int | None:
    """Decide when a notification is tried again.

    A wait that the receiver asked for is obeyed to the millisecond, without jitter.

    Args:
        error: what the attempt ended with.
        attempt: the number of the attempt that failed, 1 for the first.
        seed: what tells this notification from others (its row, its event id).
        now: when the attempt failed, epoch ms.
        created_at: when the notification was made. Where it is not known the
            number of attempts alone decides when to give up.

    Returns:
        The instant before which it must not be tried again, or None: it is dead.
    """
    if isinstance(error, SendRejected):
        return None
    if isinstance(error, SendRateLimited):
        return now + math.ceil(error.retry_after * SECOND)
    if _is_hopeless(attempt, now, created_at):
        return None
    return now + wait_after(attempt, seed)


def wait_after(attempt: int, seed: str) -> int:
    """The wait after a failed attempt in ms, jitter included."""
    # 2 ** 8 * 5 s is beyond the cap already; the bound keeps the power small.
    longest = min(FIRST_WAIT << min(attempt - 1, 8), LONGEST_WAIT)
    return round(longest * (1 - JITTER * _chance(f"{seed}:{attempt}")))


def _is_hopeless(attempt: int, now: int, created_at: int | None) -> bool:
    if attempt < GIVE_UP_ATTEMPTS:
        return False
    return created_at is None or now - created_at >= GIVE_UP_AGE


def _chance(seed: str) -> float:
    # In [0, 1), the same in every process, unlike hash().
    digest = hashlib.sha256(seed.encode()).digest()
    return int.from_bytes(digest[:8]) / float(1 << 64)
