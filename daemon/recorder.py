"""What is committed when: a firing at once and for good, quiet ticks in groups."""

import asyncio
import logging
from collections.abc import Sequence
from functools import partial

from alerts.notification import Message, Notification
from alerts.step import Step
from daemon.clock import Clock
from daemon.store import Store
from market.instant import SECOND
from storage.errors import StorageError
from storage.ledger import commit
from storage.outbox import LATE_AFTER

LEASE = 60 * SECOND
"""How long one sender may take; twice the channels' own deadline."""
GROUP = 1_000
"""Steps after which a group of quiet ones is written without waiting."""

_log = logging.getLogger(__name__)


class Recorder:
    """Keeps steps in order, in memory until they are stored.

    A failed transaction loses nothing here: the same steps are written again with
    the next ones, and what was stored already is left as it is.

    Attributes:
        trouble: what the database said last, None while it works.
    """

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store = store
        self._clock = clock
        self._steps: list[Step] = []
        self._messages: list[tuple[str, Message]] = []
        # A failed group must be written again before any later one.
        self._order = asyncio.Lock()
        self.trouble: str | None = None

    def note(self, step: Step) -> None:
        """Take a step in which nothing fired: it may wait for the others."""
        self._steps.append(step)

    @property
    def waiting(self) -> int:
        """Steps not yet stored."""
        return len(self._steps)

    async def tell(
        self, steps: Sequence[Step], messages: Sequence[tuple[str, Message]]
    ) -> tuple[Notification, ...]:
        """Store steps with their messages, and all before them, for good.

        Returns:
            Notifications that are ours to send now; empty where the store failed:
            they then follow with a later transaction.
        """
        self._steps += steps
        self._messages += messages
        return await self.flush(durable=True)

    async def flush(self, *, durable: bool = False) -> tuple[Notification, ...]:
        """Write what is waiting, in one transaction."""
        async with self._order:
            return await self._write(durable=durable)

    async def _write(self, *, durable: bool) -> tuple[Notification, ...]:
        if not self._steps and not self._messages:
            return ()
        steps, messages = self._steps, self._messages
        self._steps, self._messages = [], []
        durable = durable or bool(messages) or any(step.triggers for step in steps)
        now = self._clock.now()
        work = partial(
            commit,
            steps=steps,
            messages=messages,
            at=now,
            lease_until=now + self._clock.stretch(LEASE),
            late_after=self._clock.stretch(LATE_AFTER),
        )
        try:
            fresh = await self._store.run(work, durable=durable)
        except BaseException as exc:
            # Cancelled too: nobody knows then what was stored, and storing it again
            # is a no-op. Later steps must never be stored without these.
            self._steps = steps + self._steps
            self._messages = messages + self._messages
            if not isinstance(exc, StorageError):
                raise
            self._complain(str(exc))
            return ()
        if self.trouble is not None:
            _log.warning("the database works again", extra={"action": "storage_back"})
            self.trouble = None
        return fresh

    def _complain(self, what: str) -> None:
        if self.trouble is None:
            _log.error(
                "the database is in trouble: %s",
                what,
                extra={"action": "storage_trouble"},
            )
        self.trouble = what
