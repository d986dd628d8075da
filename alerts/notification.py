"""A notification: one message for one receiver, and the channel that carries it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, Protocol

Severity = Literal["low", "normal", "high"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """What a person reads, composed once, when the trigger happens.

    Its words never change afterwards, however late it is delivered; only the
    channel's dress (HTML, plain text) and the notice of lateness are added then.

    Attributes:
        event_id: identity for the receiver: a repeat bears the same.
        title: one line that stands alone on a lock screen.
        lines: the body, one fact a line, most important first, plain text.
        at: effective time of what is told, epoch ms.
        local_time: the same, written out in the user's time zone.
        thread: messages with the same word belong together (the rule's id).
        body: the trigger's public JSON; for an operator message its own fields.
    """

    event_id: str
    title: str
    lines: tuple[str, ...]
    at: int
    local_time: str
    thread: str
    severity: Severity = "normal"
    body: Mapping[str, object]


@dataclass(frozen=True, slots=True, kw_only=True)
class Notification:
    """One message on its way to one receiver, as the outbox gives it out.

    Attributes:
        id: the outbox row.
        attempt: 1 on the first try.
        in_doubt: an earlier attempt may have been delivered: say so where the
            receiver cannot tell a repeat by its id.
        late_by: milliseconds between the event and this attempt where that is
            later than live delivery takes, else 0.
    """

    id: int
    receiver: str
    message: Message
    attempt: int = 1
    in_doubt: bool = False
    late_by: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Receipt:
    """What a receiver answered: kept for threading and for support."""

    reference: str = ""
    """The receiver's own id of the message ("1234" on Telegram), if any."""
    moved_to: str | None = None
    """Telegram: the chat has migrated; later messages go to this id."""


class Channel(Protocol):
    """One way to a person. Opened, used and closed by the daemon only."""

    async def send(self, notification: Notification) -> Receipt:
        """Deliver once, within the channel's own deadline.

        Raises:
            SendError: one of the classes in alerts/errors.py, and nothing else.
        """
        ...

    async def close(self) -> None:
        """Give back connections; safe to call twice."""
        ...
