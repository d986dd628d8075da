"""Daemons with one fault each: the kill test must catch every one of them.

They are started by that test and by nothing else. Each fault is a usual way of
writing such a program.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial
from types import ModuleType

from sqlalchemy import Connection, func, select

import daemon.deliver
import daemon.recorder
import daemon.session
from alerts.notification import Message, Notification, Receipt
from alerts.step import Step
from daemon.deliver import Delivery, Line
from daemon.recorder import Recorder
from storage import ledger, outbox
from storage.outbox import mark_sent
from storage.schema import notifications


class MarkFirst(Delivery):
    """Marks a message as sent, then sends it."""

    async def _send(self, line: Line, notification: Notification) -> None:
        await self._store.run(
            partial(
                mark_sent,
                notification_id=notification.id,
                now=self._clock.now(),
                receipt=Receipt(),
                attempt=notification.attempt,
            )
        )
        await super()._send(line, notification)


class TwoTransactions(Recorder):
    """Commits the rules' state, then the messages."""

    async def tell(
        self, steps: Sequence[Step], messages: Sequence[tuple[str, Message]]
    ) -> tuple[Notification, ...]:
        await super().tell(steps, ())
        # As on a slow disk: so few kills would not always find a shorter gap.
        await asyncio.sleep(0.1)
        return await super().tell((), messages)


def commit_without_state(
    connection: Connection,
    steps: Sequence[Step],
    messages: Sequence[tuple[str, Message]],
    **instants: int,
) -> tuple[Notification, ...]:
    """Remembers the prices and the messages, not what the rules have seen."""
    stateless = [replace(step, states={}) for step in steps]
    return ledger.commit(connection, stateless, messages, **instants)


class NewIds(Delivery):
    """Gives every attempt an id of its own."""

    async def _send(self, line: Line, notification: Notification) -> None:
        message = notification.message
        event_id = f"{message.event_id}-{notification.attempt}"
        renamed = replace(message, event_id=event_id)
        await super()._send(line, replace(notification, message=renamed))


def claim_newest(
    connection: Connection,
    receiver: str,
    now: int,
    lease_until: int,
    *,
    late_after: int,
) -> Notification | None:
    """Lets what failed wait, and goes on with what came later."""
    row = notifications.c
    due = select(*outbox._CLAIMED).where(
        row.receiver == receiver,
        row.status == "queued",
        row.not_before <= now,
        func.coalesce(row.lease_until, 0) <= now,
    )
    found = connection.execute(due.order_by(row.id.desc()).limit(1)).first()
    if found is None:
        return None
    return outbox._lease(connection, found, now, lease_until, late_after)


@dataclass(frozen=True, slots=True)
class Fault:
    """Where a fault goes, and what the verdict must then find."""

    module: ModuleType
    name: str
    replacement: object
    symptom: str

    def apply(self) -> None:
        """Make this process a faulty one."""
        setattr(self.module, self.name, self.replacement)


FAULTS = {
    "marks before it sends": Fault(daemon.session, "Delivery", MarkFirst, "lost"),
    "commits state and messages apart": Fault(
        daemon.session, "Recorder", TwoTransactions, "lost"
    ),
    "forgets what the rules have seen": Fault(
        daemon.recorder, "commit", commit_without_state, "lost"
    ),
    "gives every attempt a new id": Fault(
        daemon.session, "Delivery", NewIds, "invented"
    ),
    "lets messages overtake": Fault(
        daemon.deliver, "claim", claim_newest, "out of order"
    ),
}
