"""`levelwatch send-test`: does a message arrive?"""

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import click

from alerts.errors import SendError
from alerts.matter import Matter
from alerts.message import compose_operator
from alerts.notification import Notification, Receipt
from daemon.clock import Clock
from daemon.commands.options import config_option, example, open_config, the_clock
from daemon.redaction import Redactor
from daemon.suggestion import with_hint

if TYPE_CHECKING:
    from alerts.channels.spec import ReceiverSpec


@click.command(
    "send-test",
    epilog=example(
        "levelwatch send-test phone",
    ),
)
@config_option
@click.argument("receiver")
def send_test(config_file: Path | None, receiver: str) -> int:
    """Send one test message to a receiver, at once and past the outbox.

    A running daemon is not involved. Exit code 3 and the reason on stderr if the
    receiver did not take it.
    """
    config = open_config(config_file)
    spec = config.receivers.get(receiver)
    if spec is None:
        wrong = f'"{receiver}" is not one of your receivers'
        raise click.ClickException(with_hint(wrong, receiver, config.receivers))
    clock = the_clock()
    try:
        receipt = asyncio.run(
            _send(spec, _compose(receiver, config.display.zone, clock), clock)
        )
    except SendError as exc:
        reason = Redactor(config.secrets).redact(str(exc))
        click.echo(f"{receiver} did not take it: {reason}", err=True)
        return 3
    reference = f" ({receipt.reference})" if receipt.reference else ""
    click.echo(f"{receiver} took it{reference}.")
    if receipt.moved_to:
        click.echo(f"The chat has moved: its id is now {receipt.moved_to}.")
    return 0


def _compose(receiver: str, zone: ZoneInfo, clock: Clock) -> Notification:
    message = compose_operator(
        Matter.TEST, subject=receiver, detail="", at=clock.now(), zone=zone
    )
    return Notification(id=0, receiver=receiver, message=message)


async def _send(
    spec: "ReceiverSpec", notification: Notification, clock: Clock
) -> Receipt:
    from alerts.channels.http import Http

    http = Http()
    channel = spec.open(http, clock.now)
    try:
        return await channel.send(notification)
    finally:
        await channel.close()
        await http.close()
