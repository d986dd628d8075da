"""Firings, kept for good: columns to ask by, and the whole as JSON."""

import json
from collections.abc import Iterable
from dataclasses import fields
from typing import Any

from sqlalchemy import Connection, select

from alerts.reason import Reason
from alerts.trigger import Trigger
from storage.rows import insert_rows
from storage.schema import triggers

_FIELDS = tuple(field.name for field in fields(Trigger))


def save_triggers(connection: Connection, new: Iterable[Trigger]) -> None:
    """Add firings; one whose event_id is known changes nothing."""
    rows = [
        (
            trigger.event_id,
            trigger.rule,
            trigger.instrument,
            trigger.kind,
            trigger.event,
            trigger.direction,
            trigger.at,
            trigger.detected_at,
            trigger.price,
            trigger.level,
            trigger.suppressed and trigger.suppressed.value,
            dump_trigger(trigger),
        )
        for trigger in new
    ]
    insert_rows(connection, triggers, rows, key=("event_id",))


def load_triggers(
    connection: Connection,
    rule: str | None = None,
    limit: int = 100,
    *,
    until: int | None = None,
) -> tuple[Trigger, ...]:
    """The latest firings of a rule or of all, suppressed ones included, newest first.

    Newest by effective time; of one instant the later stored is the newer.

    Args:
        until: none that took effect after this instant, epoch ms.
    """
    query = select(triggers.c.record).order_by(
        triggers.c.at.desc(), triggers.c.id.desc()
    )
    if rule is not None:
        query = query.where(triggers.c.rule == rule)
    if until is not None:
        query = query.where(triggers.c.at <= until)
    return tuple(map(parse_trigger, connection.scalars(query.limit(limit))))


def dump_trigger(trigger: Trigger) -> str:
    """Every field, as our own JSON (the public form is `Trigger.to_json`)."""
    record = {name: getattr(trigger, name) for name in _FIELDS}
    return json.dumps(record, separators=(",", ":"), ensure_ascii=False)


def parse_trigger(text: str) -> Trigger:
    """What `dump_trigger` was given; fields of a newer levelwatch are passed over."""
    record: dict[str, Any] = json.loads(text)
    known = {name: record[name] for name in _FIELDS if name in record}
    if known.get("suppressed") is not None:
        known["suppressed"] = Reason(known["suppressed"])
    if known.get("window") is not None:
        start, end = known["window"]
        known["window"] = (start, end)
    return Trigger(**known)
