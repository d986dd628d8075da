"""The process: signals, the lock, the service manager, and sessions in a row."""

import asyncio
import faulthandler
import gc
import logging
import os
import signal
from collections.abc import Mapping
from pathlib import Path

from alerts.matter import Matter
from alerts.notification import Channel
from daemon.clock import Clock
from daemon.config import Config, load_config
from daemon.errors import ConfigError
from daemon.redaction import Redactor
from daemon.reload import describe_changes
from daemon.session import Session, Surround, open_session
from daemon.store import Store
from daemon.systemd import Notifier
from storage.database import database_path
from storage.lock import acquire_lock

_log = logging.getLogger(__name__)


class App:
    """Runs sessions until it is told to stop."""

    def __init__(
        self,
        config: Config,
        *,
        path: Path | None,
        environ: Mapping[str, str],
        clock: Clock,
        notifier: Notifier,
        redactor: Redactor,
        version: str,
        channels: dict[str, Channel] | None = None,
    ) -> None:
        """Take what the process was given.

        Args:
            path: of the configuration, to read again on a reload; None: never.
            channels: stand-ins for configured receivers.
        """
        self.config = config
        self.session: Session | None = None
        self.ready = asyncio.Event()
        self._path = path
        self._environ = environ
        self._clock = clock
        self._notifier = notifier
        self._redactor = redactor
        self._channels = channels or {}
        self._stopping = False
        self._session_over = asyncio.Event()
        self._about: dict[str, object] = {
            "pid": os.getpid(),
            "version": version,
            "started_at": clock.now(),
            "config": "" if path is None else str(path),
        }

    def stop(self) -> None:
        """End the session and the process, with nothing lost; nothing undoes it."""
        if not self._stopping:
            self._notifier.stopping("storing, stopping")
        self._stopping = True
        self._session_over.set()

    def reload(self) -> None:
        """Read the configuration again; a bad one changes nothing."""
        if self._stopping:
            return
        self._notifier.reloading(self._clock.monotonic())
        try:
            config = self._read()
            changes = describe_changes(self.config, config)
        except ConfigError as exc:
            self._refuse(str(exc))
            return
        except Exception as exc:  # noqa: BLE001 - see below
            # The old one works: our own mistake about the new one must not end it.
            _log.exception("reload", extra={"action": "reload_refused"})
            self._refuse(f"unexpected {type(exc).__name__}; the log says more")
            return
        _log.warning(
            "reloading: %s",
            "; ".join(changes) or "no changes",
            extra={"action": "reload"},
        )
        self.config = config
        self._session_over.set()

    def _refuse(self, why: str) -> None:
        _log.error(
            "the configuration was not taken; the old one stays:\n%s",
            why,
            extra={"action": "reload_refused"},
        )
        self._notifier.ready("watching; the last reload was refused")
        if self.session is not None:
            self.session.alarms.report(Matter.RELOAD_REFUSED, "", why)

    def _read(self) -> Config:
        if self._path is None:
            return self.config
        config = load_config(self._path, self._environ)
        self._redactor.register(*config.secrets)
        return config

    async def run(self) -> None:
        """Watch until stopped.

        Raises:
            StorageError: the database cannot be used, or another daemon uses it.
        """
        faulthandler.enable()
        self._listen()
        url = self.config.storage.url.get_secret_value()
        path = database_path(url)
        lock = None if path is None else acquire_lock(path)
        store = Store()
        try:
            await store.open(url)
            await self._sessions(store)
        finally:
            await store.close()
            if lock is not None:
                lock.close()

    async def _sessions(self, store: Store) -> None:
        while not self._stopping:
            self._session_over = asyncio.Event()
            surround = Surround(
                clock=self._clock,
                completed=self._notifier.watchdog,
                about=self._about,
                channels=self._channels,
            )
            self.session = await open_session(self.config, store, surround)
            await self.session.run(self._watching, self._session_over)
        _log.info("stopped; nothing is lost", extra={"action": "stopped"})

    def _watching(self) -> None:
        if self._stopping or self.session is None:
            return  # the service manager must not hear READY after STOPPING
        rules, instruments = len(self.session.rules), len(self.config.instruments)
        text = f"watching {instruments} instruments with {rules} rules"
        self._notifier.expect(self.session.pause)
        self._notifier.ready(text)
        self.ready.set()
        _log.info("%s", text, extra={"action": "ready"})
        if not gc.isenabled():
            # `run` starts without: what is there now stays and is never looked at.
            gc.freeze()
            gc.enable()

    def _listen(self) -> None:
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, self.stop)
        if self._path is not None:
            loop.add_signal_handler(signal.SIGHUP, self.reload)
