"""What became of a message: for `why`."""

from dataclasses import dataclass

from sqlalchemy import Connection, select

from storage.schema import notifications


@dataclass(frozen=True, slots=True, kw_only=True)
class Fate:
    """One message on its way to one receiver, as it stands.

    Attributes:
        status: "queued", "sent" or "dead".
        attempts: how often it was tried.
        ended_at: when it arrived or was given up, epoch ms.
        error: of the last attempt that failed, while it is not sent.
    """

    receiver: str
    status: str
    attempts: int
    ended_at: int | None
    error: str | None


def load_fates(connection: Connection, event_id: str) -> tuple[Fate, ...]:
    """The fates of one event's messages, in the order in which they were queued."""
    rows = connection.execute(
        select(
            notifications.c.receiver,
            notifications.c.status,
            notifications.c.attempts,
            notifications.c.ended_at,
            notifications.c.error,
        )
        .where(notifications.c.event_id == event_id)
        .order_by(notifications.c.id)
    )
    return tuple(
        Fate(
            receiver=receiver,
            status=status,
            attempts=count,
            ended_at=ended_at,
            error=error,
        )
        for receiver, status, count, ended_at, error in rows
    )
