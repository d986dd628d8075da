"""The outbox: one message on its way to one receiver, in order, at least once.

A row is `queued` until it is `sent` or `dead`. `claim` gives out the oldest queued
row of a receiver and no other, with a lease and an attempt that is on the disk before
the send begins. Whoever marks it must name that attempt, so a holder that slept past
its lease cannot mark what another has taken over. An attempt that nobody finished may
have been delivered: from then on the row is in doubt, and stays so.
"""

from collections.abc import Iterable, Sequence

from sqlalchemy import (
    Connection,
    Row,
    bindparam,
    func,
    insert,
    literal_column,
    null,
    select,
    update,
)

from alerts.notification import Message, Notification, Receipt
from market.instant import MINUTE
from storage.messages import dump_message, parse_message
from storage.schema import QUEUED, UNFINISHED, attempts, notifications

LATE_AFTER = MINUTE
"""Older than this at its send, a message is not live and says so."""

_ERROR_LIMIT = 1_000
"""Characters of an error that are kept."""

_Head = Row[int, str, str, int, int, int, int | None, bool]

# Statements are built once: building one takes longer than SQLite takes to run it, and
# most of these stand between a price and its message. Parameters whose names begin
# with "the_" are conditions; the others are new values.

_KNOWN = select(notifications.c.id).where(
    notifications.c.event_id == bindparam("event_id"),
    notifications.c.receiver == bindparam("receiver"),
)
_ADD = insert(notifications).returning(notifications.c.id)
_CLAIMED = (
    notifications.c.id,
    notifications.c.receiver,
    notifications.c.message,
    notifications.c.at,
    notifications.c.attempts,
    notifications.c.not_before,
    notifications.c.lease_until,
    notifications.c.in_doubt,
)
_HEAD = (
    select(*_CLAIMED)
    .where(notifications.c.receiver == bindparam("receiver"), QUEUED)
    .order_by(notifications.c.id)
    .limit(1)
    .with_for_update()
)
"""The oldest queued row; locked where the database has row locks."""
_LINE = notifications.alias("line")
_FRESH_HEADS = (
    select(*_CLAIMED)
    .where(
        notifications.c.id.in_(bindparam("ids", expanding=True)),
        notifications.c.id
        == select(func.min(_LINE.c.id))
        .where(
            _LINE.c.receiver == notifications.c.receiver,
            _LINE.c.status == literal_column("'queued'"),
        )
        .scalar_subquery(),
    )
    .order_by(notifications.c.id)
    .with_for_update()
)
"""Those of some rows that are the oldest queued ones of their receivers."""
_LEASE = (
    update(notifications)
    .where(notifications.c.id == bindparam("the_id"))
    .values(
        attempts=bindparam("attempts"),
        lease_until=bindparam("lease_until"),
        in_doubt=bindparam("in_doubt"),
    )
)
_OVERTAKE = (
    update(attempts)
    .where(attempts.c.notification == bindparam("the_notification"), UNFINISHED)
    .values(outcome="unknown")
)
_BEGIN_ATTEMPT = insert(attempts)
_END_ATTEMPT = (
    update(attempts)
    .where(
        attempts.c.notification == bindparam("the_notification"),
        attempts.c.number == bindparam("the_number"),
    )
    .values(
        ended_at=bindparam("ended_at"),
        outcome=bindparam("outcome"),
        error=bindparam("error"),
    )
)
_HELD = update(notifications).where(
    notifications.c.id == bindparam("the_id"),
    notifications.c.attempts == bindparam("the_attempt"),
    notifications.c.lease_until.is_not(None),
)
"""The fence: this row, and this attempt still the one that is going on."""
_SENT = _HELD.values(
    status="sent",
    lease_until=null(),
    ended_at=bindparam("ended_at"),
    reference=bindparam("reference"),
    error=null(),
)
_DUE = select(
    notifications.c.receiver, notifications.c.not_before, notifications.c.lease_until
).where(
    notifications.c.id.in_(
        select(func.min(notifications.c.id))
        .where(QUEUED)
        .group_by(notifications.c.receiver)
    )
)


def enqueue(
    connection: Connection, messages: Iterable[tuple[str, Message]], *, at: int
) -> tuple[int, ...]:
    """Queue (receiver, message) pairs in this order.

    A pair whose (event_id, receiver) was ever queued changes nothing.

    Returns:
        The ids of the rows that are new.
    """
    fresh = []
    for receiver, message in messages:
        new_id = _insert(connection, receiver, message, at)
        if new_id is not None:
            fresh.append(new_id)
    return tuple(fresh)


def claim(
    connection: Connection,
    receiver: str,
    now: int,
    lease_until: int,
    *,
    late_after: int = LATE_AFTER,
) -> Notification | None:
    """Take the oldest undelivered notification of a receiver, to send it now.

    The attempt is recorded in this transaction: commit it durably before sending.

    Args:
        late_after: ms between event and attempt beyond which it counts as late.

    Returns:
        None where nothing is queued, or the head of the line is not due or is
        leased: later ones wait for it.
    """
    head = _head(connection, receiver)
    if head is None or head.not_before > now or (head.lease_until or 0) > now:
        return None
    return _lease(connection, head, now, lease_until, late_after)


def claim_fresh(
    connection: Connection,
    fresh: Sequence[int],
    now: int,
    lease_until: int,
    *,
    late_after: int = LATE_AFTER,
) -> tuple[Notification, ...]:
    """Take those of the rows just queued that are at the head of their line."""
    heads = connection.execute(_FRESH_HEADS, {"ids": list(fresh)}).all()
    return tuple(
        _lease(connection, head, now, lease_until, late_after) for head in heads
    )


def mark_sent(
    connection: Connection,
    notification_id: int,
    now: int,
    receipt: Receipt,
    *,
    attempt: int,
) -> bool:
    """Record that the receiver has it.

    Returns:
        False where this attempt is no longer the current one: nothing was changed.
    """
    marked = connection.execute(
        _SENT,
        {
            "the_id": notification_id,
            "the_attempt": attempt,
            "ended_at": now,
            "reference": receipt.reference or None,
        },
    )
    if marked.rowcount == 0:
        return False
    _end_attempt(connection, notification_id, attempt, now, "sent", None)
    return True


def mark_failed(
    connection: Connection,
    notification_id: int,
    now: int,
    error: str,
    next_at: int | None,
    *,
    attempt: int,
    in_doubt: bool = False,
) -> bool:
    """Record that an attempt failed, and when to try again.

    Args:
        next_at: not before this instant; None gives it up (dead).
        in_doubt: the receiver may have it all the same.

    Returns:
        False where this attempt is no longer the current one: nothing was changed.
    """
    error = error[:_ERROR_LIMIT]
    alive = next_at is not None
    statement = _HELD.values(in_doubt=True) if in_doubt else _HELD
    marked = connection.execute(
        statement.values(
            status="queued" if alive else "dead",
            lease_until=None,
            not_before=next_at or 0,
            ended_at=None if alive else now,
            error=error,
        ),
        {"the_id": notification_id, "the_attempt": attempt},
    )
    if marked.rowcount == 0:
        return False
    _end_attempt(connection, notification_id, attempt, now, "failed", error)
    return True


def release_leases(connection: Connection) -> int:
    """At start: nobody is sending, so every unfinished attempt is in doubt.

    Returns:
        How many notifications may now be told twice.
    """
    held = select(attempts.c.notification).where(UNFINISHED)
    connection.execute(
        update(notifications)
        .where(notifications.c.id.in_(held), QUEUED)
        .values(lease_until=None, in_doubt=True)
    )
    unfinished = update(attempts).where(UNFINISHED).values(outcome="unknown")
    return connection.execute(unfinished).rowcount


def next_due(connection: Connection) -> dict[str, int]:
    """Per receiver with a queue: when its head may next be claimed, epoch ms."""
    rows = connection.execute(_DUE)
    return {row.receiver: max(row.not_before, row.lease_until or 0) for row in rows}


def _insert(
    connection: Connection, receiver: str, message: Message, at: int
) -> int | None:
    names = {"event_id": message.event_id, "receiver": receiver}
    # Not ON CONFLICT DO NOTHING: it would use up an id for every repeat.
    if connection.execute(_KNOWN, names).first() is not None:
        return None
    row = {
        **names,
        "message": dump_message(message),
        "at": message.at,
        "queued_at": at,
    }
    new_id: int = connection.scalars(_ADD, row).one()
    return new_id


def _head(connection: Connection, receiver: str) -> _Head | None:
    return connection.execute(_HEAD, {"receiver": receiver}).first()


def _lease(
    connection: Connection, head: _Head, now: int, lease_until: int, late_after: int
) -> Notification:
    overtaken = head.lease_until is not None  # its holder never came back
    if overtaken:
        connection.execute(_OVERTAKE, {"the_notification": head.id})
    attempt = head.attempts + 1
    in_doubt = head.in_doubt or overtaken
    connection.execute(
        _LEASE,
        {
            "the_id": head.id,
            "attempts": attempt,
            "lease_until": lease_until,
            "in_doubt": in_doubt,
        },
    )
    connection.execute(
        _BEGIN_ATTEMPT,
        {
            "notification": head.id,
            "number": attempt,
            "started_at": now,
            "outcome": "sending",
        },
    )
    late_by = now - head.at
    return Notification(
        id=head.id,
        receiver=head.receiver,
        message=parse_message(head.message),
        attempt=attempt,
        in_doubt=in_doubt,
        late_by=late_by if late_by > late_after else 0,
    )


def _end_attempt(
    connection: Connection,
    notification_id: int,
    number: int,
    now: int,
    outcome: str,
    error: str | None,
) -> None:
    connection.execute(
        _END_ATTEMPT,
        {
            "the_notification": notification_id,
            "the_number": number,
            "ended_at": now,
            "outcome": outcome,
            "error": error,
        },
    )
