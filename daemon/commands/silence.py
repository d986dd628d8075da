"""`levelwatch silence`: a mute with an author and an end."""

import getpass
import os
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
from market.fields import read_duration

if TYPE_CHECKING:
    from daemon.config import Config


def _duration(_: click.Context, __: click.Parameter, text: str | None) -> int | None:
    if text is None:
        return None
    try:
        duration = read_duration(text)
    except ValueError as exc:
        raise click.BadParameter(str(exc)) from exc
    if duration <= 0:
        raise click.BadParameter('a silence needs some time; write "2h"')
    return duration


@click.command(
    epilog=example(
        'levelwatch silence bnb-lost 2h --note "I am looking at the chart anyway"',
        "levelwatch silence EUR/USD 1d",
        "levelwatch silence all 8h",
        "levelwatch silence",
    ),
)
@config_option
@click.argument("target", required=False)
@click.argument("duration", required=False, callback=_duration)
@click.option("--note", default="", metavar="TEXT", help="Why, for the others.")
def silence(
    config_file: Path | None, target: str | None, duration: int | None, note: str
) -> None:
    """Mute a rule, an instrument or everything for a while.

    Watching goes on: what happens meanwhile is recorded and shown by `why`, not sent.
    TARGET is the id of a rule, the name of an instrument, or "all". Without a TARGET
    the silences in force are listed. A running daemon obeys within seconds.
    """
    config = open_config(config_file, secrets_of=("storage",))
    if target is None:
        _tell(config, the_clock().now())
    elif duration is None:
        raise click.UsageError(f"For how long? As in: levelwatch silence {target} 8h")
    else:
        _add(config, target, duration, note)


def _tell(config: "Config", now: int) -> None:
    from alerts.message import render_local_time
    from daemon.commands.target import say_target
    from storage.silences import active_silences

    with open_transaction(config, read_only=True) as connection:
        silences = active_silences(connection, now)
    if not silences:
        click.echo("Nothing is silenced.")
    for one in silences:
        until = render_local_time(one.until, config.display.zone)
        note = f": {one.note}" if one.note else ""
        what = say_target(one.kind, one.target)
        click.echo(f"{what} is silent until {until} (by {one.author}{note})")


def _add(config: "Config", target: str, duration: int, note: str) -> None:
    from alerts.message import clean, render_local_time
    from alerts.silence import Silence
    from daemon.commands.target import read_target, say_target
    from storage.silences import add_silence

    kind, name = read_target(target, config)
    now = the_clock().now()
    silence = Silence(
        kind=kind,
        target=name,
        author=_author(),
        note=clean(note),
        created_at=now,
        until=now + duration,
    )
    with open_transaction(config) as connection:
        add_silence(connection, silence)
    until = render_local_time(silence.until, config.display.zone)
    click.echo(f"{say_target(kind, name)} is silent until {until}")


def _author() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):  # a user that only systemd knows
        return f"user {os.getuid()}"
