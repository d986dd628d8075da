"""What a person names on the command line: a rule, an instrument, or everything."""

from typing import TYPE_CHECKING

import click

from alerts.silence import SilenceKind
from daemon.config.checks import EVERYTHING
from daemon.suggestion import with_hint

if TYPE_CHECKING:
    from daemon.config import Config


def read_target(text: str, config: "Config") -> tuple[SilenceKind, str]:
    """The kind and the name of what is meant; the name is empty for everything.

    Raises:
        click.ClickException: nothing of the configuration has this name.
    """
    if text == EVERYTHING:
        return SilenceKind.ALL, ""
    rules = [rule.id for rule in config.rules]
    if text in rules:
        return SilenceKind.RULE, text
    if text in config.instruments:
        return SilenceKind.INSTRUMENT, text
    wrong = f'"{text}" is neither a rule nor an instrument nor "{EVERYTHING}"'
    raise click.ClickException(
        with_hint(wrong, text, [*rules, *config.instruments, EVERYTHING])
    )


def say_target(kind: SilenceKind, target: str) -> str:
    """As it reads in a sentence."""
    match kind:
        case SilenceKind.RULE:
            return f"rule {target}"
        case SilenceKind.INSTRUMENT:
            return target
        case SilenceKind.ALL:
            return "everything"
