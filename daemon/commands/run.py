"""`levelwatch run`: the daemon."""

import asyncio
import gc
import logging
import os
import sys
from pathlib import Path

import click

from daemon.commands.options import config_option, example, open_config

_LEVELS = ("debug", "info", "warning")


@click.command(epilog=example("levelwatch run -c /etc/levelwatch/levelwatch.toml"))
@config_option
@click.option(
    "--log-level",
    type=click.Choice(_LEVELS),
    default="info",
    show_default=True,
    help="How much is logged to standard error.",
)
@click.option("--log-json", is_flag=True, help="Log JSON lines, for machines.")
def run(config_file: Path | None, log_level: str, *, log_json: bool) -> int:
    """Watch the market and send alerts, until stopped.

    SIGTERM stops it with nothing lost; SIGHUP reads the configuration again. A bad
    configuration at start is told with file and line, and exits with 1; on a reload
    it changes nothing.
    """
    # Nothing that is imported is garbage; looking for it takes 0.15 s of the start.
    # The app switches it on again once it watches.
    gc.disable()
    try:
        _run(config_file, log_level, log_json=log_json)
    finally:
        gc.enable()
    return 0


def _run(config_file: Path | None, log_level: str, *, log_json: bool) -> None:
    from daemon.app import App
    from daemon.cli import _version
    from daemon.clock import Clock
    from daemon.config import find_config
    from daemon.logs import LogForm, configure_logging, install_hooks, log_form
    from daemon.redaction import Redactor
    from daemon.systemd import Notifier

    config = open_config(config_file)
    redactor = Redactor(config.secrets)
    configure_logging(
        stream=sys.stderr,
        redactor=redactor,
        form=LogForm.JSON if log_json else log_form(sys.stderr, os.environ),
        level=logging.getLevelNamesMapping()[log_level.upper()],
    )
    install_hooks(logging.getLogger("daemon"))

    async def watch() -> None:
        app = App(
            config,
            path=find_config(config_file, os.environ),
            environ=os.environ,
            clock=Clock(),
            notifier=Notifier.from_environment(os.environ, os.getpid()),
            redactor=redactor,
            version=_version(),
        )
        await app.run()

    asyncio.run(watch())
