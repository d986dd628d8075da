"""Composed messages as JSON: what the outbox carries."""

import json
from dataclasses import fields
from typing import Any

from alerts.notification import Message

_FIELDS = tuple(field.name for field in fields(Message))


def dump_message(message: Message) -> str:
    """Every field, as our own JSON."""
    record = {name: getattr(message, name) for name in _FIELDS}
    record["body"] = dict(message.body)
    return json.dumps(record, separators=(",", ":"), ensure_ascii=False)


def parse_message(text: str) -> Message:
    """What `dump_message` was given; fields of a newer levelwatch are passed over."""
    record: dict[str, Any] = json.loads(text)
    known = {name: record[name] for name in _FIELDS if name in record}
    known["lines"] = tuple(known["lines"])
    return Message(**known)
