"""What the operator is to hear, collected until the next beat can tell it."""

from dataclasses import dataclass, replace

from alerts.errors import ReceiverBroken, SendError
from alerts.matter import Matter
from alerts.notification import Notification

_ABOUT_THE_DEAD = frozenset({Matter.RECEIVER_BROKEN, Matter.NOTIFICATION_DEAD})


@dataclass(frozen=True, slots=True, kw_only=True)
class Alarm:
    """One matter.

    Attributes:
        broken: a receiver through which this cannot be told; "" for none.
        again: tell it although the same matter has been told before.
    """

    matter: Matter
    subject: str
    detail: str = ""
    broken: str = ""
    again: bool = False


class Alarms:
    """Alarms from places that cannot wait for a transaction."""

    def __init__(self) -> None:
        self._waiting: list[Alarm] = []

    def report(self, matter: Matter, subject: str, detail: str) -> None:
        """Tell the operator at the next beat."""
        self._waiting.append(
            Alarm(matter=matter, subject=subject, detail=detail, again=True)
        )

    def give_up(
        self, receiver: str, notification: Notification, error: SendError
    ) -> None:
        """A message is dead: its words reach the operator in another way."""
        message = notification.message
        if message.body.get("operator") in _ABOUT_THE_DEAD:
            return  # two receivers that refuse everything would report each other
        broken = isinstance(error, ReceiverBroken)
        matter = Matter.RECEIVER_BROKEN if broken else Matter.NOTIFICATION_DEAD
        for place, alarm in enumerate(self._waiting):
            if (alarm.matter, alarm.subject) == (matter, receiver):
                detail = f"{alarm.detail}; {message.title}"
                self._waiting[place] = replace(alarm, detail=detail)
                return
        self._waiting.append(
            Alarm(
                matter=matter,
                subject=receiver,
                detail=f"{error}; not delivered: {message.title}",
                broken=receiver,
                again=True,
            )
        )

    def recover(self, receiver: str) -> None:
        """A receiver that was broken has taken a message."""
        self.report(Matter.RECEIVER_BACK, receiver, "")

    def take(self) -> list[Alarm]:
        """Everything since the last time, oldest first."""
        waiting, self._waiting = self._waiting, []
        return waiting
