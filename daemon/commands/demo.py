"""`levelwatch demo`: see it work, offline, in half a minute."""

import asyncio
import logging
import os
import sys

import click

from daemon.commands.options import example


@click.command(
    epilog=example(
        "levelwatch demo",
        "levelwatch demo --seconds 90        slower, to read along",
        "levelwatch demo --days 2 --speed 3600",
    )
)
@click.option(
    "--seconds",
    type=click.FloatRange(min=3),
    default=30,
    show_default=True,
    help="How long it takes.",
)
@click.option(
    "--days",
    type=click.FloatRange(min=0.1, max=30),
    default=4,
    show_default=True,
    help="Market days that are played.",
)
@click.option(
    "--speed",
    type=click.FloatRange(min=1),
    help="Market seconds per second; instead of --seconds.",
)
@click.option("--seed", default=1, show_default=True, help="Of the made-up market.")
def demo(seconds: float, days: float, speed: float | None, seed: int) -> int:
    """Run the whole daemon against a made-up market, with nothing prepared.

    A paper exchange on this machine speaks Kraken's public API and plays four days
    after the market notes of May 2025; the unmodified daemon polls it, stores into a
    real SQLite file and prints the alerts as they come. Nothing leaves the machine.
    """
    from rich.console import Console

    from daemon.demo.play import Play, default_speed, play
    from daemon.logs import configure_logging, log_form
    from daemon.redaction import Redactor

    configure_logging(
        stream=sys.stderr,
        redactor=Redactor(),
        form=log_form(sys.stderr, os.environ),
        level=logging.ERROR,
    )
    pace = default_speed(days, seconds) if speed is None else speed
    what = Play(days=days, speed=pace, seed=seed)
    console = Console(width=80 if not sys.stdout.isatty() else None)
    return asyncio.run(play(what, console))
