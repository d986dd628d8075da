"""Telegram: one `sendMessage` of the Bot API for each notification.

A refused message looks like
``{"ok":false,"error_code":429,"description":"Too Many Requests: retry after 5",
"parameters":{"retry_after":5}}`` (core.telegram.org/bots/api#making-requests, read
November 2026).
"""

import asyncio
import json
import re
from collections.abc import Callable, Mapping
from typing import Annotated, Literal

from pydantic import AfterValidator, BeforeValidator, Field, SecretStr

from alerts.channels.http import Answer, Call, Http
from alerts.channels.retry_after import parse_retry_after
from alerts.channels.spec import SEND_DEADLINE, ReceiverSpec, Secret
from alerts.channels.telegram_text import render_html, render_plain
from alerts.errors import (
    ReceiverBroken,
    SendError,
    SendFailed,
    SendRateLimited,
    SendRejected,
    SendUncertain,
)
from alerts.notification import Notification, Receipt

PUBLIC_API = "https://api.telegram.org"
UNSAID_RETRY_AFTER = 30.0
"""Seconds, where a 429 does not say: longer than the burst limit of one chat."""
_TOKEN = re.compile(r"\d{1,20}:[A-Za-z0-9_-]{1,200}")
_DESCRIPTION_LIMIT = 200

# Of a 400: what no other message to this chat will escape either.
_CHAT_IS_GONE = (
    "chat not found",
    "user not found",
    "peer_id_invalid",
    "chat_id is empty",
    "chat_write_forbidden",
    "not enough rights",
    "have no rights to send",
    "bot is not a member",
    "group chat was deactivated",
)
_UNAUTHORISED = frozenset({401, 404})
"""Both are said of a token that Telegram does not know."""
_AMBIGUOUS = frozenset({502, 504})
"""Said by a gateway that had passed the request on."""
_TEMPORARY_4XX = frozenset({408, 409, 425})


def _check_token(token: SecretStr) -> SecretStr:
    if not _TOKEN.fullmatch(token.get_secret_value()):
        raise ValueError(
            "is not a bot token; @BotFather gives one like 123456:ABC-DEF…"
        )
    return token


def _read_chat(value: object) -> object:
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    return value


def check_base_url(url: str) -> str:
    """An http or https address without query; a slash at its end is dropped."""
    if not re.fullmatch(r"https?://[^\s/?#@]+(/[^\s?#]*)?", url):
        raise ValueError('is not an address such as "https://api.telegram.org"')
    return url.rstrip("/")


class TelegramSpec(ReceiverSpec):
    """A chat, group or channel on Telegram, written to by a bot."""

    kind: Literal["telegram"]
    """Telegram's Bot API."""

    token: Annotated[Secret, AfterValidator(_check_token)]
    """The bot's token, from @BotFather."""

    chat: Annotated[Secret, BeforeValidator(_read_chat)]
    """The id of the chat, or "@name" of a public channel."""

    base_url: Annotated[str, AfterValidator(check_base_url)] = Field(default=PUBLIC_API)
    """A self-hosted Bot API server."""

    def open(self, http: Http, now: Callable[[], int]) -> "TelegramChannel":
        """Build the channel."""
        http.prepare()
        return TelegramChannel(
            http, token=self.token, chat=self.chat, base_url=self.base_url, now=now
        )


class TelegramChannel:
    """Sends to one chat, and follows it when the group becomes a supergroup."""

    def __init__(
        self,
        http: Http,
        *,
        token: SecretStr,
        chat: SecretStr,
        now: Callable[[], int],
        base_url: str = PUBLIC_API,
    ) -> None:
        self._http = http
        self._token = token
        self._chat = chat
        self._now = now
        self._url = SecretStr(f"{base_url}/bot{token.get_secret_value()}/sendMessage")

    async def send(self, notification: Notification) -> Receipt:
        """Deliver once, with at most two corrections of what Telegram objects to.

        Raises:
            SendError: see alerts/errors.py.
        """
        try:
            async with asyncio.timeout(SEND_DEADLINE):
                outcome = await self._send(notification)
        except TimeoutError:
            outcome = SendUncertain("Telegram did not answer in time")
        # Raised only here: the frames below hold what the server said, which may be
        # our own request.
        if isinstance(outcome, SendError):
            raise outcome
        return outcome

    async def close(self) -> None:
        """Nothing to give back: the connections are the shared client's."""

    async def _send(self, notification: Notification) -> Receipt | SendError:
        try:
            return await self._persuade(notification)
        except SendError as exc:
            return exc.with_traceback(None)

    async def _persuade(self, notification: Notification) -> Receipt | SendError:
        plain = False
        moved_to: str | None = None
        while True:
            answer = await self._http.exchange(self._call(notification, plain=plain))
            reply = _fields(answer.json())
            if answer.status == 200 and reply.get("ok") is True:  # noqa: PLR2004
                return Receipt(reference=_message_id(reply), moved_to=moved_to)
            new_chat = _migration(reply)
            if new_chat is not None and moved_to is None:
                moved_to = new_chat
                self._chat = SecretStr(new_chat)
            elif _is_parse_error(answer, reply) and not plain:
                plain = True
            else:
                return self._refusal(answer, reply)

    def _call(self, notification: Notification, *, plain: bool) -> Call:
        payload: dict[str, object] = {
            "chat_id": self._chat.get_secret_value(),
            "text": render_plain(notification) if plain else render_html(notification),
            "disable_notification": notification.message.severity == "low",
            "link_preview_options": {"is_disabled": True},
        }
        if not plain:
            payload["parse_mode"] = "HTML"
        return Call(
            url=self._url,
            body=json.dumps(payload).encode(),
            headers={"content-type": "application/json"},
        )

    def _refusal(self, answer: Answer, reply: Mapping[str, object]) -> SendError:
        status = answer.status
        said = f"Telegram answered {status}{self._description(reply)}"
        if status == 429:  # noqa: PLR2004
            return SendRateLimited(said, self._retry_after(answer, reply))
        if status in _UNAUTHORISED:
            return ReceiverBroken(f"{said}; the bot token is not valid (any more)")
        if status == 403 or any(word in said.lower() for word in _CHAT_IS_GONE):  # noqa: PLR2004
            return ReceiverBroken(f"{said}; the bot cannot write to this chat")
        if 400 <= status < 500 and status not in _TEMPORARY_4XX:  # noqa: PLR2004
            return SendRejected(said)
        if status in _AMBIGUOUS or status < 300:  # noqa: PLR2004
            return SendUncertain(f"{said}, which does not tell whether it has it")
        return SendFailed(said)

    def _retry_after(self, answer: Answer, reply: Mapping[str, object]) -> float:
        told = _fields(reply.get("parameters")).get("retry_after")
        for value in (told, answer.headers.get("retry-after")):
            seconds = parse_retry_after(value, self._now())
            if seconds is not None:
                return seconds
        return UNSAID_RETRY_AFTER

    def _description(self, reply: Mapping[str, object]) -> str:
        """Telegram's own words, which a stranger's base_url could fill with ours."""
        words = reply.get("description")
        if not isinstance(words, str):
            return ""
        for secret in (self._token, self._chat):
            words = words.replace(secret.get_secret_value(), "…")
        printable = "".join(sign if sign.isprintable() else " " for sign in words)
        return f" ({printable[:_DESCRIPTION_LIMIT]})"


def _fields(value: object) -> Mapping[str, object]:
    return value if isinstance(value, dict) else {}


def _message_id(reply: Mapping[str, object]) -> str:
    return str(_fields(reply.get("result")).get("message_id", ""))


def _migration(reply: Mapping[str, object]) -> str | None:
    new_chat = _fields(reply.get("parameters")).get("migrate_to_chat_id")
    return str(new_chat) if isinstance(new_chat, int | str) else None


def _is_parse_error(answer: Answer, reply: Mapping[str, object]) -> bool:
    words = str(reply.get("description", "")).lower()
    return answer.status == 400 and "can't parse" in words  # noqa: PLR2004
