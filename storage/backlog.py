"""What waits in the outbox and what was given up: for `status`, and for a person."""

from dataclasses import dataclass

from sqlalchemy import ColumnElement, Connection, TextClause, func, select, update

from alerts.notification import Notification
from storage.messages import parse_message
from storage.schema import DEAD, QUEUED, notifications


@dataclass(frozen=True, slots=True, kw_only=True)
class Backlog:
    """How one receiver stands.

    Attributes:
        oldest_at: when the oldest queued message was queued, epoch ms.
        last_error: of the message at the head, else of the latest dead one.
    """

    queued: int
    dead: int
    oldest_at: int | None
    last_error: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class DeadLetter:
    """A notification that was given up, and why.

    Attributes:
        died_at: epoch ms.
    """

    notification: Notification
    error: str
    died_at: int


def backlog(connection: Connection) -> dict[str, Backlog]:
    """How each receiver stands for which something is queued or dead, by name."""
    queued = _counts(connection, QUEUED, func.min(notifications.c.queued_at))
    given_up = _counts(connection, DEAD, func.max(notifications.c.id))
    return {
        receiver: Backlog(
            queued=queued.get(receiver, (0, None))[0],
            dead=given_up.get(receiver, (0, None))[0],
            oldest_at=queued.get(receiver, (0, None))[1],
            last_error=_last_error(connection, receiver),
        )
        for receiver in sorted(queued | given_up)
    }


def dead(connection: Connection, limit: int = 100) -> tuple[DeadLetter, ...]:
    """What was given up, newest first."""
    rows = connection.execute(
        select(notifications)
        .where(DEAD)
        .order_by(notifications.c.id.desc())
        .limit(limit)
    )
    return tuple(
        DeadLetter(
            notification=Notification(
                id=row.id,
                receiver=row.receiver,
                message=parse_message(row.message),
                attempt=row.attempts,
                in_doubt=row.in_doubt,
            ),
            error=row.error,
            died_at=row.ended_at,
        )
        for row in rows
    )


def revive(connection: Connection, notification_id: int) -> bool:
    """Queue a dead notification again, at its old place in the line.

    Its attempts go on counting, since the number tells old holders from new.

    Returns:
        False where there is no dead notification of this id.
    """
    statement = (
        update(notifications)
        .where(notifications.c.id == notification_id, DEAD)
        .values(status="queued", ended_at=None, not_before=0)
    )
    return connection.execute(statement).rowcount > 0


def _counts(
    connection: Connection, status: TextClause, mark: ColumnElement[int]
) -> dict[str, tuple[int, int | None]]:
    rows = connection.execute(
        select(notifications.c.receiver, func.count(), mark)
        .where(status)
        .group_by(notifications.c.receiver)
    )
    return {receiver: (count, value) for receiver, count, value in rows}


def _last_error(connection: Connection, receiver: str) -> str | None:
    head = (
        select(notifications.c.error)
        .where(notifications.c.receiver == receiver, QUEUED)
        .order_by(notifications.c.id)
        .limit(1)
    )
    latest_dead = (
        select(notifications.c.error)
        .where(notifications.c.receiver == receiver, DEAD)
        .order_by(notifications.c.ended_at.desc(), notifications.c.id.desc())
        .limit(1)
    )
    return connection.scalar(head) or connection.scalar(latest_dead)
