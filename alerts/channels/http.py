"""The one place where httpx is used: bounded, never redirected, never talkative.

It ends every exchange in an answer or in one of two errors, whose texts hold the
type, the host and the status, never a URL: bot tokens and webhook keys live in URLs.
"""

from __future__ import annotations

import asyncio
import json
import logging
import socket
import ssl
import sys
import zlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal
from urllib.parse import urlsplit

from alerts.channels.tls import build_tls_context
from alerts.errors import SendError, SendFailed, SendUncertain

if TYPE_CHECKING:
    import httpx
    from pydantic import SecretStr

    from alerts.channels.guard import Resolve

TIMEOUT = 10.0
"""Seconds for each of: connect, TLS, write, the next bytes of the answer."""
DEADLINE = 20.0
"""Seconds for the whole exchange, however slowly it drips."""
RESPONSE_CAP = 1024 * 1024
"""Bytes of an answer's body that are kept, decompressed."""
_USER_AGENT = "levelwatch"
_ZLIB_OR_GZIP = 47  # zlib's wbits: 15, plus 32 to tell the header apart


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """One request. Its repr shows nothing that a log must not."""

    url: SecretStr
    body: bytes = field(default=b"", repr=False)
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    method: Literal["GET", "POST"] = "POST"
    public_only: bool = False
    """Refuse addresses that are not on the public internet."""

    @property
    def host(self) -> str:
        """The name of the server, for people; never the rest of the URL."""
        try:
            return urlsplit(self.url.get_secret_value()).hostname or "?"
        except ValueError:
            return "?"


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What came back. The body is cut off at `RESPONSE_CAP`."""

    status: int
    headers: Mapping[str, str] = field(repr=False)
    """Names in lower case."""
    body: bytes = field(default=b"", repr=False)

    def json(self) -> object:
        """The parsed body, or None where it is not JSON."""
        try:
            parsed: object = json.loads(self.body)
        except (ValueError, RecursionError):
            return None
        return parsed


class Http:
    """The clients of all channels: built when first needed, kept until closed."""

    def __init__(
        self,
        *,
        timeout: float = TIMEOUT,
        deadline: float = DEADLINE,
        tls: ssl.SSLContext | None = None,
        resolve: Resolve | None = None,
    ) -> None:
        """Take the limits; nothing is built or opened yet.

        Args:
            timeout: seconds, of each step.
            deadline: seconds, of a whole exchange.
            tls: who is trusted; the system's store by default.
            resolve: names to addresses for calls to public addresses only.
        """
        self._timeout = timeout
        self._deadline = deadline
        self._tls = tls
        self._resolve = resolve
        self._clients: dict[bool, httpx.AsyncClient] = {}

    def prepare(self, *, public_only: bool = False) -> None:
        """Import and build now what the first alert would have to wait for."""
        self._client(public_only=public_only)

    async def exchange(self, call: Call) -> Answer:
        """Send a request and read the answer, whatever its status.

        Raises:
            SendFailed: it certainly did not go out.
            SendUncertain: it went out, in part at least, and no answer came.
        """
        outcome = await self._attempt(call)
        # Raised here, not where it was caught: the frames and causes below hold the
        # URL, and would carry it into a traceback that shows locals.
        if isinstance(outcome, SendError):
            raise outcome
        return outcome

    async def close(self) -> None:
        """Close all connections; safe to call twice."""
        while self._clients:
            _, client = self._clients.popitem()
            await client.aclose()

    async def _attempt(self, call: Call) -> Answer | SendError:
        progress = _Progress()
        try:
            async with (
                asyncio.timeout(self._deadline),
                self._client(public_only=call.public_only).stream(
                    call.method,
                    call.url.get_secret_value(),
                    content=call.body,
                    headers=call.headers,
                    extensions={"trace": progress.trace},
                ) as response,
            ):
                progress.answer = Answer(
                    status=response.status_code, headers=dict(response.headers)
                )
                return Answer(
                    status=response.status_code,
                    headers=progress.answer.headers,
                    body=await _read(response),
                )
        # Everything, because whatever httpx, httpcore, anyio, ssl or the system let
        # through must neither end the delivery nor show its request to a log.
        except Exception as exc:  # noqa: BLE001
            # The status line decides; a body that never ends cannot take it back.
            return progress.answer or translate(exc, call.host, sent=progress.sent)

    def _client(self, *, public_only: bool) -> httpx.AsyncClient:
        if public_only not in self._clients:
            self._tls = self._tls or build_tls_context()
            self._clients[public_only] = build_client(
                timeout=self._timeout,
                tls=self._tls,
                public_only=public_only,
                resolve=self._resolve,
            )
        return self._clients[public_only]


def build_client(
    *,
    timeout: float = TIMEOUT,
    tls: ssl.SSLContext,
    public_only: bool = False,
    resolve: Resolve | None = None,
) -> httpx.AsyncClient:
    """A client that follows no redirects, obeys no proxy variables and logs nothing.

    It asks for bodies without compression, so that a cap on what is read from the
    wire is a cap on memory.
    """
    # httpx's own command line would bring rich and pygments: 45 ms and 4 MB.
    sys.modules.setdefault("httpx._main", None)  # type: ignore[arg-type]
    import httpx  # noqa: PLC0415  90 ms that a console alone does not pay

    from alerts.channels.guard import PublicTransport  # noqa: PLC0415

    # At INFO httpx logs every URL, at DEBUG httpcore every header.
    for name in ("httpx", "httpcore"):
        logging.getLogger(name).setLevel(logging.WARNING)
    return httpx.AsyncClient(
        timeout=httpx.Timeout(timeout),
        follow_redirects=False,
        trust_env=False,
        verify=tls,
        transport=PublicTransport(tls, resolve) if public_only else None,
        headers={"user-agent": _USER_AGENT, "accept-encoding": "identity"},
    )


class _Progress:
    """How far an exchange came, as httpcore's trace extension tells it."""

    def __init__(self) -> None:
        self.sent = False
        self.answer: Answer | None = None

    async def trace(self, event: str, _info: Mapping[str, Any]) -> None:
        if event.endswith("send_request_headers.started"):
            self.sent = True


async def _read(response: httpx.Response) -> bytes:
    raw = bytearray()
    async for chunk in response.aiter_raw():
        raw += chunk
        if len(raw) >= RESPONSE_CAP:
            break
    if response.headers.get("content-encoding", "identity") == "identity":
        return bytes(raw[:RESPONSE_CAP])
    # Not asked for, but there are proxies that compress everything.
    try:
        return zlib.decompressobj(_ZLIB_OR_GZIP).decompress(raw, RESPONSE_CAP)
    except zlib.error:
        return b""


def translate(exc: Exception, host: str, *, sent: bool) -> SendError:
    """Class a failed exchange by whether the receiver may have the message.

    Args:
        exc: of httpx or anything below it. Not chained: it holds the request.
        sent: whether the first byte of the request may have left.
    """
    reason = _reason(exc)
    if sent:
        return SendUncertain(f"{host} did not answer: {reason}")
    return SendFailed(f"{host} could not be reached: {reason}")


def _reason(exc: Exception) -> str:
    """The type, and the cause in words where its text is known to be harmless."""
    from alerts.channels.guard import AddressRefused  # noqa: PLC0415

    kind = type(exc).__name__
    link: BaseException | None = exc
    for _ in range(10):
        match link:
            case None:
                break
            case AddressRefused():
                return str(link)
            case ssl.SSLCertVerificationError():
                return f"{kind}, certificate refused: {link.verify_message}"
            case ssl.SSLError():
                return f"{kind}, TLS failed: {link.reason}"
            case socket.gaierror():
                return f"{kind}, no address for this name"
            case ConnectionRefusedError():
                return f"{kind}, connection refused"
            case _:
                link = link.__cause__ or link.__context__
    return "TimeoutError" if isinstance(exc, TimeoutError) else kind
