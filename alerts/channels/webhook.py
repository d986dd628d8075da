"""A webhook after Standard Webhooks 1.0: the trigger's JSON, signed.

The signature is base64(HMAC-SHA256(secret, "{id}.{timestamp}.{body}"))
(github.com/standard-webhooks/standard-webhooks, spec 1.0.0). The id stays the same
over all attempts, the timestamp is that of the attempt.
"""

import base64
import binascii
import hashlib
import hmac
import ipaddress
import json
from collections.abc import Callable
from typing import Annotated, Literal, Self
from urllib.parse import urlsplit

from pydantic import AfterValidator, SecretStr, StrictBool, model_validator

from alerts.channels.http import Answer, Call, Http
from alerts.channels.retry_after import parse_retry_after
from alerts.channels.spec import ReceiverSpec, Secret
from alerts.errors import (
    ReceiverBroken,
    SendError,
    SendFailed,
    SendRateLimited,
    SendRejected,
    SendUncertain,
)
from alerts.notification import Message, Notification, Receipt
from market.instant import SECOND

UNSAID_RETRY_AFTER = 60.0
"""Seconds, where a 429 does not say."""
_PREFIX = "whsec_"
_SHORTEST_KEY = 24
"""Bytes, by the standard."""
_NEEDS_A_PERSON = frozenset({401, 403, 410})
"""Not us, not with this secret, gone for good."""
_WRONG_CONTENT = frozenset({400, 413, 415, 422})
"""This body will be refused for ever. All other statuses may be a deployment."""
_AMBIGUOUS = frozenset({502, 504})


def read_key(secret: SecretStr) -> bytes:
    """The bytes of a "whsec_…" or plain base64 secret.

    Raises:
        ValueError: it is not base64, or is shorter than the standard's 24 bytes.
    """
    text = secret.get_secret_value().removeprefix(_PREFIX)
    try:
        key = base64.b64decode(text + "=" * (-len(text) % 4), validate=True)
    except (binascii.Error, ValueError):
        key = b""
    if len(key) < _SHORTEST_KEY:
        raise ValueError(
            "is not a signing secret of 24 bytes or more in base64; make one with "
            '"openssl rand -base64 32"'
        )
    return key


def _check_secret(secret: SecretStr) -> SecretStr:
    read_key(secret)
    return secret


def _check_url(url: SecretStr) -> SecretStr:
    text = url.get_secret_value()
    try:
        parts = urlsplit(text)
        usable = (
            parts.scheme in {"http", "https"} and parts.hostname and parts.port != 0
        )
    except ValueError:
        usable = False
    if not usable or not text.isprintable() or " " in text:
        raise ValueError('is not an address such as "https://example.org/hook"')
    return url


class WebhookSpec(ReceiverSpec):
    """A program of yours that takes a POST of every trigger's JSON."""

    kind: Literal["webhook"]
    """Standard Webhooks."""

    url: Annotated[Secret, AfterValidator(_check_url)]
    """Where to post. Never logged: many such addresses hold a key."""

    secret: Annotated[Secret, AfterValidator(_check_secret)] | None = None
    """Signs every message: base64 of 24 bytes or more, with or without "whsec_".
    Without this key messages are not signed; an empty one is an error."""

    allow_private: StrictBool = False
    """Allow plain http, and loopback and private addresses."""

    @model_validator(mode="after")
    def _must_be_public(self) -> Self:
        parts = urlsplit(self.url.get_secret_value())
        if self.allow_private:
            return self
        if parts.scheme != "https":
            raise ValueError(
                "url is plain http, which anyone on the way can read; use https, or "
                "set allow_private = true for your own network"
            )
        if _is_private_literal(parts.hostname or ""):
            raise ValueError(
                "url is a private address; set allow_private = true if that is meant"
            )
        return self

    def open(self, http: Http, now: Callable[[], int]) -> "WebhookChannel":
        """Build the channel."""
        http.prepare(public_only=not self.allow_private)
        return WebhookChannel(
            http,
            url=self.url,
            key=None if self.secret is None else read_key(self.secret),
            allow_private=self.allow_private,
            now=now,
        )


def _is_private_literal(host: str) -> bool:
    # Only what can be told without the resolver; the guard judges every connection.
    if host.lower() == "localhost":
        return True
    try:
        return not ipaddress.ip_address(host.partition("%")[0]).is_global
    except ValueError:
        return False


class WebhookChannel:
    """Posts to one address."""

    def __init__(
        self,
        http: Http,
        *,
        url: SecretStr,
        key: bytes | None,
        now: Callable[[], int],
        allow_private: bool = False,
    ) -> None:
        self._http = http
        self._url = url
        self._key = None if key is None else _Key(key)
        self._now = now
        self._allow_private = allow_private

    async def send(self, notification: Notification) -> Receipt:
        """Deliver once; only a 2xx is a delivery, and redirects are not followed.

        Raises:
            SendError: see alerts/errors.py.
        """
        call = self._call(notification.message)
        answer = await self._http.exchange(call)
        if 200 <= answer.status < 300:  # noqa: PLR2004
            return Receipt(reference=notification.message.event_id)
        raise self._refusal(answer, call.host)

    async def close(self) -> None:
        """Nothing to give back: the connections are the shared client's."""

    def _call(self, message: Message) -> Call:
        body = render_body(message)
        timestamp = self._now() // SECOND
        headers = {
            "content-type": "application/json",
            "webhook-id": message.event_id,
            "webhook-timestamp": str(timestamp),
        }
        if self._key is not None:
            headers["webhook-signature"] = sign(
                self._key.value, message.event_id, timestamp, body
            )
        return Call(
            url=self._url,
            body=body,
            headers=headers,
            public_only=not self._allow_private,
        )

    def _refusal(self, answer: Answer, host: str) -> SendError:
        status = answer.status
        said = f"{host} answered {status}"
        wait = parse_retry_after(answer.headers.get("retry-after"), self._now())
        if status == 429 or (status == 503 and wait is not None):  # noqa: PLR2004
            return SendRateLimited(said, UNSAID_RETRY_AFTER if wait is None else wait)
        if status in _NEEDS_A_PERSON:
            return ReceiverBroken(f"{said}: it wants no more messages from us")
        if status in _WRONG_CONTENT:
            return SendRejected(f"{said}: it will not take this message")
        if status in _AMBIGUOUS:
            return SendUncertain(f"{said}, which does not tell whether it has it")
        if 300 <= status < 400:  # noqa: PLR2004
            return SendFailed(f"{said}, a redirect, which is not followed: correct url")
        return SendFailed(said)


class _Key:
    """Bytes that do not show themselves in a traceback."""

    __slots__ = ("value",)

    def __init__(self, value: bytes) -> None:
        self.value = value


def render_body(message: Message) -> bytes:
    """The exact bytes that are signed and sent."""
    text = json.dumps(message.body, ensure_ascii=False, separators=(",", ":"))
    return text.encode("utf-8", "replace")


def sign(key: bytes, event_id: str, timestamp: int, body: bytes) -> str:
    """The value of the webhook-signature header."""
    signed = f"{event_id}.{timestamp}.".encode() + body
    digest = hmac.new(key, signed, hashlib.sha256).digest()
    return "v1," + base64.b64encode(digest).decode()
