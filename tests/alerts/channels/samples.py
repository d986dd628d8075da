"""Messages and secrets for the tests of the channels."""

import traceback
from collections.abc import Mapping

from alerts.notification import Message, Notification, Severity

AT = 1_747_443_900_000
"""2025-05-17 01:05:00 UTC."""
LOCAL_TIME = "Sat 17 May 2025 03:05 CEST"
EVENT_ID = "ab12cd34ef56ab12cd34"
BODY: Mapping[str, object] = {
    "v": 1,
    "event_id": EVENT_ID,
    "rule": "bnb-lost",
    "instrument": "BNB/USD",
    "event": "cross",
    "direction": "down",
    "price": 636.9,
}


def now() -> int:
    return AT


def message(
    title: str = "BNB/USD fell below 637.0 — 636.9",
    lines: tuple[str, ...] = (
        "the support that the May note leaned on",
        "636.9 is 0.02 % (0.1) below 637.0",
        f"kraken · {LOCAL_TIME}",
    ),
    severity: Severity = "normal",
    event_id: str = EVENT_ID,
    thread: str = "bnb-lost",
    body: Mapping[str, object] = BODY,
) -> Message:
    return Message(
        event_id=event_id,
        title=title,
        lines=lines,
        at=AT,
        local_time=LOCAL_TIME,
        thread=thread,
        severity=severity,
        body=body,
    )


def notification(
    told: Message | None = None, *, in_doubt: bool = False, late_by: int = 0
) -> Notification:
    return Notification(
        id=7,
        receiver="phone",
        message=told or message(),
        in_doubt=in_doubt,
        late_by=late_by,
    )


def everything_said_by(error: BaseException) -> str:
    """What any log could print of an error: traceback, causes, locals of all frames."""
    told = traceback.TracebackException.from_exception(error, capture_locals=True)
    hidden = error.__context__ if error.__suppress_context__ else None
    parts = [str(error), repr(error), *told.format(), repr(vars(error))]
    if hidden is not None:
        parts.append(everything_said_by(hidden))
    # The test's own frame names the secret it looks for.
    return "".join(
        part for part in parts if "/tests/" not in part and "/test_" not in part
    )
