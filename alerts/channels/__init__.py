"""The ways to a person, by the `kind` that the configuration calls them.

A kind's module is cheap to import: httpx waits until a channel that needs it is
opened, aiosmtplib and rich until one sends.
"""

from collections.abc import Mapping

from alerts.channels.console import ConsoleSpec
from alerts.channels.email import EmailSpec
from alerts.channels.spec import ReceiverSpec
from alerts.channels.telegram import TelegramSpec
from alerts.channels.webhook import WebhookSpec

RECEIVER_KINDS: Mapping[str, type[ReceiverSpec]] = {
    "telegram": TelegramSpec,
    "email": EmailSpec,
    "webhook": WebhookSpec,
    "console": ConsoleSpec,
}
