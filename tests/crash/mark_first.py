"""A daemon with a fault: it marks a message as sent before it sends it.

The kill test must catch it; it is started by that test and by nothing else.
"""

import sys
from functools import partial

import daemon.session
from alerts.notification import Notification, Receipt
from daemon.cli import main
from daemon.deliver import Delivery, Line
from storage.outbox import mark_sent


class MarkFirst(Delivery):
    """Delivery in the wrong order."""

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


if __name__ == "__main__":
    setattr(daemon.session, "Delivery", MarkFirst)  # noqa: B010 - not its own name
    sys.exit(main())
