"""`levelwatch status`: what is watched, how fresh it is, which levels are near."""

import json
from pathlib import Path
from typing import TYPE_CHECKING

import click

from daemon.commands.options import (
    config_option,
    example,
    open_config,
    open_transaction,
    the_clock,
)

if TYPE_CHECKING:
    from daemon.config import Config
    from daemon.status_lines import Situation

_ALERTS = 5


@click.command(epilog=example("levelwatch status", "levelwatch status --json"))
@config_option
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def status(config_file: Path | None, *, as_json: bool) -> int:
    """What is watched, how fresh it is, which levels are near, what waits.

    Reads the database; a running daemon writes its state there every two seconds.
    Exit code 0 when the daemon runs and sees every open market, 3 when it does not
    run, is blind on an instrument, or has a broken rule or receiver.
    """
    from daemon.status_lines import status_lines

    config = open_config(config_file, secrets_of=("storage",))
    situation = _look(config)
    if as_json:
        click.echo(json.dumps(_machine(situation), ensure_ascii=False))
    else:
        for line in status_lines(situation, config.display.zone):
            click.echo(line)
    return 0 if situation.is_well else 3


def _look(config: "Config") -> "Situation":
    from daemon.commands.target import say_target
    from daemon.status_lines import Situation
    from storage.backlog import backlog
    from storage.facts import get_fact
    from storage.ledger import load_triggers
    from storage.silences import active_silences

    now = the_clock().now()
    with open_transaction(config, read_only=True) as connection:
        fact = get_fact(connection, "daemon")
        picture = fact.value if fact is not None else None
        return Situation(
            picture=picture if isinstance(picture, dict) else None,
            drawn_at=0 if fact is None else fact.at,
            now=now,
            backlog=backlog(connection),
            alerts=load_triggers(connection, limit=_ALERTS),
            silenced=[
                say_target(one.kind, one.target)
                for one in active_silences(connection, now)
            ],
        )


def _machine(situation: "Situation") -> dict[str, object]:
    """The daemon's picture, with what only the database knows."""
    picture = dict(situation.picture or {})
    return {
        **picture,
        "running": situation.is_running,
        "well": situation.is_well,
        "drawn_at": situation.drawn_at,
        "outbox": {
            name: {
                "queued": one.queued,
                "dead": one.dead,
                "oldest_at": one.oldest_at,
                "last_error": one.last_error,
            }
            for name, one in situation.backlog.items()
        },
        "silenced": list(situation.silenced),
        "last_alerts": [trigger.to_json() for trigger in situation.alerts],
    }
