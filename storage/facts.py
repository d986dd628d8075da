"""What the daemon says about itself, by name: heartbeat, health, coverage.

Written by the daemon, read by `status`; each name holds only its latest value.
"""

import json
from dataclasses import dataclass

from sqlalchemy import Connection, select

from storage.rows import upsert_rows
from storage.schema import facts


@dataclass(frozen=True, slots=True, kw_only=True)
class Fact:
    """A value and when it was true.

    Attributes:
        value: JSON-able data; tuples come back as lists.
        at: epoch ms.
    """

    value: object
    at: int


def put_fact(connection: Connection, name: str, value: object, *, at: int) -> None:
    """Replace what is known under a name.

    Raises:
        TypeError: the value cannot be written as JSON.
    """
    text = json.dumps(value, separators=(",", ":"))
    upsert_rows(connection, facts, [(name, text, at)])


def get_fact(connection: Connection, name: str) -> Fact | None:
    """The latest value; None where the daemon never said."""
    query = select(facts.c.value, facts.c.at).where(facts.c.name == name)
    row = connection.execute(query).first()
    return None if row is None else Fact(value=json.loads(row.value), at=row.at)


def load_facts(connection: Connection) -> dict[str, Fact]:
    """Everything that is known, by name."""
    rows = connection.execute(select(facts).order_by(facts.c.name))
    return {row.name: Fact(value=json.loads(row.value), at=row.at) for row in rows}
