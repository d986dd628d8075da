"""Everything around one daemon: a venue, three receivers, a service manager.

All of it is on loopback and talks to the daemon as the real ones would: HTTP, SMTP
with STARTTLS and a login, datagrams, files, signals.
"""

import json
import sqlite3
from contextlib import AsyncExitStack, closing
from pathlib import Path
from typing import Any, Self

from daemon.paper.exchange import PaperExchange
from daemon.paper.scripted import ScriptedMarket
from market.instant import DAY
from tests.acceptance import canaries
from tests.acceptance.manager import Manager
from tests.acceptance.process import Daemon, launch
from tests.acceptance.waiting import now, until
from tests.doubles.smtp import Authority, Mail, SmtpDouble
from tests.doubles.telegram import TelegramDouble
from tests.doubles.webhook import WebhookDouble

START = {"BNB/USD": 650.0, "XMR/USD": 350.0, "DOGE/USD": 0.23, "EUR/USD": 1.12}
"""The prices of the day before, and until a test moves them."""

_WATCHED = 3
_CONFIG = """\
[storage]
url = "sqlite:///levelwatch.db"

[sources.paper]
kind = "ccxt"
exchange = "kraken"
every = "100ms"
timeout = "2s"
base_url = "{exchange}"

[instruments."BNB/USD"]
sources = ["paper"]
[instruments."XMR/USD"]
sources = ["paper"]
[instruments."DOGE/USD"]
sources = ["paper"]

[receivers.phone]
kind = "telegram"
token = "secret:TELEGRAM_TOKEN"
chat = "secret:TELEGRAM_CHAT"
base_url = "{phone}"
[receivers.mail]
kind = "email"
host = "localhost"
port = {mail}
user = "watch"
password = "secret:SMTP_PASSWORD"
from = "levelwatch@example.org"
to = ["me@example.org"]
[receivers.hook]
kind = "webhook"
url = "secret:HOOK_URL"
secret = "secret:HOOK_SECRET"
allow_private = true

[routing]
default = ["phone", "mail", "hook"]
[operator]
to = ["mail"]
ping = "secret:PING_URL"

"""

BNB_LOST = """
[[rules]]
id = "bnb-lost"
instrument = "BNB/USD"
when = { kind = "cross", direction = "down", level = 637, rearm = "1" }
note = "the support that the May note leaned on"
cooldown = "0s"
"""
"""A rule that most tests use: it fires whenever BNB falls below 637."""


class World:
    """Between `async with` and its end.

    Attributes:
        folder: the configuration's; it has the database too.
        daemons: all that were started.
        has_story: a traceback is expected in their logs.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.config = folder / "levelwatch.toml"
        self.database = folder / "levelwatch.db"
        self.manager = Manager()
        self.market = ScriptedMarket(
            {name: [(now() - 2 * DAY, price)] for name, price in START.items()}
        )
        self.exchange = PaperExchange(self.market, now)
        self.phone = TelegramDouble(token=canaries.TOKEN, chats=(canaries.CHAT,))
        authority = Authority()
        self.mail = SmtpDouble(
            tls=authority.server_context(), login=("watch", canaries.PASSWORD)
        )
        self.hook = WebhookDouble(secret=canaries.HOOK_SECRET)
        self.daemons: list[Daemon] = []
        self.has_story = False
        self._root = folder / "root.pem"
        self._root.write_bytes(authority.pem())
        self._stack = AsyncExitStack()

    async def __aenter__(self) -> Self:
        for part in (self.manager, self.exchange, self.phone, self.mail, self.hook):
            await self._stack.enter_async_context(part)
        self._write_secrets()
        return self

    async def __aexit__(self, *_: object) -> None:
        for daemon in self.daemons:
            await daemon.clear_away()
        await self._stack.aclose()

    def configure(self, *rules: str, text: str = "{base}") -> None:
        """Write the configuration.

        Args:
            text: "{base}" in it stands for everything but the rules.
        """
        base = _CONFIG.format(
            exchange=self.exchange.base_url, phone=self.phone.url, mail=self.mail.port
        )
        self.config.write_text(
            text.replace("{base}", base) + "".join(rules), encoding="utf-8"
        )

    def _write_secrets(self) -> None:
        """One of every place that secrets are read from."""
        env_file = self.folder / ".env"
        env_file.touch(mode=0o600)
        lines = [f"{name}='{value}'\n" for name, value in canaries.IN_ENV_FILE.items()]
        env_file.write_text("".join(lines), encoding="utf-8")
        credentials = self.folder / "credentials"
        credentials.mkdir()
        # Nothing listens on port 9: what a failing ping logs is looked at as well.
        files = {
            **canaries.IN_CREDENTIALS,
            "HOOK_URL": f"{self.hook.url}/{canaries.HOOK_KEY}",
            "PING_URL": f"http://127.0.0.1:9/{canaries.PING_KEY}",
        }
        for name, value in files.items():
            (credentials / name).write_text(value + "\n", encoding="utf-8")

    @property
    def environ(self) -> dict[str, str]:
        return {
            **canaries.IN_ENVIRONMENT,
            "CREDENTIALS_DIRECTORY": str(self.folder / "credentials"),
            "NOTIFY_SOCKET": self.manager.address,
            "PYTHONWARNINGS": "default",
            "SSL_CERT_FILE": str(self._root),
        }

    async def launch(self, *arguments: str, module: str = "daemon") -> Daemon:
        """Start `levelwatch run`, or the command given; it may still be starting.

        Args:
            module: what is run: a daemon with a fault has a module of its own.
        """
        if not arguments:
            arguments = ("run", "--log-level", "debug")
        command, *rest = arguments
        daemon = await launch(
            (command, "-c", str(self.config), *rest),
            self.environ,
            self.folder,
            f"{command}-{len(self.daemons)}",
            module=module,
        )
        self.daemons.append(daemon)
        return daemon

    async def watch(self) -> Daemon:
        """Start `levelwatch run`, and wait until it says that it is ready."""
        said = self.manager.count("READY=1")
        daemon = await self.launch()
        await until(
            lambda: (
                self.manager.count("READY=1") > said or daemon.returncode is not None
            ),
            lambda: "not ready:\n" + "\n".join(daemon.lines),
        )
        assert daemon.returncode is None, "\n".join(daemon.lines)
        return daemon

    async def warm(self) -> None:
        """Wait until the daemon has asked the venue for its history, and has it."""
        await until(
            lambda: self.exchange.requests.get("OHLC", 0) >= _WATCHED,
            "the daemon asks for no history",
        )
        await self.polled(2)

    def set(self, instrument: str, price: float) -> None:
        """Move the market; nobody need be looking."""
        self.market.tell(instrument, now(), price)

    async def show(self, instrument: str, price: float) -> None:
        """Move the market, and wait until the venue has told the daemon so."""
        self.set(instrument, price)
        await self.polled()

    async def polled(self, times: int = 1) -> None:
        """Wait for further polls; what they are answered is the market of now."""
        before = self.exchange.requests.get("Ticker", 0)
        await until(
            lambda: self.exchange.requests.get("Ticker", 0) >= before + times,
            "the daemon polls no more",
        )

    def query(self, sql: str) -> list[tuple[Any, ...]]:
        """Ask the database beside the daemon."""
        with closing(sqlite3.connect(f"file:{self.database}?mode=ro", uri=True)) as db:
            return db.execute(sql).fetchall()

    def fact(self) -> dict[str, Any]:
        """The daemon's own picture of itself, as it is stored."""
        ((text,),) = self.query("SELECT value FROM facts WHERE name = 'daemon'")
        found: dict[str, Any] = json.loads(text)
        return found

    async def status(self) -> dict[str, Any]:
        """What `levelwatch status --json` prints."""
        command = await self.launch("status", "--json")
        assert await command.wait() in {0, 3}, command.log.read_text()
        found: dict[str, Any] = json.loads(command.screen.read_text())
        return found

    def told(self) -> list[str]:
        """Titles of the alerts that came by mail, without those to the operator."""
        return [title(mail) for mail in self.mail.mails if not is_operators(mail)]

    def told_operator(self) -> list[str]:
        """What the operator was told by mail: the texts."""
        return [mail.plain for mail in self.mail.mails if is_operators(mail)]

    async def operator_told(self, words: str) -> str:
        """Wait for a mail to the operator that has these words."""
        found = await until(
            lambda: [text for text in self.told_operator() if words in text],
            lambda: f"{words!r} was not told: {self.told_operator()}",
        )
        return found[0]

    def faults_found(self) -> list[str]:
        """What must not be in anything that the daemons have written."""
        own = {"levelwatch.toml", ".env", "root.pem"}
        texts = canaries.read_all(
            path for path in self.folder.iterdir() if path.name not in own
        )
        stories = [name for name, text in texts.items() if b"Traceback" in text]
        return [
            *canaries.find_secrets(texts),
            *(f"there is a story in {name}" for name in stories if not self.has_story),
        ]


def title(mail: Mail) -> str:
    return str(mail.message["Subject"])


def is_operators(mail: Mail) -> bool:
    return title(mail).startswith("levelwatch: ")
