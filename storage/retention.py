"""Forgetting by age, a little at a time, so that the writer is never kept for long.

Triggers and undelivered notifications are never touched here.
"""

from dataclasses import dataclass

from sqlalchemy import (
    ColumnElement,
    Connection,
    Table,
    and_,
    delete,
    exists,
    or_,
    select,
    tuple_,
)

from storage.schema import (
    QUEUED,
    attempts,
    decisions,
    instruments,
    notifications,
    ticks,
)

BATCH = 5_000
"""Rows of one kind per call: about 10 ms of the writer's time."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Horizon:
    """Instants before which each kind is forgotten, epoch ms; None keeps all."""

    ticks: int | None = None
    decisions: int | None = None
    attempts: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Forgotten:
    """How many rows one call removed.

    Attributes:
        more: a kind filled its batch, so there is probably more: call again.
    """

    ticks: int
    decisions: int
    attempts: int
    more: bool


def forget(connection: Connection, horizon: Horizon, batch: int = BATCH) -> Forgotten:
    """Remove at most `batch` rows of each kind that are older than the horizon."""
    counts = (
        forget_ticks(connection, horizon.ticks, batch),
        forget_decisions(connection, horizon.decisions, batch),
        forget_attempts(connection, horizon.attempts, batch),
    )
    return Forgotten(
        ticks=counts[0],
        decisions=counts[1],
        attempts=counts[2],
        more=any(count >= batch for count in counts),
    )


def forget_ticks(connection: Connection, before: int | None, batch: int) -> int:
    """Remove the oldest ticks with at < before, at most `batch` in all."""
    if before is None:
        return 0
    removed = 0
    for instrument in connection.scalars(select(instruments.c.id)).all():
        old = and_(ticks.c.instrument == instrument, ticks.c.at < before)
        removed += _delete(connection, ticks, old, batch - removed)
        if removed >= batch:
            break
    return removed


def forget_decisions(connection: Connection, before: int | None, batch: int) -> int:
    """Remove old decisions but the last of each rule, which is still in force."""
    if before is None:
        return 0
    later = decisions.alias("later")
    superseded = exists().where(
        later.c.rule == decisions.c.rule,
        or_(
            later.c.at > decisions.c.at,
            and_(later.c.at == decisions.c.at, later.c.id > decisions.c.id),
        ),
    )
    return _delete(
        connection, decisions, and_(decisions.c.at < before, superseded), batch
    )


def forget_attempts(connection: Connection, before: int | None, batch: int) -> int:
    """Remove old attempts of notifications whose fate is decided."""
    if before is None:
        return 0
    waiting = select(notifications.c.id).where(QUEUED)
    old = and_(attempts.c.started_at < before, attempts.c.notification.not_in(waiting))
    return _delete(connection, attempts, old, batch)


def _delete(
    connection: Connection, table: Table, old: ColumnElement[bool], batch: int
) -> int:
    # By key from a bounded look-up: DELETE … LIMIT exists in neither database as built.
    key = list(table.primary_key.columns)
    found = select(*key).where(old).order_by(*key).limit(batch)
    return connection.execute(delete(table).where(tuple_(*key).in_(found))).rowcount
