"""A webhook receiver that believes nothing without a valid signature.

The signature is judged by the reference library of Standard Webhooks.
"""

import asyncio
import json
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from ssl import SSLContext
from types import TracebackType
from typing import Self

from aiohttp import web
from standardwebhooks import Webhook, WebhookVerificationError


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """What one request meets. A fault with a 2xx status is a delivery.

    Attributes:
        drip: bytes of body that never ends.
        hang: nothing is ever said; `stored` tells whether it was taken before.
    """

    status: int = 500
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""
    drip: bool = False
    hang: bool = False
    stored: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Received:
    """A verified delivery.

    Attributes:
        json: the parsed body; `raw` its bytes.
        headers: names in lower case.
    """

    id: str
    json: dict[str, object]
    raw: bytes
    headers: Mapping[str, str]


class WebhookDouble:
    """Serves on loopback between `async with` and its end.

    Attributes:
        url: of the hook.
        received: verified deliveries in order, repeats included.
        refused: why deliveries were not believed.
        faults: taken one by one; append to it at any time.
        outage: what every request meets while it is set.
        connections: how many TCP connections were made.
    """

    def __init__(
        self,
        *,
        secret: str | None,
        now: Callable[[], int] | None = None,
        tls: SSLContext | None = None,
    ) -> None:
        """Take the secret.

        Args:
            secret: None accepts unsigned deliveries.
            now: epoch ms, for tests whose sender has a clock of its own; the
                reference library reads the system's, and allows five minutes.
        """
        self.received: list[Received] = []
        self.refused: list[str] = []
        self.faults: deque[Fault] = deque()
        self.outage: Fault | None = None
        self.connections = 0
        self.url = ""
        self.port = 0
        self._verifier = None if secret is None else Webhook(secret)
        self._now = now
        self._tls = tls
        self._news = asyncio.Event()
        self._closing = asyncio.Event()
        self._runner: web.AppRunner | None = None

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        await self.stop()

    async def start(self) -> None:
        """Listen; after a `stop`, on the same port again."""
        app = web.Application(client_max_size=10 * 1024 * 1024)
        app.router.add_route("*", "/{path:.*}", self._serve)
        self._closing.clear()
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
        await self._runner.setup()
        site = web.TCPSite(
            self._runner,
            "127.0.0.1",
            self.port,
            reuse_address=True,
            ssl_context=self._tls,
        )
        await site.start()
        self.port = self._runner.addresses[0][1]
        scheme = "http" if self._tls is None else "https"
        self.url = f"{scheme}://127.0.0.1:{self.port}/hook"

    async def stop(self) -> None:
        """Refuse connections, as a server that is down."""
        self._closing.set()
        if self._runner is not None:
            await self._runner.cleanup()
            self._runner = None

    async def wait_for(self, count: int, within: float = 30.0) -> list[Received]:
        """The deliveries, as soon as there are that many.

        Raises:
            TimeoutError: with how many there were.
        """
        try:
            async with asyncio.timeout(within):
                while len(self.received) < count:
                    self._news.clear()
                    await self._news.wait()
        except TimeoutError:
            got = len(self.received)
            raise TimeoutError(f"{got} of {count} deliveries came") from None
        return self.received

    async def _serve(self, request: web.Request) -> web.StreamResponse:
        raw = await request.read()
        headers = {name.lower(): value for name, value in request.headers.items()}
        fault = self.outage or (self.faults.popleft() if self.faults else None)
        if fault is not None:
            return await self._fail(request, raw, headers, fault)
        try:
            self._store(raw, headers)
        except WebhookVerificationError as exc:
            self.refused.append(str(exc))
            return web.Response(status=401)
        return web.Response(status=204)

    def _store(self, raw: bytes, headers: Mapping[str, str]) -> None:
        if self._verifier is not None:
            self._verify(self._verifier, raw, headers)
        self.received.append(
            Received(
                id=headers["webhook-id"], json=json.loads(raw), raw=raw, headers=headers
            )
        )
        self._news.set()

    def _verify(
        self, verifier: Webhook, raw: bytes, headers: Mapping[str, str]
    ) -> None:
        if self._now is None:
            verifier.verify(raw, dict(headers))
            return
        signed_at = int(headers["webhook-timestamp"])
        moment = datetime.fromtimestamp(signed_at, tz=UTC)
        expected = verifier.sign(headers["webhook-id"], moment, raw.decode())
        if headers.get("webhook-signature") != expected:
            raise WebhookVerificationError("No matching signature found")
        if abs(self._now() // 1000 - signed_at) > 300:
            raise WebhookVerificationError("Message timestamp too old or too new")

    async def _fail(
        self,
        request: web.Request,
        raw: bytes,
        headers: Mapping[str, str],
        fault: Fault,
    ) -> web.StreamResponse:
        if fault.stored:
            self._store(raw, headers)
        if fault.hang:
            await self._closing.wait()
            raise ConnectionResetError
        if not fault.drip:
            return web.Response(
                status=fault.status, headers=dict(fault.headers), body=fault.body
            )
        response = web.StreamResponse(status=fault.status, headers=dict(fault.headers))
        await response.prepare(request)
        await response.write(fault.body or b".")
        await self._closing.wait()
        return response
