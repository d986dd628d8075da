"""The levelwatch.toml and .env that `init` writes: pure text from a few answers."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True, kw_only=True)
class Email:
    """How mail goes out.

    Attributes:
        user: empty where the server asks for none.
    """

    host: str
    port: int = 587
    tls: str = "starttls"
    user: str = ""
    sender: str
    to: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Answers:
    """What a person said, or the defaults.

    Attributes:
        telegram: whether alerts go to Telegram.
        secrets: name to value, for the .env file.
    """

    timezone: str = "UTC"
    telegram: bool = False
    email: Email | None = None
    secrets: Mapping[str, str] = field(default_factory=dict, repr=False)


def render_config(answers: Answers) -> str:
    """A levelwatch.toml that passes `check`, with the answers filled in."""
    receivers = [*_telegram(answers), *_email(answers), _CONSOLE]
    names = [
        name
        for name, wanted in (("phone", answers.telegram), ("mail", answers.email))
        if wanted
    ]
    return _TEMPLATE.format(
        receivers="\n".join(receivers),
        default=_quoted_list(names or ["screen"]),
        timezone=_quoted(answers.timezone),
    )


def render_env(secrets: Mapping[str, str]) -> str:
    """A .env file as python-dotenv reads it: single quotes, nothing expanded."""
    lines = ["# Secrets of levelwatch. Keep this file private: chmod 600 .env"]
    for name, value in secrets.items():
        escaped = value.replace("\\", "\\\\").replace("'", "\\'")
        lines.append(f"{name}='{escaped}'")
    return "\n".join(lines) + "\n"


def _telegram(answers: Answers) -> Sequence[str]:
    return [_TELEGRAM] if answers.telegram else []


def _email(answers: Answers) -> Sequence[str]:
    mail = answers.email
    if mail is None:
        return []
    login = ""
    if mail.user:
        login = f'user = {_quoted(mail.user)}\npassword = "secret:SMTP_PASSWORD"\n'
    return [
        _EMAIL.format(
            host=_quoted(mail.host),
            port=mail.port,
            tls=_quoted(mail.tls),
            login=login,
            sender=_quoted(mail.sender),
            to=_quoted_list(mail.to),
        )
    ]


def _quoted(text: str) -> str:
    """A TOML basic string; JSON's escapes are a subset of TOML's for printable text."""
    return json.dumps(text, ensure_ascii=False)


def _quoted_list(texts: Sequence[str]) -> str:
    return "[" + ", ".join(_quoted(text) for text in texts) + "]"


_TELEGRAM = """\
[receivers.phone]
kind = "telegram"
token = "secret:TELEGRAM_TOKEN"          # the value is in .env, never here
chat = "secret:TELEGRAM_CHAT"
"""

_EMAIL = """\
[receivers.mail]
kind = "email"
host = {host}
port = {port}
tls = {tls}                         # starttls | implicit | none
{login}from = {sender}
to = {to}
"""

_CONSOLE = """\
[receivers.screen]
kind = "console"                          # prints alerts where levelwatch runs
"""

_TEMPLATE = """\
# levelwatch: what to watch, and whom to tell.
# `levelwatch check` reads every rule back in plain words; all keys are explained in
# docs/configuration.md. After a change: systemctl reload levelwatch

[storage]
url = "sqlite:///levelwatch.db"           # beside this file, or the service's state
keep_ticks = "30d"

[display]
timezone = {timezone}

[sources.kraken]
kind = "ccxt"
exchange = "kraken"                       # any exchange of ccxt
every = "5s"

[instruments."XMR/USD"]
sources = ["kraken"]
[instruments."BNB/USD"]
sources = ["kraken"]
[instruments."DOGE/USD"]
sources = ["kraken"]
[instruments."EUR/USD"]
sources = ["kraken"]
session = "fx"                            # weeks and days of 17:00 New York

{receivers}
[routing]
default = {default}

[levels.bnb-640]
instrument = "BNB/USD"
kind = "zone"
low = 637
high = 643

[levels.eur-sma200-h4]
instrument = "EUR/USD"
kind = "sma"
length = 200
timeframe = "4h"

# The rules are examples: put your own levels in.

[[rules]]
id = "bnb-zone"
instrument = "BNB/USD"
when = {{ kind = "zone", level = "bnb-640", events = ["enter", "reject"] }}
note = "the support zone around 640"

[[rules]]
id = "bnb-lost"
instrument = "BNB/USD"
when = {{ kind = "cross", direction = "down", level = 637, hold = "30m" }}
severity = "high"

[[rules]]
id = "doge-near-218"
instrument = "DOGE/USD"
when = {{ kind = "approach", level = 0.2180, distance = "0.5%" }}

[[rules]]
id = "xmr-surge"
instrument = "XMR/USD"
when = {{ kind = "move", direction = "up", by = "20%", window = "6h" }}

[[rules]]
id = "eur-under-sma"
instrument = "EUR/USD"
[rules.when]
kind = "cross"
direction = "down"
level = "eur-sma200-h4"
confirm = "close:4h"
"""
