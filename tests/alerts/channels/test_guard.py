"""A webhook cannot be turned against the machine's own network."""

import ssl
from collections.abc import AsyncIterator, Iterable

import httpcore
import httpx
import pytest
from pydantic import SecretStr

from alerts.channels.guard import (
    AddressRefused,
    PublicBackend,
    PublicTransport,
    is_public,
    resolve_system,
)
from alerts.channels.http import Call, Http
from alerts.errors import SendFailed
from tests.doubles.smtp import Authority
from tests.doubles.webhook import WebhookDouble

PUBLIC = "93.184.215.14"


class Elsewhere(httpcore.AsyncNetworkBackend):
    """Connects to a server of the test instead, and remembers what was wanted."""

    def __init__(self, port: int, unreachable: tuple[str, ...] = ()) -> None:
        self.wanted: list[str] = []
        self._port = port
        self._unreachable = unreachable
        self._real = httpcore.AnyIOBackend()

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        self.wanted.append(host)
        if host in self._unreachable:
            raise httpcore.ConnectError("unreachable")
        return await self._real.connect_tcp("127.0.0.1", self._port, timeout)


class Names:
    """A resolver that reads its answers off a list, one question after the other."""

    def __init__(self, *answers: list[str]) -> None:
        self._answers = list(answers)
        self.asked: list[str] = []

    async def __call__(self, host: str, port: int) -> list[str]:
        self.asked.append(host)
        return self._answers.pop(0)


@pytest.mark.parametrize(
    "address",
    [PUBLIC, "1.1.1.1", "2606:4700::1111", "64:ff9b::101:101", "2002:101:101::"],
)
def test_public_addresses(address: str) -> None:
    assert is_public(address)


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1",
        "127.1.2.3",
        "0.0.0.0",
        "10.1.2.3",
        "172.16.0.1",
        "192.168.1.1",
        "169.254.169.254",
        "100.64.0.1",
        "192.0.2.1",
        "224.0.0.1",
        "239.255.255.250",
        "240.0.0.1",
        "255.255.255.255",
        "::",
        "::1",
        "fe80::1",
        "fe80::1%eth0",
        "fc00::1",
        "ff02::1",
        "::ffff:127.0.0.1",
        "::ffff:10.0.0.1",
        "64:ff9b::7f00:1",
        "2002:7f00:1::",
        "2001:db8::1",
        "127.1",
        "0x7f.1",
        "2130706433",
        "not an address",
        "",
    ],
)
def test_addresses_that_are_not_of_the_public_internet(address: str) -> None:
    assert not is_public(address)


@pytest.fixture
async def hook() -> AsyncIterator[WebhookDouble]:
    async with WebhookDouble(secret=None) as double:
        yield double


@pytest.mark.parametrize(
    "name", ["127.0.0.1", "localhost", "0x7f.1", "2130706433", "127.1", "0", "[::1]"]
)
async def test_no_way_of_writing_loopback_gets_through(
    hook: WebhookDouble, name: str
) -> None:
    http = Http()
    url = f"http://{name}:{hook.port}/CANARY"

    with pytest.raises(SendFailed, match="not a public address") as caught:
        await http.exchange(Call(url=SecretStr(url), public_only=True))

    assert "CANARY" not in str(caught.value)
    assert "allow_private" in str(caught.value)
    assert hook.received == []
    await http.close()


async def test_private_addresses_are_reached_where_they_are_allowed(
    hook: WebhookDouble,
) -> None:
    http = Http()
    call = Call(url=SecretStr(hook.url), body=b"{}", headers={"webhook-id": "1"})

    assert (await http.exchange(call)).status == 204
    await http.close()


async def test_a_name_that_turns_private_is_refused_at_the_next_connection(
    hook: WebhookDouble,
) -> None:
    names = Names([PUBLIC], ["127.0.0.1"])
    inner = Elsewhere(hook.port)
    backend = PublicBackend(inner, names)

    stream = await backend.connect_tcp("rebinding.test", hook.port)
    await stream.aclose()
    with pytest.raises(AddressRefused):
        await backend.connect_tcp("rebinding.test", hook.port)

    # Connected to the judged address itself: nobody asks for the name again.
    assert inner.wanted == [PUBLIC]
    assert names.asked == ["rebinding.test"] * 2


async def test_one_private_address_among_public_ones_refuses_all() -> None:
    inner = Elsewhere(1)
    backend = PublicBackend(inner, Names([PUBLIC, "10.0.0.1"]))

    with pytest.raises(AddressRefused, match=r"mixed\.test leads to 10\.0\.0\.1"):
        await backend.connect_tcp("mixed.test", 443)

    assert inner.wanted == []


async def test_the_next_address_is_tried_when_the_first_cannot_be_reached(
    hook: WebhookDouble,
) -> None:
    inner = Elsewhere(hook.port, unreachable=(PUBLIC,))
    backend = PublicBackend(inner, Names([PUBLIC, "1.1.1.1"]))

    stream = await backend.connect_tcp("two.test", 443)
    await stream.aclose()

    assert inner.wanted == [PUBLIC, "1.1.1.1"]


async def test_when_no_address_can_be_reached_the_last_failure_is_told() -> None:
    backend = PublicBackend(Elsewhere(1, unreachable=(PUBLIC,)), Names([PUBLIC]))

    with pytest.raises(httpcore.ConnectError):
        await backend.connect_tcp("down.test", 443)


async def test_a_name_without_addresses_is_refused() -> None:
    with pytest.raises(AddressRefused, match="has no address"):
        await PublicBackend(Elsewhere(1), Names([])).connect_tcp("empty.test", 443)


async def test_a_path_is_not_public() -> None:
    with pytest.raises(AddressRefused):
        await PublicBackend(Elsewhere(1)).connect_unix_socket("/run/docker.sock")


async def test_the_systems_resolver_understands_what_browsers_do() -> None:
    assert await resolve_system("0x7f.1", 80) == ["127.0.0.1"]


def guarded_client(
    double: WebhookDouble, tls: ssl.SSLContext, inner: Elsewhere
) -> httpx.AsyncClient:
    transport = PublicTransport(tls, Names([PUBLIC], [PUBLIC]), inner)
    return httpx.AsyncClient(transport=transport, trust_env=False)


async def test_tls_and_host_keep_the_name_though_the_address_is_dialled() -> None:
    authority = Authority()
    server_tls = authority.server_context("hook.test")
    async with WebhookDouble(secret=None, tls=server_tls) as double:
        inner = Elsewhere(double.port)
        async with guarded_client(double, authority.client_context(), inner) as client:
            answer = await client.post(
                "https://hook.test/in?a=1", content=b"{}", headers={"webhook-id": "1"}
            )

    assert answer.status_code == 204
    assert double.received[0].headers["host"] == "hook.test"
    assert inner.wanted == [PUBLIC]


async def test_the_certificate_must_be_for_the_name() -> None:
    authority = Authority()
    server_tls = authority.server_context("other.test")
    async with WebhookDouble(secret=None, tls=server_tls) as double:
        inner = Elsewhere(double.port)
        async with guarded_client(double, authority.client_context(), inner) as client:
            with pytest.raises(httpcore.ConnectError, match="Hostname mismatch"):
                await client.post("https://hook.test/in", content=b"{}")

    assert double.received == []
