"""Options that several commands share."""

import os
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from daemon.clock import Clock
    from daemon.config import Config

F = TypeVar("F", bound=Callable[..., Any])


def config_option(command: F) -> F:
    """Add ``-c FILE``; the function receives it as `config_file`, None if not given."""
    option = click.option(
        "-c",
        "--config",
        "config_file",
        metavar="FILE",
        type=click.Path(path_type=Path),
        help="The configuration; by default ./levelwatch.toml and the usual places.",
    )
    return option(command)


def open_config(
    config_file: Path | None, *, secrets_of: Collection[str] | None = None
) -> "Config":
    """Find and load the configuration that a command was called with.

    Args:
        secrets_of: sections whose secrets the command needs; all by default.

    Raises:
        ConfigError: there is none, or it cannot be used; `main` shows it.
    """
    from daemon.config import find_config, load_config

    path = find_config(config_file, os.environ)
    if secrets_of is None:
        return load_config(path, os.environ)
    return load_config(path, os.environ, secrets_of=secrets_of)


@contextmanager
def open_transaction(
    config: "Config", *, read_only: bool = False
) -> Iterator["Connection"]:
    """One transaction in the daemon's database, beside the daemon.

    Raises:
        StorageError: there is no database yet, or it cannot be used.
    """
    from storage.database import open_database

    url = config.storage.url.get_secret_value()
    database = open_database(url, read_only=read_only, guest=not read_only)
    try:
        with database.transaction() as connection:
            yield connection
    finally:
        database.close()


def the_clock() -> "Clock":
    """The clock that `main` was given, else the real one."""
    from daemon.clock import Clock

    return click.get_current_context().find_object(Clock) or Clock()


def example(*lines: str) -> str:
    """The epilog of a command's help: how it is called, as typed.

    The backspace tells click to leave the lines as they are.
    """
    return "\b\nExample:\n" + "\n".join(f"  {line}" for line in lines)
