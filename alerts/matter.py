"""What levelwatch has to say about itself, and in which words."""

from collections.abc import Mapping
from enum import StrEnum

from alerts.notification import Severity


class Matter(StrEnum):
    """What levelwatch tells its operator about itself."""

    SOURCE_STALE = "source_stale"
    SOURCE_BLOCKED = "source_blocked"
    SOURCE_BACK = "source_back"
    RECEIVER_BROKEN = "receiver_broken"
    RECEIVER_BACK = "receiver_back"
    NOTIFICATION_DEAD = "notification_dead"
    RULE_BROKEN = "rule_broken"
    STORAGE_TROUBLE = "storage_trouble"
    STORAGE_BACK = "storage_back"
    RELOAD_REFUSED = "reload_refused"
    TEST = "test"


MATTERS: Mapping[Matter, tuple[Severity, str, str]] = {
    Matter.SOURCE_STALE: (
        "high",
        "{subject} gives no fresh prices",
        "Its instruments are not watched; a level passed meanwhile is told afterwards.",
    ),
    Matter.SOURCE_BLOCKED: (
        "high",
        "{subject} refuses us",
        "Its instruments are not watched until you act.",
    ),
    Matter.SOURCE_BACK: ("normal", "{subject} gives fresh prices again", ""),
    Matter.RECEIVER_BROKEN: (
        "high",
        "receiver {subject} takes no messages",
        "Nothing reaches it until you act.",
    ),
    Matter.RECEIVER_BACK: ("normal", "receiver {subject} takes messages again", ""),
    Matter.NOTIFICATION_DEAD: (
        "high",
        "a message to {subject} could not be delivered",
        "It is kept as a dead letter and will not be tried again.",
    ),
    Matter.RULE_BROKEN: (
        "high",
        "rule {subject} cannot be watched",
        "The other rules are not affected.",
    ),
    Matter.STORAGE_TROUBLE: (
        "high",
        "the database is in trouble",
        "Alerts cannot be recorded, so none are sent until it works again.",
    ),
    Matter.STORAGE_BACK: ("normal", "the database works again", ""),
    Matter.RELOAD_REFUSED: (
        "high",
        "the new configuration was not taken",
        "The old one goes on unchanged.",
    ),
    Matter.TEST: (
        "low",
        "test message for {subject}",
        "If you can read this, alerts will arrive here.",
    ),
}
"""Severity, title and consequence of each. {subject} is its name."""
