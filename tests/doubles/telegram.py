"""A Bot API server as strict as Telegram's, with faults to be set at run time.

It checks what the real one checks of `sendMessage`: token, chat, entities, length in
UTF-16 units. `faults` is a queue: each request takes the first one off it.
"""

import asyncio
import json
import re
from collections import deque
from dataclasses import dataclass, field
from enum import StrEnum
from types import TracebackType
from typing import Self

from aiohttp import web

LIMIT = 4096
_STYLES = {"b", "strong", "i", "em", "u", "ins", "s", "strike", "del", "span", "code"}
_TAGS = _STYLES | {"a", "blockquote", "pre", "tg-emoji", "tg-spoiler"}
_ENTITIES = {"&lt;": "<", "&gt;": ">", "&amp;": "&", "&quot;": '"'}
_MARKUP = re.compile(r"<[^>]*>?|&[a-zA-Z]+;|&#[0-9]+;|&#x[0-9a-fA-F]+;")
_TAG = re.compile(r"<(/?)([a-z-]+)(\s[^<>]*)?>", re.IGNORECASE)


class EntityError(ValueError):
    """The HTML is not what Telegram parses; the text is Telegram's."""


def parse_html(text: str) -> str:
    """The text that a person sees.

    Raises:
        EntityError: an unknown, unclosed or wrongly nested tag, or a bare "<".
    """
    open_tags: list[str] = []

    def replace(match: re.Match[str]) -> str:
        found = match[0]
        if found.startswith("&"):
            return _entity(found)
        tag = _TAG.fullmatch(found)
        if tag is None:
            raise EntityError(f'Unsupported start tag "{found[1:]}"')
        name = tag[2].lower()
        if name not in _TAGS:
            raise EntityError(f'Unsupported start tag "{name}"')
        if not tag[1]:
            open_tags.append(name)
        elif not open_tags or open_tags.pop() != name:
            raise EntityError(f'Unmatched end tag "{name}"')
        return ""

    seen = _MARKUP.sub(replace, text)
    if open_tags:
        raise EntityError(
            f"Can't find end tag corresponding to start tag {open_tags[-1]}"
        )
    return seen


def _entity(found: str) -> str:
    if found.startswith("&#x"):
        return chr(int(found[3:-1], 16))
    if found.startswith("&#"):
        return chr(int(found[2:-1]))
    # Telegram leaves unknown names as they are.
    return _ENTITIES.get(found, found)


class Then(StrEnum):
    """What happens to the connection beside the answer."""

    ANSWER = "answer"
    HANG = "hang"
    """Nothing is ever said."""
    HANG_UP = "hang up"
    """The connection is closed without an answer."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """What one request meets instead of success.

    Attributes:
        stored: the message is delivered all the same.
        body: the raw answer; by default Telegram's JSON for status and description.
    """

    status: int = 200
    description: str = ""
    parameters: dict[str, object] = field(default_factory=dict)
    body: bytes | None = None
    stored: bool = False
    then: Then = Then.ANSWER


def too_many_requests(retry_after: int) -> Fault:
    return Fault(
        status=429,
        description=f"Too Many Requests: retry after {retry_after}",
        parameters={"retry_after": retry_after},
    )


BLOCKED = Fault(status=403, description="Forbidden: bot was blocked by the user")
INTERNAL_ERROR = Fault(status=500, description="Internal Server Error")
BAD_GATEWAY = Fault(status=502, body=b"<html><h1>502 Bad Gateway</h1></html>")
CANNOT_PARSE = Fault(
    status=400, description="Bad Request: can't parse entities: by order of the test"
)
STORED_THEN_SILENT = Fault(stored=True, then=Then.HANG)
STORED_THEN_HUNG_UP = Fault(stored=True, then=Then.HANG_UP)
SILENT = Fault(then=Then.HANG)
HUNG_UP = Fault(then=Then.HANG_UP)


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivered:
    """A message as the chat shows it."""

    message_id: int
    chat: str
    text: str
    """What a person sees: tags and entities resolved."""
    raw: str
    parse_mode: str | None
    silent: bool


class TelegramDouble:
    """Serves on loopback between `async with` and its end.

    Attributes:
        url: the `base_url` of a receiver.
        messages: what was delivered, in order.
        requests: parsed bodies of all calls of sendMessage, refused ones included.
        faults: taken one by one; append to it at any time.
        outage: what every request meets while it is set, without using up `faults`.
        migrated: old chat id to new one; the old one is refused, the new one known.
    """

    def __init__(self, *, token: str, chats: tuple[str, ...]) -> None:
        self.token = token
        self.chats = set(chats)
        self.messages: list[Delivered] = []
        self.requests: list[dict[str, object]] = []
        self.faults: deque[Fault] = deque()
        self.outage: Fault | None = None
        self.migrated: dict[str, int] = {}
        self.url = ""
        self._news = asyncio.Event()
        self._closing = asyncio.Event()
        self._runner: web.AppRunner | None = None
        self._port = 0

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
        site = web.TCPSite(self._runner, "127.0.0.1", self._port, reuse_address=True)
        await site.start()
        self._port = self._runner.addresses[0][1]
        self.url = f"http://127.0.0.1:{self._port}"

    async def stop(self) -> None:
        """Refuse connections, as a server that is down."""
        self._closing.set()
        if self._runner is not None:
            await self._runner.cleanup()
            self._runner = None

    async def wait_for(self, count: int, within: float = 30.0) -> list[Delivered]:
        """The messages, as soon as there are that many.

        Raises:
            TimeoutError: with how many there were.
        """
        try:
            async with asyncio.timeout(within):
                while len(self.messages) < count:
                    self._news.clear()
                    await self._news.wait()
        except TimeoutError:
            got = len(self.messages)
            raise TimeoutError(f"{got} of {count} messages came") from None
        return self.messages

    async def _serve(self, request: web.Request) -> web.StreamResponse:
        match = re.fullmatch(r"/bot([^/]*)/([A-Za-z]+)", request.path)
        if match is None:
            return _answer(404, "Not Found")
        if match[1] != self.token:
            return _answer(401, "Unauthorized")
        if match[2].lower() == "getme":
            return _success({"id": 1, "is_bot": True, "first_name": "double"})
        if match[2].lower() != "sendmessage" or request.method != "POST":
            return _answer(404, "Not Found: method not found")
        try:
            fields = json.loads(await request.read())
        except ValueError:
            return _answer(400, "Bad Request: can't parse JSON object")
        self.requests.append(fields)
        fault = self.outage or (self.faults.popleft() if self.faults else None)
        if fault is not None:
            return await self._fail(request, fields, fault)
        return self._send_message(fields)

    async def _fail(
        self, request: web.Request, fields: dict[str, object], fault: Fault
    ) -> web.StreamResponse:
        if fault.stored:
            self._send_message(fields)
        if fault.then is Then.HANG:
            await self._closing.wait()
        if fault.then is not Then.ANSWER:
            if request.transport is not None:
                request.transport.abort()
            raise ConnectionResetError
        if fault.body is not None:
            return web.Response(status=fault.status, body=fault.body)
        return _answer(fault.status, fault.description, fault.parameters)

    def _send_message(self, fields: dict[str, object]) -> web.Response:
        chat = str(fields.get("chat_id", ""))
        raw = str(fields.get("text", ""))
        mode = fields.get("parse_mode")
        refusal = self._refusal(chat, raw, mode)
        if refusal is not None:
            return refusal
        text = parse_html(raw) if mode == "HTML" else raw
        delivered = Delivered(
            message_id=len(self.messages) + 1,
            chat=chat,
            text=text,
            raw=raw,
            parse_mode=None if mode is None else str(mode),
            silent=fields.get("disable_notification") is True,
        )
        self.messages.append(delivered)
        self._news.set()
        return _success({"message_id": delivered.message_id, "text": text})

    def _refusal(self, chat: str, raw: str, mode: object) -> web.Response | None:
        if chat in self.migrated:
            new_chat = self.migrated[chat]
            self.chats.add(str(new_chat))
            return _answer(
                400,
                "Bad Request: group chat was upgraded to a supergroup chat",
                {"migrate_to_chat_id": new_chat},
            )
        if chat not in self.chats:
            return _answer(400, "Bad Request: chat not found")
        if mode not in {None, "HTML"}:
            return _answer(400, "Bad Request: unsupported parse_mode")
        try:
            text = parse_html(raw) if mode == "HTML" else raw
        except EntityError as exc:
            return _answer(400, f"Bad Request: can't parse entities: {exc}")
        if not text.strip():
            return _answer(400, "Bad Request: message text is empty")
        if len(text.encode("utf-16-le", "surrogatepass")) // 2 > LIMIT:
            return _answer(400, "Bad Request: message is too long")
        return None


def _success(result: dict[str, object]) -> web.Response:
    return web.json_response({"ok": True, "result": result})


def _answer(
    status: int, description: str, parameters: dict[str, object] | None = None
) -> web.Response:
    body: dict[str, object] = {
        "ok": False,
        "error_code": status,
        "description": description,
    }
    if parameters:
        body["parameters"] = parameters
    return web.json_response(body, status=status)
