"""The command line: which command does what, and what its exit code means.

0 fine · 1 what the user wrote (config, names, files) · 2 usage · 3 the environment
(database, network, installation). Commands are imported by name when they are
called, so that `--help` and `check` never pay for ccxt or SQLAlchemy.
"""

import os
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib import import_module
from typing import TYPE_CHECKING

import click

from daemon.errors import ConfigError
from daemon.package_guard import check_packages
from market.errors import LevelwatchError

if TYPE_CHECKING:
    from daemon.clock import Clock

FINE, USER, USAGE, ENVIRONMENT = 0, 1, 2, 3
_INTERRUPTED = 130
"""128 + SIGINT, as shells have it."""


@dataclass(frozen=True, slots=True)
class Entry:
    """Where a command lives.

    Attributes:
        name: the attribute of the module daemon.commands.<name> and, with a dash for
            each underscore, the word on the command line.
        summary: its line in `levelwatch --help`.
    """

    name: str
    summary: str

    def load(self) -> click.Command:
        """Import it."""
        found = getattr(import_module(f"daemon.commands.{self.name}"), self.name)
        if not isinstance(found, click.Command):
            raise TypeError(f"daemon.commands.{self.name}.{self.name} is no command")
        return found


_ENTRIES = (
    Entry("demo", "See it work: a made-up market, offline, half a minute."),
    Entry("init", "Write a levelwatch.toml to start from."),
    Entry("check", "Check the configuration and say each rule in one sentence."),
    Entry("run", "Watch the prices and tell you: the daemon."),
    Entry("status", "What is watched, how fresh it is, which levels are near."),
    Entry("why", "Why a rule fired, or did not."),
    Entry("replay", "Play recorded prices through the rules."),
    Entry("send_test", "Send one test message to a receiver."),
    Entry("silence", "Mute a rule, an instrument or everything for a while."),
    Entry("unsilence", "End a silence."),
    Entry("schema", "Print the JSON schema of the configuration, for editors."),
    Entry("systemd", "Run it as a service."),
)


class LazyGroup(click.Group):
    """A group that knows its commands' names without importing them."""

    def __init__(self, entries: Sequence[Entry], **attributes: object) -> None:
        super().__init__(**attributes)  # type: ignore[arg-type]  # click's own keywords
        self._entries: Mapping[str, Entry] = {
            entry.name.replace("_", "-"): entry for entry in entries
        }

    def list_commands(self, ctx: click.Context) -> list[str]:
        """In the order of a first acquaintance."""
        del ctx
        return list(self._entries)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import the one that was called."""
        del ctx
        entry = self._entries.get(cmd_name)
        return entry.load() if entry else None

    def format_commands(
        self, ctx: click.Context, formatter: click.HelpFormatter
    ) -> None:
        """List them from the table instead of from their modules."""
        del ctx
        rows = [(name, entry.summary) for name, entry in self._entries.items()]
        with formatter.section("Commands"):
            formatter.write_dl(rows)


def _version() -> str:
    from importlib.metadata import PackageNotFoundError, version

    try:
        return version("levelwatch")
    except PackageNotFoundError:
        return "unknown (not installed)"


def _show_version(ctx: click.Context, _: click.Parameter, wanted: bool) -> None:  # noqa: FBT001
    if wanted and not ctx.resilient_parsing:
        click.echo(f"levelwatch {_version()}")
        ctx.exit()


cli = LazyGroup(
    _ENTRIES,
    name="levelwatch",
    callback=check_packages,
    context_settings={"help_option_names": ["-h", "--help"]},
    help="""Watch prices and be told when a level that matters is touched,
    crossed, lost or reclaimed.

    \b
    A first acquaintance:
      levelwatch demo                    see it work, offline
      levelwatch init                    write levelwatch.toml
      levelwatch check                   read your rules back in plain words
      levelwatch send-test phone         does a message arrive?
      levelwatch run                     watch

    Every command takes -c FILE; without it ./levelwatch.toml is used, then
    $XDG_CONFIG_HOME/levelwatch/levelwatch.toml, then
    /etc/levelwatch/levelwatch.toml.
    """,
    epilog="Exit codes: 0 fine, 1 your input, 2 usage, 3 the environment.",
    params=[
        click.Option(
            ["--version"],
            is_flag=True,
            expose_value=False,
            is_eager=True,
            callback=_show_version,
            help="Show the version and exit.",
        )
    ],
)


def main(
    arguments: Sequence[str] | None = None, *, clock: "Clock | None" = None
) -> int:
    """Run one command; never raises but for our own mistakes.

    Args:
        arguments: without the program's name; the process's own by default.
        clock: for commands that ask the time; the real one by default.

    Returns:
        The exit code.
    """
    args = sys.argv[1:] if arguments is None else list(arguments)
    try:
        result = cli.main(
            args=args, prog_name="levelwatch", standalone_mode=False, obj=clock
        )
    except BrokenPipeError:
        _forget_stdout()
        return USER
    except (click.Abort, KeyboardInterrupt):
        click.echo("Interrupted.", err=True)
        return _INTERRUPTED
    except click.ClickException as exc:
        exc.show()
        return exc.exit_code
    except LevelwatchError as exc:
        click.echo(str(exc), err=True)
        return USER if isinstance(exc, ConfigError) else ENVIRONMENT
    return result if isinstance(result, int) else FINE


def _forget_stdout() -> None:
    """The reader of our output is gone (`| head`): do not fail again at exit."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


if __name__ == "__main__":
    sys.exit(main())
