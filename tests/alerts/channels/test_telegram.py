"""The Telegram channel against a strict Bot API server."""

from collections.abc import AsyncIterator

import pytest
from pydantic import SecretStr, ValidationError

from alerts.channels.http import Http
from alerts.channels.telegram import TelegramChannel, TelegramSpec
from alerts.errors import (
    ReceiverBroken,
    SendError,
    SendFailed,
    SendRateLimited,
    SendRejected,
    SendUncertain,
)
from alerts.notification import Receipt
from tests.alerts.channels.samples import (
    everything_said_by,
    message,
    notification,
    now,
)
from tests.doubles.telegram import (
    BAD_GATEWAY,
    BLOCKED,
    CANNOT_PARSE,
    HUNG_UP,
    INTERNAL_ERROR,
    SILENT,
    STORED_THEN_HUNG_UP,
    STORED_THEN_SILENT,
    Fault,
    TelegramDouble,
    too_many_requests,
)

TOKEN = "999999:CANARY-token_in-every-url"
CHAT = "-100123454321"


@pytest.fixture
async def telegram() -> AsyncIterator[TelegramDouble]:
    async with TelegramDouble(token=TOKEN, chats=(CHAT,)) as double:
        yield double


@pytest.fixture
async def http() -> AsyncIterator[Http]:
    shared = Http(timeout=0.3, deadline=0.5)
    yield shared
    await shared.close()


def open_channel(
    http: Http, double: TelegramDouble, *, token: str = TOKEN, chat: str = CHAT
) -> TelegramChannel:
    spec = TelegramSpec(
        kind="telegram",
        token=SecretStr(token),
        chat=SecretStr(chat),
        base_url=double.url,
    )
    return spec.open(http, now)


@pytest.fixture
def channel(http: Http, telegram: TelegramDouble) -> TelegramChannel:
    return open_channel(http, telegram)


async def test_a_message_arrives_as_written(
    channel: TelegramChannel, telegram: TelegramDouble
) -> None:
    receipt = await channel.send(notification())

    assert receipt == Receipt(reference="1")
    (delivered,) = telegram.messages
    assert delivered.chat == CHAT
    assert delivered.parse_mode == "HTML"
    assert delivered.text.startswith("BNB/USD fell below 637.0 — 636.9\nthe support")
    assert delivered.raw.startswith("<b>BNB/USD fell below 637.0 — 636.9</b>\n")
    assert not delivered.silent
    assert telegram.requests[0]["link_preview_options"] == {"is_disabled": True}


async def test_a_low_severity_makes_no_sound(
    channel: TelegramChannel, telegram: TelegramDouble
) -> None:
    await channel.send(notification(message(severity="low")))

    assert telegram.messages[0].silent


@pytest.mark.parametrize(
    "title", ["a<b", "a&b;", "</b>", "<script>", "&lt;", "&amp;amp;", "_*[`", "\u202e"]
)
async def test_no_text_is_taken_for_markup(
    channel: TelegramChannel, telegram: TelegramDouble, title: str
) -> None:
    await channel.send(notification(message(title=title, lines=(title,))))

    assert telegram.messages[0].text.splitlines()[:2] == [title, title]
    assert len(telegram.requests) == 1


async def test_the_longest_message_is_taken(
    channel: TelegramChannel, telegram: TelegramDouble
) -> None:
    lines = tuple("<&🚀>" * 20 for _ in range(200))

    await channel.send(notification(message(lines=lines)))

    assert len(telegram.messages[0].text.encode("utf-16-le")) // 2 <= 4096


async def test_a_parse_error_is_answered_with_plain_text_at_once(
    channel: TelegramChannel, telegram: TelegramDouble
) -> None:
    telegram.faults.append(CANNOT_PARSE)

    await channel.send(notification(message(title="a<b")))

    (delivered,) = telegram.messages
    assert delivered.parse_mode is None
    assert delivered.text.startswith("a<b\n")


async def test_plain_text_is_tried_only_once(
    channel: TelegramChannel, telegram: TelegramDouble
) -> None:
    telegram.faults.extend([CANNOT_PARSE] * 3)

    with pytest.raises(SendRejected):
        await channel.send(notification())

    assert len(telegram.requests) == 2


async def test_a_group_that_migrated_is_followed_from_then_on(
    channel: TelegramChannel, telegram: TelegramDouble
) -> None:
    telegram.migrated[CHAT] = -100987

    first = await channel.send(notification())
    second = await channel.send(notification())

    assert first == Receipt(reference="1", moved_to="-100987")
    assert second == Receipt(reference="2")
    assert [delivered.chat for delivered in telegram.messages] == ["-100987"] * 2
    assert len(telegram.requests) == 3


async def test_a_migration_in_circles_ends(
    channel: TelegramChannel, telegram: TelegramDouble
) -> None:
    telegram.migrated.update({CHAT: -5, "-5": int(CHAT)})

    with pytest.raises(SendRejected):
        await channel.send(notification())

    assert len(telegram.requests) == 2


async def test_too_many_requests_tell_how_long_to_wait(
    channel: TelegramChannel, telegram: TelegramDouble
) -> None:
    telegram.faults.append(too_many_requests(37))

    with pytest.raises(SendRateLimited) as caught:
        await channel.send(notification())

    assert caught.value.retry_after == 37.0


async def test_too_many_requests_without_a_time_wait_half_a_minute(
    channel: TelegramChannel, telegram: TelegramDouble
) -> None:
    telegram.faults.append(Fault(status=429, description="Too Many Requests"))

    with pytest.raises(SendRateLimited) as caught:
        await channel.send(notification())

    assert caught.value.retry_after == 30.0


@pytest.mark.parametrize(
    ("fault", "error"),
    [
        (INTERNAL_ERROR, SendFailed),
        (Fault(status=503, body=b""), SendFailed),
        (Fault(status=302, body=b""), SendFailed),
        (Fault(status=409, description="Conflict"), SendFailed),
        (BAD_GATEWAY, SendUncertain),
        (Fault(status=504, body=b"<html>"), SendUncertain),
        (Fault(status=200, body=b"<html>a hotel's login page</html>"), SendUncertain),
        (Fault(status=200, body=b"[" * 100_000), SendUncertain),
        (Fault(status=200, body=b'{"ok":"yes"}'), SendUncertain),
        (BLOCKED, ReceiverBroken),
        (Fault(status=401, description="Unauthorized"), ReceiverBroken),
        (Fault(status=404, description="Not Found"), ReceiverBroken),
        (Fault(status=400, description="Bad Request: chat not found"), ReceiverBroken),
        (
            Fault(
                status=400, description="Bad Request: not enough rights to send text"
            ),
            ReceiverBroken,
        ),
        (
            Fault(status=400, description="Bad Request: message text is empty"),
            SendRejected,
        ),
        (Fault(status=413, body=b""), SendRejected),
    ],
)
async def test_a_refusal_is_classed_by_what_to_do(
    channel: TelegramChannel,
    telegram: TelegramDouble,
    fault: Fault,
    error: type[SendError],
) -> None:
    telegram.faults.append(fault)

    with pytest.raises(SendError) as caught:
        await channel.send(notification())

    assert type(caught.value) is error
    assert telegram.messages == []


@pytest.mark.parametrize(
    ("fault", "stored"),
    [
        (SILENT, 0),
        (HUNG_UP, 0),
        (STORED_THEN_SILENT, 1),
        (STORED_THEN_HUNG_UP, 1),
    ],
)
async def test_silence_after_the_request_is_doubt(
    channel: TelegramChannel, telegram: TelegramDouble, fault: Fault, stored: int
) -> None:
    telegram.faults.append(fault)

    with pytest.raises(SendUncertain):
        await channel.send(notification())

    assert len(telegram.messages) == stored


async def test_a_server_that_is_down_certainly_has_nothing(
    channel: TelegramChannel, telegram: TelegramDouble
) -> None:
    await telegram.stop()

    with pytest.raises(SendFailed, match="connection refused"):
        await channel.send(notification())

    await telegram.start()
    await channel.send(notification())
    assert len(telegram.messages) == 1


async def test_a_wrong_token_breaks_the_receiver(
    http: Http, telegram: TelegramDouble
) -> None:
    wrong = open_channel(http, telegram, token="111111:some-other-token")

    with pytest.raises(ReceiverBroken, match="token is not valid"):
        await wrong.send(notification())


async def test_an_unknown_chat_breaks_the_receiver(
    http: Http, telegram: TelegramDouble
) -> None:
    wrong = open_channel(http, telegram, chat="42")

    with pytest.raises(ReceiverBroken, match="chat not found"):
        await wrong.send(notification())


@pytest.mark.parametrize(
    "fault",
    [
        INTERNAL_ERROR,
        BAD_GATEWAY,
        BLOCKED,
        SILENT,
        HUNG_UP,
        CANNOT_PARSE,
        too_many_requests(1),
        Fault(status=400, description=f"Bad Request: {TOKEN} {CHAT}\n\x1b[31m"),
        Fault(status=400, body=b"\xff\x00" * 100),
    ],
)
async def test_no_error_shows_the_token_or_the_chat(
    channel: TelegramChannel, telegram: TelegramDouble, fault: Fault
) -> None:
    telegram.outage = fault

    with pytest.raises(SendError) as caught:
        await channel.send(notification())

    told = everything_said_by(caught.value)
    assert "CANARY" not in told
    assert CHAT not in told
    assert "\x1b" not in str(caught.value)
    assert "\n" not in str(caught.value)


async def test_a_connection_that_fails_does_not_show_the_token(
    channel: TelegramChannel, telegram: TelegramDouble
) -> None:
    await telegram.stop()

    with pytest.raises(SendFailed) as caught:
        await channel.send(notification())

    assert "CANARY" not in everything_said_by(caught.value)


async def test_logs_at_their_loudest_do_not_show_the_token(
    channel: TelegramChannel,
    telegram: TelegramDouble,
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level("DEBUG")
    telegram.faults.append(INTERNAL_ERROR)

    with pytest.raises(SendFailed):
        await channel.send(notification())
    await channel.send(notification())

    assert "CANARY" not in caplog.text


def test_a_token_with_a_typing_error_is_found_before_anything_is_sent() -> None:
    with pytest.raises(ValidationError, match="is not a bot token") as caught:
        TelegramSpec(
            kind="telegram", token=SecretStr("CANARY token"), chat=SecretStr("1")
        )

    assert "CANARY" not in str(caught.value)


def test_a_spec_shows_no_secret() -> None:
    spec = TelegramSpec(
        kind="telegram", token=SecretStr(TOKEN), chat=SecretStr("CANARY")
    )

    assert "CANARY" not in f"{spec!r}{spec}{spec.model_dump()}"


def test_a_chat_may_be_written_as_a_number() -> None:
    spec = TelegramSpec.model_validate({"kind": "telegram", "token": TOKEN, "chat": -5})

    assert spec.chat.get_secret_value() == "-5"
    assert spec.base_url == "https://api.telegram.org"


@pytest.mark.parametrize(
    "url", ["ftp://x", "x", "https://", "http://u@h", "http://h/?q"]
)
def test_a_base_url_is_an_address(url: str) -> None:
    with pytest.raises(ValidationError, match="is not an address"):
        TelegramSpec.model_validate(
            {"kind": "telegram", "token": TOKEN, "chat": 1, "base_url": url}
        )
