"""`levelwatch unsilence`: the end of a silence."""

from pathlib import Path

import click

from daemon.commands.options import (
    config_option,
    example,
    open_config,
    open_transaction,
    the_clock,
)


@click.command(
    epilog=example(
        "levelwatch unsilence bnb-lost",
        "levelwatch unsilence all",
    ),
)
@config_option
@click.argument("target")
def unsilence(config_file: Path | None, target: str) -> None:
    """End every silence of a rule, an instrument, or of everything ("all").

    A silence of an instrument is another one than a silence of its rules: end what
    `levelwatch silence` lists.
    """
    from daemon.commands.target import read_target, say_target
    from storage.silences import remove_silences

    config = open_config(config_file, secrets_of=("storage",))
    kind, name = read_target(target, config)
    with open_transaction(config) as connection:
        ended = remove_silences(connection, kind, name, at=the_clock().now())
    what = say_target(kind, name)
    click.echo(f"{what} is told again" if ended else f"{what} was not silenced")
