"""The HTTP rim: bounded, silent, and sure of what it does not know."""

import asyncio
import gzip
import ssl
import zlib
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import pytest
from pydantic import SecretStr

from alerts.channels.http import RESPONSE_CAP, Call, Http
from alerts.channels.tls import build_tls_context
from alerts.errors import SendFailed, SendUncertain
from tests.alerts.channels.samples import everything_said_by
from tests.doubles.smtp import Authority

Talk = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]
OK = b"HTTP/1.1 200 OK\r\nconnection: close\r\n"


@asynccontextmanager
async def serving(talk: Talk, tls: ssl.SSLContext | None = None) -> AsyncIterator[Call]:
    """A server that does `talk` on each connection; the call that reaches it."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await talk(reader, writer)
        except ConnectionError:
            pass
        finally:
            writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0, ssl=tls)
    port = server.sockets[0].getsockname()[1]
    scheme, name = ("http", "127.0.0.1") if tls is None else ("https", "localhost")
    url = f"{scheme}://{name}:{port}/bot1:CANARY?key=CANARY"
    try:
        yield Call(url=SecretStr(url), body=b"{}", headers={"x-key": "CANARY"})
    finally:
        server.close()


def replying(answer: bytes) -> Talk:
    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(answer)
        await writer.drain()

    return talk


async def silent(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await reader.read()


async def dripping(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await reader.readuntil(b"\r\n\r\n")
    for byte in OK:
        writer.write(bytes([byte]))
        await writer.drain()
        await asyncio.sleep(0.05)


async def resetting(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await reader.readuntil(b"\r\n\r\n")
    writer.transport.abort()


@pytest.fixture
async def http() -> AsyncIterator[Http]:
    shared = Http(timeout=0.2, deadline=0.4)
    yield shared
    await shared.close()


async def test_an_answer_is_read_whatever_its_status(http: Http) -> None:
    answer = b'HTTP/1.1 418 No\r\nX-Kind: Tea\r\ncontent-length: 7\r\n\r\n{"a":1}'

    async with serving(replying(answer)) as call:
        got = await http.exchange(call)

    assert got.status == 418
    assert got.headers["x-kind"] == "Tea"
    assert got.json() == {"a": 1}


async def test_a_redirect_is_an_answer_and_is_not_followed(http: Http) -> None:
    asked = 0

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal asked
        asked += 1
        await replying(
            b"HTTP/1.1 307 X\r\nlocation: /elsewhere\r\ncontent-length: 0\r\n\r\n"
        )(reader, writer)

    async with serving(talk) as call:
        got = await http.exchange(call)

    assert (got.status, asked) == (307, 1)


async def test_a_body_is_cut_off_at_the_cap(http: Http) -> None:
    answer = OK + b"\r\n" + b"x" * (3 * RESPONSE_CAP)

    async with serving(replying(answer)) as call:
        got = await http.exchange(call)

    assert len(got.body) == RESPONSE_CAP


@pytest.mark.parametrize(
    ("encoding", "packed"),
    [
        (b"gzip", gzip.compress(b" " * 50_000_000)),
        (b"deflate", zlib.compress(b" " * 50_000_000)),
    ],
)
async def test_a_bomb_is_unpacked_only_to_the_cap(
    http: Http, encoding: bytes, packed: bytes
) -> None:
    answer = OK + b"content-encoding: " + encoding + b"\r\n\r\n" + packed

    async with serving(replying(answer)) as call:
        got = await http.exchange(call)

    assert len(got.body) == RESPONSE_CAP


async def test_an_encoding_that_was_not_asked_for_is_read_all_the_same(
    http: Http,
) -> None:
    answer = OK + b"content-encoding: gzip\r\n\r\n" + gzip.compress(b'{"ok":true}')

    async with serving(replying(answer)) as call:
        assert (await http.exchange(call)).json() == {"ok": True}


@pytest.mark.parametrize("body", [b"\xff", b"<html>", b"", b"[" * 200_000, b"{"])
async def test_what_is_not_json_is_none(http: Http, body: bytes) -> None:
    async with serving(replying(OK + b"\r\n" + body)) as call:
        assert (await http.exchange(call)).json() is None


async def test_a_status_stands_though_its_body_never_ends(http: Http) -> None:
    answer = b"HTTP/1.1 204 OK\r\ncontent-length: 9\r\n\r\n"

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await replying(answer.replace(b"204", b"202"))(reader, writer)
        await reader.read()

    async with serving(talk) as call:
        assert (await http.exchange(call)).status == 202


@pytest.mark.parametrize(
    "talk", [silent, dripping, resetting, replying(b""), replying(b"nonsense\r\n\r\n")]
)
async def test_no_answer_to_a_request_that_went_out_is_doubt(
    http: Http, talk: Talk
) -> None:
    async with serving(talk) as call:
        with pytest.raises(
            SendUncertain, match=r"^127\.0\.0\.1 did not answer"
        ) as caught:
            await http.exchange(call)

    assert "CANARY" not in everything_said_by(caught.value)


async def test_a_refused_connection_is_certainly_no_delivery(http: Http) -> None:
    async with serving(silent) as call:
        pass

    with pytest.raises(SendFailed, match="connection refused") as caught:
        await http.exchange(call)

    assert "CANARY" not in everything_said_by(caught.value)


async def test_a_name_without_address_is_certainly_no_delivery(http: Http) -> None:
    call = Call(url=SecretStr("http://no-such-host.invalid/CANARY"))

    with pytest.raises(SendFailed, match=r"no-such-host\.invalid could not") as caught:
        await http.exchange(call)

    assert "CANARY" not in everything_said_by(caught.value)


@pytest.mark.parametrize(
    "url", ["http://[::1/CANARY", "http://h:99999/CANARY", "CANARY"]
)
async def test_even_an_impossible_address_is_an_error_of_ours(
    http: Http, url: str
) -> None:
    with pytest.raises(SendFailed) as caught:
        await http.exchange(Call(url=SecretStr(url)))

    assert "CANARY" not in str(caught.value)


async def test_an_unknown_authority_is_refused_before_anything_is_sent(
    http: Http,
) -> None:
    asked: list[bytes] = []

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        asked.append(await reader.read())

    async with serving(talk, Authority().server_context()) as call:
        with pytest.raises(SendFailed, match="certificate refused: ") as caught:
            await http.exchange(call)

    assert asked == []
    assert "CANARY" not in everything_said_by(caught.value)


async def test_a_certificate_for_another_name_is_refused() -> None:
    authority = Authority()
    http = Http(tls=authority.client_context())

    async with serving(silent, authority.server_context("elsewhere.test")) as call:
        with pytest.raises(SendFailed, match="not valid for 'localhost'"):
            await http.exchange(call)
    await http.close()


async def test_a_trusted_certificate_is_taken() -> None:
    authority = Authority()
    http = Http(tls=authority.client_context())

    async with serving(replying(OK + b"\r\n"), authority.server_context()) as call:
        assert (await http.exchange(call)).status == 200
    await http.close()


async def test_plain_http_on_a_tls_port_is_refused(http: Http) -> None:
    async with serving(replying(b"SSH-2.0\r\n")) as call:
        tls_call = Call(
            url=SecretStr(call.url.get_secret_value().replace("http:", "https:"))
        )
        with pytest.raises(SendFailed):
            await http.exchange(tls_call)


async def test_it_can_be_closed_twice_and_used_again(http: Http) -> None:
    async with serving(replying(OK + b"\r\n")) as call:
        await http.exchange(call)
        await http.close()
        await http.close()
        assert (await http.exchange(call)).status == 200


def test_a_call_shows_nothing() -> None:
    call = Call(
        url=SecretStr("https://h/CANARY"), body=b"CANARY", headers={"k": "CANARY"}
    )

    assert "CANARY" not in repr(call)
    assert call.host == "h"


def test_names_and_chains_are_verified() -> None:
    context = build_tls_context()

    assert context.check_hostname
    assert context.verify_mode is ssl.CERT_REQUIRED
    assert context.minimum_version >= ssl.TLSVersion.TLSv1_2
