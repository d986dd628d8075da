"""`levelwatch systemd`: the service unit."""

import shutil
import sys
from pathlib import Path

import click

from daemon.commands.options import example

_ETC = Path("/etc/levelwatch/levelwatch.toml")


@click.group(
    epilog=example(
        "levelwatch systemd print > /etc/systemd/system/levelwatch.service",
        "systemctl daemon-reload",
        "systemctl enable --now levelwatch",
    ),
)
def systemd() -> None:
    """Run levelwatch as a service of systemd."""


@systemd.command(
    "print",
    epilog=example(
        "levelwatch systemd print > /etc/systemd/system/levelwatch.service",
    ),
)
@click.option(
    "-c",
    "--config",
    "config_file",
    metavar="FILE",
    type=click.Path(path_type=Path),
    default=_ETC,
    show_default=True,
    help="The configuration that the service reads.",
)
@click.option(
    "--executable",
    metavar="FILE",
    type=click.Path(path_type=Path),
    help="The command that the service runs; by default this one.",
)
def print_unit(config_file: Path, executable: Path | None) -> None:
    """Print the unit file for this installation.

    It is hardened, starts after the network, restarts for ever and is watched: a
    daemon that polls nothing any more is restarted too.
    """
    from daemon.systemd import render_unit

    command = executable or _this_command()
    try:
        unit = render_unit(
            executable=str(command.absolute()), config=str(config_file.absolute())
        )
    except ValueError as exc:
        raise click.ClickException(str(exc)) from exc
    click.echo(unit, nl=False)


def _this_command() -> Path:
    """The installed command beside this Python, else the one on the path."""
    beside = Path(sys.executable).with_name("levelwatch")
    if beside.is_file():
        return beside
    return Path(shutil.which("levelwatch") or beside)
