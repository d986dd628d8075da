"""The webhook channel, judged by the reference library of Standard Webhooks."""

import base64
import json
from collections.abc import AsyncIterator
from datetime import UTC, datetime

import pytest
from pydantic import SecretStr, ValidationError
from standardwebhooks import Webhook

from alerts.channels.http import Http
from alerts.channels.webhook import WebhookChannel, WebhookSpec, read_key, sign
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
    AT,
    BODY,
    EVENT_ID,
    everything_said_by,
    message,
    notification,
    now,
)
from tests.doubles.webhook import Fault, WebhookDouble

SECRET = "whsec_" + base64.b64encode(b"CANARY, twenty-four bytes").decode()
OTHER = base64.b64encode(b"another, twenty-four bytes").decode()


@pytest.fixture
async def hook() -> AsyncIterator[WebhookDouble]:
    async with WebhookDouble(secret=SECRET, now=now) as double:
        yield double


@pytest.fixture
async def http() -> AsyncIterator[Http]:
    shared = Http(timeout=0.3, deadline=0.5)
    yield shared
    await shared.close()


def open_channel(
    http: Http, hook: WebhookDouble, secret: str | None = SECRET
) -> WebhookChannel:
    spec = WebhookSpec(
        kind="webhook",
        url=SecretStr(hook.url + "?key=CANARY"),
        secret=None if secret is None else SecretStr(secret),
        allow_private=True,
    )
    return spec.open(http, now)


@pytest.fixture
def channel(http: Http, hook: WebhookDouble) -> WebhookChannel:
    return open_channel(http, hook)


async def test_the_triggers_json_arrives_signed(
    channel: WebhookChannel, hook: WebhookDouble
) -> None:
    receipt = await channel.send(notification())

    assert receipt == Receipt(reference=EVENT_ID)
    (received,) = hook.received
    assert received.json == BODY
    assert received.id == EVENT_ID
    assert received.headers["webhook-timestamp"] == "1747443900"
    assert received.headers["content-type"] == "application/json"
    assert hook.refused == []


async def test_words_of_any_language_arrive(
    channel: WebhookChannel, hook: WebhookDouble
) -> None:
    body = {"rule": "Ä → 価格 🚀 <&>", "price": 1e-7, "level": None}

    await channel.send(notification(message(body=body)))

    assert hook.received[0].json == body


def test_the_signature_is_that_of_the_reference_library() -> None:
    body = b'{"a":"\xc3\xa4"}'
    moment = datetime.fromtimestamp(AT // 1000, tz=UTC)

    ours = sign(read_key(SecretStr(SECRET)), "id", AT // 1000, body)

    assert ours == Webhook(SECRET).sign("id", moment, body.decode())


async def test_a_repeat_bears_the_same_id(
    channel: WebhookChannel, hook: WebhookDouble
) -> None:
    hook.faults.append(Fault(hang=True, stored=True))

    with pytest.raises(SendUncertain):
        await channel.send(notification())
    await channel.send(notification(in_doubt=True))

    assert [received.id for received in hook.received] == [EVENT_ID] * 2


async def test_another_secret_breaks_the_receiver(
    http: Http, hook: WebhookDouble
) -> None:
    with pytest.raises(ReceiverBroken):
        await open_channel(http, hook, OTHER).send(notification())

    assert hook.refused == ["No matching signature found"]


async def test_without_a_secret_nothing_is_signed(http: Http) -> None:
    async with WebhookDouble(secret=None) as hook:
        await open_channel(http, hook, None).send(notification())

    assert "webhook-signature" not in hook.received[0].headers
    assert hook.received[0].headers["webhook-id"] == EVENT_ID


@pytest.mark.parametrize("status", [200, 201, 202, 204, 299])
async def test_every_2xx_is_a_delivery(
    channel: WebhookChannel, hook: WebhookDouble, status: int
) -> None:
    hook.faults.append(Fault(status=status, stored=True))

    await channel.send(notification())

    assert len(hook.received) == 1


@pytest.mark.parametrize(
    ("status", "error"),
    [
        (301, SendFailed),
        (307, SendFailed),
        (404, SendFailed),
        (405, SendFailed),
        (408, SendFailed),
        (500, SendFailed),
        (503, SendFailed),
        (502, SendUncertain),
        (504, SendUncertain),
        (400, SendRejected),
        (413, SendRejected),
        (422, SendRejected),
        (401, ReceiverBroken),
        (403, ReceiverBroken),
        (410, ReceiverBroken),
    ],
)
async def test_everything_else_is_classed_by_what_to_do(
    channel: WebhookChannel, hook: WebhookDouble, status: int, error: type[SendError]
) -> None:
    hook.faults.append(Fault(status=status, headers={"location": hook.url}))

    with pytest.raises(SendError, match=f"^127.0.0.1 answered {status}") as caught:
        await channel.send(notification())

    assert type(caught.value) is error
    assert hook.received == []


@pytest.mark.parametrize(
    ("status", "header", "seconds"),
    [
        (429, "120", 120.0),
        (429, "Sat, 17 May 2025 01:06:00 GMT", 60.0),
        (429, "later", 60.0),
        (503, "7", 7.0),
    ],
)
async def test_a_wait_that_is_asked_for_is_told(
    channel: WebhookChannel,
    hook: WebhookDouble,
    status: int,
    header: str,
    seconds: float,
) -> None:
    hook.faults.append(Fault(status=status, headers={"retry-after": header}))

    with pytest.raises(SendRateLimited) as caught:
        await channel.send(notification())

    assert caught.value.retry_after == seconds


async def test_an_endless_answer_does_not_undo_a_delivery(
    channel: WebhookChannel, hook: WebhookDouble
) -> None:
    hook.faults.append(Fault(status=200, drip=True, stored=True))

    await channel.send(notification())

    assert len(hook.received) == 1


async def test_a_private_address_is_refused_unless_it_is_allowed(
    http: Http, hook: WebhookDouble
) -> None:
    strict = WebhookChannel(http, url=SecretStr(hook.url), key=None, now=now)

    with pytest.raises(SendFailed, match="allow_private"):
        await strict.send(notification())

    assert hook.received == []


@pytest.mark.parametrize(
    "fault", [Fault(status=500, body=b"CANARY"), Fault(status=410), Fault(hang=True)]
)
async def test_no_error_shows_the_secret_or_the_address(
    channel: WebhookChannel, hook: WebhookDouble, fault: Fault
) -> None:
    hook.faults.append(fault)

    with pytest.raises(SendError) as caught:
        await channel.send(notification())

    told = everything_said_by(caught.value)
    assert "CANARY" not in told
    assert base64.b64encode(b"CANARY").decode() not in told


def spec(**keys: object) -> WebhookSpec:
    return WebhookSpec.model_validate({"kind": "webhook", **keys})


@pytest.mark.parametrize(
    "secret", ["", "whsec_", "c2hvcnQ=", "not base64 at all, but quite long", "é" * 40]
)
def test_a_secret_that_cannot_sign_is_an_error_and_never_unsigned(secret: str) -> None:
    with pytest.raises(ValidationError) as caught:
        spec(url="https://example.org", secret=secret)

    assert "secret" in str(caught.value)


def test_padding_may_be_left_out() -> None:
    assert read_key(SecretStr(SECRET.rstrip("="))) == b"CANARY, twenty-four bytes"


@pytest.mark.parametrize(
    ("url", "told"),
    [
        ("http://example.org/h", "plain http"),
        ("https://127.0.0.1/h", "private address"),
        ("https://[::1]/h", "private address"),
        ("https://169.254.169.254/latest", "private address"),
        ("https://localhost/h", "private address"),
        ("ftp://example.org", "is not an address"),
        ("example.org", "is not an address"),
        ("https://", "is not an address"),
        ("https://h:99999/", "is not an address"),
        ("https://[::1/", "is not an address"),
        ("https://h/a b", "is not an address"),
        ("https://h/\n", "is not an address"),
    ],
)
def test_an_address_that_cannot_be_used_is_found_before_anything_is_sent(
    url: str, told: str
) -> None:
    with pytest.raises(ValidationError, match=told):
        spec(url=url)


def test_private_networks_are_opted_into() -> None:
    assert spec(url="http://10.0.0.5:8080/h", allow_private=True).allow_private


def test_a_spec_shows_no_secret() -> None:
    shown = spec(url="https://example.org/CANARY", secret=SECRET)

    told = f"{shown!r}{shown}{json.dumps(shown.model_dump(mode='json'))}"
    assert "CANARY" not in told
    assert SECRET not in told
