"""What may be sent of what happened: expiry, then frequency, then cooldown."""

from collections.abc import Callable, Sequence
from typing import NamedTuple


class Verdict(NamedTuple):
    at: int
    suppressed: str | None


def filtered(
    fired: Sequence[int],
    *,
    cooldown: int = 0,
    once: bool = False,
    bucket: Callable[[int], int] | None = None,
    expires: int | None = None,
) -> list[Verdict]:
    """Judge every firing by those that were sent before it.

    Args:
        fired: effective seconds, in the order of the log.
        once: the first that is sent retires the rule.
        bucket: for "once_per_bar", the open of the bar that holds a second.
        expires: half-open: an event at exactly this second is too late.
    """
    log: list[Verdict] = []
    for at in fired:
        sent = [verdict.at for verdict in log if verdict.suppressed is None]
        if once and sent:
            break
        log.append(Verdict(at, _why_not(at, sent, cooldown, bucket, expires)))
    return log


def _why_not(
    at: int,
    sent: Sequence[int],
    cooldown: int,
    bucket: Callable[[int], int] | None,
    expires: int | None,
) -> str | None:
    if expires is not None and at >= expires:
        return "expired"
    if bucket is not None and any(bucket(other) == bucket(at) for other in sent):
        return "frequency"
    if sent and at - sent[-1] < cooldown:
        return "cooldown"
    return None
