"""Delivery: one line per receiver, in order, each message claimed under a lease."""

import asyncio
import logging
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Protocol

from alerts.errors import ReceiverBroken, SendError, SendUncertain
from alerts.notification import Channel, Message, Notification, Receipt
from alerts.retry import next_attempt
from daemon.clock import Clock
from daemon.recorder import LEASE
from daemon.store import Store
from market.instant import SECOND
from storage.errors import StorageError
from storage.outbox import (
    LATE_AFTER,
    claim,
    mark_failed,
    mark_sent,
    next_due,
)

_log = logging.getLogger(__name__)

_PATIENCE = 5.0
"""Seconds after a database error before the line is tried again."""


@dataclass(slots=True)
class ReceiverHealth:
    """How one receiver is doing, for `status`."""

    state: str = "ok"
    last_sent_at: int | None = None
    last_error: str | None = None


@dataclass(slots=True)
class Line:
    """One receiver's queue, as this process sees it.

    Attributes:
        ready: already leased to us by the transaction that queued them.
        idle: nothing is due: it waits for a knock or for the time of a retry.
    """

    receiver: str
    channel: Channel
    ready: deque[Notification] = field(default_factory=deque)
    knock: asyncio.Event = field(default_factory=asyncio.Event)
    idle: bool = False
    health: ReceiverHealth = field(default_factory=ReceiverHealth)


class Listener(Protocol):
    """Hears what becomes of receivers."""

    def give_up(
        self, receiver: str, notification: Notification, error: SendError
    ) -> None:
        """A message is dead."""
        ...

    def recover(self, receiver: str) -> None:
        """A receiver that was broken has taken a message."""
        ...


class Delivery:
    """All lines; each runs as a task of the session."""

    def __init__(
        self,
        channels: dict[str, Channel],
        store: Store,
        clock: Clock,
        listener: Listener,
    ) -> None:
        self.lines = {name: Line(name, channel) for name, channel in channels.items()}
        self._store = store
        self._clock = clock
        self._listener = listener

    @property
    def busy(self) -> bool:
        """Whether anything is being sent, or could be at once."""
        return any(line.ready or not line.idle for line in self.lines.values())

    @property
    def broken(self) -> frozenset[str]:
        """Receivers that take nothing until a person acts."""
        return frozenset(
            name for name, line in self.lines.items() if line.health.state == "broken"
        )

    def hand_over(self, fresh: tuple[Notification, ...]) -> None:
        """Take notifications that are leased to us, and look for others."""
        for notification in fresh:
            self.lines[notification.receiver].ready.append(notification)
        for line in self.lines.values():
            line.knock.set()

    async def shout(self, receivers: Sequence[str], message: Message) -> None:
        """Send past the outbox: once, unrecorded, for when the store itself fails."""
        async with asyncio.TaskGroup() as group:
            for name in receivers:
                group.create_task(self._shout(self.lines[name], message))

    async def _shout(self, line: Line, message: Message) -> None:
        notification = Notification(id=0, receiver=line.receiver, message=message)
        try:
            await line.channel.send(notification)
        except Exception as exc:  # noqa: BLE001 - there is nobody left to tell
            _log.error(
                "%s did not take it: %s",
                line.receiver,
                exc if isinstance(exc, SendError) else type(exc).__name__,
                extra={"action": "send_failed", "receiver": line.receiver},
            )

    async def run(self, line: Line) -> None:
        """Deliver one receiver's messages until cancelled."""
        while True:
            try:
                await self._deliver_next(line)
            except StorageError as exc:
                line.health.last_error = str(exc)
                await self._clock.sleep(_PATIENCE)
            except Exception as exc:  # noqa: BLE001 - one line must not end the others
                told = f"unexpected {type(exc).__name__}"
                if line.health.last_error != told:
                    _log.exception("%s", line.receiver, extra={"action": "line_failed"})
                line.health.state, line.health.last_error = "failing", told
                await self._clock.sleep(_PATIENCE)

    async def _deliver_next(self, line: Line) -> None:
        if line.ready:
            notification: Notification | None = line.ready.popleft()
        else:
            line.knock.clear()
            notification = await self._claim(line.receiver)
        if notification is None:
            await self._wait(line)
            return
        await self._send(line, notification)

    async def _claim(self, receiver: str) -> Notification | None:
        now = self._clock.now()
        return await self._store.run(
            partial(
                claim,
                receiver=receiver,
                now=now,
                lease_until=now + self._clock.stretch(LEASE),
                late_after=self._clock.stretch(LATE_AFTER),
            )
        )

    async def _wait(self, line: Line) -> None:
        """Until somebody knocks, or the head of the line is due."""
        due = (await self._store.run(next_due, durable=False)).get(line.receiver)
        timeout = None
        if due is not None:
            ahead = (due - self._clock.now()) / SECOND / self._clock.speed
            timeout = max(0.01, ahead)
        try:
            line.idle = not line.knock.is_set()
            async with asyncio.timeout(timeout):
                await line.knock.wait()
        except TimeoutError:
            return
        finally:
            line.idle = False

    async def _send(self, line: Line, notification: Notification) -> None:
        try:
            receipt = await line.channel.send(notification)
        except SendError as exc:
            await self._failed(line, notification, exc)
        except Exception as exc:  # noqa: BLE001
            # A channel's own mistake must neither end the line nor lose the message.
            _log.exception(
                "%s failed unexpectedly", line.receiver, extra={"action": "send_failed"}
            )
            unknown = SendUncertain(f"unexpected {type(exc).__name__}")
            await self._failed(line, notification, unknown)
        else:
            await self._sent(line, notification, receipt)

    async def _sent(
        self, line: Line, notification: Notification, receipt: Receipt
    ) -> None:
        now = self._clock.now()
        if line.health.state == "broken":
            self._listener.recover(line.receiver)
        line.health.state, line.health.last_sent_at = "ok", now
        await self._store.run(
            partial(
                mark_sent,
                notification_id=notification.id,
                now=now,
                receipt=receipt,
                attempt=notification.attempt,
            )
        )
        _log.info(
            "%s has: %s",
            line.receiver,
            notification.message.title,
            extra={
                "action": "sent",
                "receiver": line.receiver,
                "event_id": notification.message.event_id,
                "attempt": notification.attempt,
            },
        )

    async def _failed(
        self, line: Line, notification: Notification, error: SendError
    ) -> None:
        now = self._clock.now()
        message = notification.message
        again = next_attempt(
            error,
            notification.attempt,
            f"{notification.id}:{message.event_id}",
            now,
            created_at=message.at,
        )
        broken = isinstance(error, ReceiverBroken)
        line.health.state = "broken" if broken else "failing"
        line.health.last_error = str(error)
        await self._store.run(
            partial(
                mark_failed,
                notification_id=notification.id,
                now=now,
                error=str(error),
                next_at=again,
                attempt=notification.attempt,
                in_doubt=isinstance(error, SendUncertain),
            )
        )
        _log.warning(
            "%s did not take it: %s",
            line.receiver,
            error,
            extra={
                "action": "send_failed",
                "receiver": line.receiver,
                "event_id": message.event_id,
                "attempt": notification.attempt,
                "reason": "dead" if again is None else "again",
            },
        )
        if again is None:
            self._listener.give_up(line.receiver, notification, error)
