"""The dead man's switch: an address elsewhere hears from us while we really watch."""

import asyncio
import logging

from pydantic import SecretStr

from alerts.channels.http import Call, Http
from alerts.errors import SendError
from daemon.clock import Clock

_PAUSE = 60.0
"""Seconds between two pings: finer than any switch of that kind can use."""

_log = logging.getLogger(__name__)


class Ping:
    """Calls an address after completed polls, at most once a minute."""

    def __init__(self, url: SecretStr | None, http: Http, clock: Clock) -> None:
        self._url = url
        self._http = http
        self._clock = clock
        self._polled = asyncio.Event()

    def completed(self) -> None:
        """A poll has brought prices."""
        self._polled.set()

    async def run(self) -> None:
        """Ping until cancelled; a ping that fails is only logged."""
        if self._url is None:
            return
        while True:
            await self._polled.wait()
            self._polled.clear()
            try:
                await self._http.exchange(Call(url=self._url, method="GET"))
            except SendError as exc:
                _log.warning(
                    "the ping failed: %s", exc, extra={"action": "ping_failed"}
                )
            await self._clock.sleep(_PAUSE)
