"""Keeps a webhook from being turned against the machine's own network.

A name is resolved once, all its addresses are judged, and the connection is made to
one of those very addresses; so a name that answers differently the second time gains
nothing. TLS and the Host header keep the name. Ways of writing an address that only
the resolver understands ("0x7f.1", "2130706433") are judged by what they resolve to.
"""

import asyncio
import ipaddress
import socket
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from typing import cast

import httpcore
import httpx

Resolve = Callable[[str, int], Awaitable[list[str]]]
"""Host and port to literal addresses, best first."""

_NAT64 = ipaddress.IPv6Network("64:ff9b::/96")


class AddressRefused(OSError):
    """A name leads to an address that is not on the public internet."""


def is_public(address: str) -> bool:
    """Whether a literal address is one of the public internet, one host only.

    IPv4 addresses that travel inside IPv6 ones (mapped, NAT64, 6to4) are taken out
    and judged themselves.
    """
    try:
        parsed = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return False
    if isinstance(parsed, ipaddress.IPv6Address):
        parsed = _inner(parsed) or parsed
    return parsed.is_global and not parsed.is_multicast


def _inner(address: ipaddress.IPv6Address) -> ipaddress.IPv4Address | None:
    if address in _NAT64:
        return ipaddress.IPv4Address(int(address) & 0xFFFF_FFFF)
    return address.ipv4_mapped or address.sixtofour


async def resolve_system(host: str, port: int) -> list[str]:
    """Ask the system's resolver, in a thread of the loop's."""
    loop = asyncio.get_running_loop()
    found = await loop.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(entry[4][0]) for entry in found))


class PublicBackend(httpcore.AsyncNetworkBackend):
    """Connects to public addresses only."""

    def __init__(
        self, inner: httpcore.AsyncNetworkBackend, resolve: Resolve = resolve_system
    ) -> None:
        self._inner = inner
        self._resolve = resolve

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,  # noqa: ASYNC109  httpcore's signature
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        """Resolve once, judge all, connect to what was judged.

        Raises:
            AddressRefused: one of the addresses is not public. All are refused then:
                an honest name does not mix them.
        """
        addresses = await self._resolve(host, port)
        for address in addresses:
            if not is_public(address):
                raise AddressRefused(
                    f"{host} leads to {address}, which is not a public address; if "
                    "that is meant, set allow_private = true"
                )
        failure: Exception = AddressRefused(f"{host} has no address")
        for address in addresses:
            try:
                return await self._inner.connect_tcp(
                    address, port, timeout, local_address, socket_options
                )
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as exc:
                failure = exc
        raise failure

    async def connect_unix_socket(
        self,
        path: str,
        timeout: float | None = None,  # noqa: ASYNC109  httpcore's signature
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        """Refuse: nothing public listens on a path."""
        del path, timeout, socket_options
        raise AddressRefused("a socket in the file system is not a public address")

    async def sleep(self, seconds: float) -> None:
        """Wait as the loop does."""
        await self._inner.sleep(seconds)


class PublicTransport(httpx.AsyncBaseTransport):
    """httpx over a pool of httpcore whose connections are all to public addresses."""

    def __init__(
        self,
        tls: ssl.SSLContext,
        resolve: Resolve | None = None,
        inner: httpcore.AsyncNetworkBackend | None = None,
    ) -> None:
        self._pool = httpcore.AsyncConnectionPool(
            ssl_context=tls,
            max_connections=20,
            keepalive_expiry=5.0,
            network_backend=PublicBackend(
                inner or httpcore.AnyIOBackend(), resolve or resolve_system
            ),
        )

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Carry one request, without translating httpcore's exceptions."""
        url = request.url
        response = await self._pool.handle_async_request(
            httpcore.Request(
                method=request.method,
                url=httpcore.URL(
                    scheme=url.raw_scheme,
                    host=url.raw_host,
                    port=url.port,
                    target=url.raw_path,
                ),
                headers=request.headers.raw,
                content=request.stream,
                extensions=request.extensions,
            )
        )
        return httpx.Response(
            status_code=response.status,
            headers=response.headers,
            stream=_Body(response),
            extensions=response.extensions,
        )

    async def aclose(self) -> None:
        """Close the pool."""
        await self._pool.aclose()


class _Body(httpx.AsyncByteStream):
    def __init__(self, response: httpcore.Response) -> None:
        self._response = response

    async def __aiter__(self) -> AsyncIterator[bytes]:
        # httpcore types the stream of both its worlds in one; a pool of the async
        # one answers with an async stream.
        async for chunk in cast("AsyncIterator[bytes]", self._response.stream):
            yield chunk

    async def aclose(self) -> None:
        await self._response.aclose()
