"""`levelwatch check`: is the configuration usable, and does it say what was meant?"""

import json
from pathlib import Path
from typing import TYPE_CHECKING

import click

from daemon.commands.options import config_option, example, open_config
from daemon.errors import ConfigError

if TYPE_CHECKING:
    from daemon.config import Config


@click.command(
    epilog=example(
        "$ levelwatch check",
        "bnb-lost: tell phone and mail when BNB/USD falls below 637 and stays there",
        "  for 30 minutes; again only after it was back above 638.5925 (0.25 %)",
        "1 rule for 1 instrument and 2 receivers: fine.",
    ),
)
@config_option
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def check(config_file: Path | None, *, as_json: bool) -> int:
    """Check the configuration and read its rules back in plain words.

    Opens no connection. Secrets are looked up, and never shown. With problems, each
    is one line with file, line and key on stderr, and the exit code is 1.
    """
    try:
        config = open_config(config_file)
    except ConfigError as exc:
        if as_json:
            click.echo(json.dumps({"ok": False, "problems": _problems(exc)}, indent=2))
            return 1
        raise
    from daemon.rule_sentence import say_configured

    if as_json:
        rules = {rule.id: say_configured(config, rule) for rule in config.rules}
        click.echo(json.dumps({"ok": True, "rules": rules}, indent=2))
    else:
        _tell(config)
    return 0


def _problems(error: ConfigError) -> list[dict[str, object]]:
    return [
        {"file": p.file, "line": p.line, "key": p.key, "message": p.message}
        for p in error.problems
    ]


def _tell(config: "Config") -> None:
    from daemon.rule_sentence import say_configured

    for rule in config.rules:
        click.echo(f"{rule.id}: {say_configured(config, rule)}")
    if config.rules:
        click.echo()
    disabled = sum(not rule.enabled for rule in config.rules)
    watched = count(len(config.rules), "rule")
    if disabled:
        watched += f" ({disabled} disabled)"
    click.echo(
        f"{watched} for {count(len(config.instruments), 'instrument')} and "
        f"{count(len(config.receivers), 'receiver')}: fine."
    )


def count(number: int, noun: str) -> str:
    """As in "1 rule", "4 rules"."""
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
