"""What is known only at delivery: that it is late, that it may be a repeat."""

from alerts.notification import Notification
from alerts.span import render_span

_SHORT_ID = 6


def short_id(notification: Notification) -> str:
    """Enough of the event id for a person to see that two messages are one."""
    return notification.message.event_id[:_SHORT_ID]


def notices(notification: Notification) -> tuple[str, ...]:
    """The lines to be put under the title of this attempt, usually none."""
    lines = []
    if notification.late_by > 0:
        lines.append(f"LATE by {render_span(notification.late_by)}")
    if notification.in_doubt:
        lines.append(f"↻ may be a repeat · id {short_id(notification)}")
    return tuple(lines)
