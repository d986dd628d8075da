"""`levelwatch init`: a first configuration, asked for or from flags."""

import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from zoneinfo import ZoneInfo

import click

from daemon.commands.options import example
from daemon.private_file import PRIVATE, SHARED, replace_file, write_new
from daemon.starter import Answers, Email, render_config, render_env

CONFIG, ENV = "levelwatch.toml", ".env"
_WAYS = ("telegram", "email", "console")
_TLS = ("starttls", "implicit", "none")


@dataclass(frozen=True, slots=True)
class _Interview:
    """Answers from a flag, else from the person, else none.

    Attributes:
        asking: whether there is a person to ask.
        secrets: what was learnt, by name.
    """

    asking: bool
    environ: Mapping[str, str]
    secrets: dict[str, str] = field(default_factory=dict, repr=False)

    def ask(self, question: str, given: str, flag: str) -> str:
        """The flag's value, or the answer to the question."""
        if given:
            return _printable(given, flag)
        if not self.asking:
            raise click.UsageError(f"{flag} is missing, and there is no one to ask.")
        return _printable(click.prompt(question), flag)

    def learn(self, question: str, name: str) -> None:
        """A secret, from the environment or typed without an echo."""
        value = self.environ.get(name, "")
        if not value and self.asking:
            value = click.prompt(question, hide_input=True)
        if not value:
            raise click.UsageError(f"Set {name} in the environment of this command.")
        self.secrets[name] = _printable(value, name)


def _printable(text: str, what: str) -> str:
    text = text.strip()
    if not text.isprintable():
        raise click.UsageError(f"{what} has characters that cannot be printed.")
    return text


@click.command(
    epilog=example(
        "levelwatch init",
        "levelwatch init --to console --timezone Europe/Berlin",
        "levelwatch init --to telegram --no-ask       (secrets in the environment)",
    ),
)
@click.option(
    "-d",
    "--directory",
    type=click.Path(path_type=Path, file_okay=False, exists=True),
    default=Path(),
    help="Where to write; here by default.",
)
@click.option(
    "--to",
    "ways",
    type=click.Choice(_WAYS),
    multiple=True,
    help="How alerts reach you; may be repeated.",
)
@click.option("--timezone", default="", help="Of the times in messages: Europe/Berlin.")
@click.option("--smtp-host", default="", help="Mail server.")
@click.option("--smtp-port", default=587, show_default=True)
@click.option("--smtp-tls", type=click.Choice(_TLS), default=_TLS[0], show_default=True)
@click.option("--smtp-user", default="", help="Login at the mail server, if any.")
@click.option("--mail-from", default="", help="Sender of the mails.")
@click.option("--mail-to", default="", help="Who gets them.")
@click.option("--force", is_flag=True, help="Replace files that exist.")
@click.option(
    "--ask/--no-ask",
    default=None,
    help="Ask what is missing; by default on a terminal only.",
)
def init(
    *,
    directory: Path,
    ways: tuple[str, ...],
    timezone: str,
    force: bool,
    ask: bool | None,
    **mail: object,
) -> int:
    """Write a levelwatch.toml to start from, and its secrets into .env (mode 0600).

    On a terminal it asks what it needs. Secrets are never arguments, which everybody
    on the machine could read: they are typed, or taken from the environment
    (TELEGRAM_TOKEN, TELEGRAM_CHAT, SMTP_PASSWORD).
    """
    asking = sys.stdin.isatty() if ask is None else ask
    interview = _Interview(asking, os.environ)
    if not force:
        _keep_existing(directory, (CONFIG,) if ways == ("console",) else (CONFIG, ENV))
    answers = _collect(interview, ways, timezone, mail)
    _write(directory, answers, force=force)
    return _verify(directory / CONFIG)


def _keep_existing(directory: Path, names: tuple[str, ...]) -> None:
    """Refuse before anything is asked or written."""
    for name in names:
        if os.path.lexists(directory / name):
            raise click.ClickException(
                f"{directory / name} exists; --force replaces it, -d writes elsewhere"
            )


def _collect(
    interview: _Interview,
    ways: tuple[str, ...],
    timezone: str,
    mail: Mapping[str, object],
) -> Answers:
    if not ways and interview.asking:
        choice = click.Choice(_WAYS)
        ways = (
            click.prompt("How shall alerts reach you?", type=choice, default=_WAYS[0]),
        )
    timezone = timezone or system_timezone(interview.environ, Path("/etc/localtime"))
    if "telegram" in ways:
        interview.learn("Token of your bot (from @BotFather)", "TELEGRAM_TOKEN")
        interview.learn("Id of the chat (@userinfobot tells yours)", "TELEGRAM_CHAT")
    return Answers(
        timezone=timezone,
        telegram="telegram" in ways,
        email=_collect_email(interview, mail) if "email" in ways else None,
        secrets=interview.secrets,
    )


def _collect_email(interview: _Interview, flags: Mapping[str, object]) -> Email:
    user = str(flags["smtp_user"])
    if not user and interview.asking:
        user = click.prompt("Login at the mail server (empty for none)", default="")
    if user:
        interview.learn("Password", "SMTP_PASSWORD")
    host = interview.ask("Mail server", str(flags["smtp_host"]), "--smtp-host")
    receiver = interview.ask("Your address", str(flags["mail_to"]), "--mail-to")
    sender = str(flags["mail_from"]) or receiver
    return Email(
        host=host,
        port=int(str(flags["smtp_port"])),
        tls=str(flags["smtp_tls"]),
        user=_printable(user, "--smtp-user"),
        sender=_printable(sender, "--mail-from"),
        to=(receiver,),
    )


def system_timezone(environ: Mapping[str, str], localtime: Path) -> str:
    """The machine's own zone; UTC where it does not say.

    Args:
        localtime: the link that the system keeps to its zone's file.
    """
    zone = environ.get("TZ", "").removeprefix(":")
    if not zone:
        _, _, zone = str(localtime.resolve()).partition("/zoneinfo/")
    try:
        return ZoneInfo(zone).key
    except (OSError, ValueError, KeyError):
        return "UTC"


def _write(directory: Path, answers: Answers, *, force: bool) -> None:
    write = replace_file if force else write_new
    try:
        if answers.secrets:
            write(directory / ENV, render_env(answers.secrets), mode=PRIVATE)
            click.echo(f"{directory / ENV}: your secrets, readable by you alone")
        write(directory / CONFIG, render_config(answers), mode=SHARED)
    except OSError as exc:
        raise click.ClickException(
            f"cannot write {exc.filename}: {exc.strerror}"
        ) from exc
    click.echo(f"{directory / CONFIG}: what to watch, and whom to tell")


def _verify(config_file: Path) -> int:
    from daemon.config import load_config
    from daemon.errors import ConfigError

    try:
        load_config(config_file)
    except ConfigError as exc:
        click.echo(f"They cannot be used yet:\n{exc}", err=True)
        return 1
    click.echo(
        "\nNext: levelwatch check       reads the rules back in plain words"
        "\n      levelwatch send-test   sends a message to a receiver"
        "\n      levelwatch run         watches"
    )
    return 0
