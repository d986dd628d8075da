"""Webhook receivers that fail as real ones do: by chance, and at the worst moment."""

import asyncio
import json
import random
import socket
import struct
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import Enum, auto
from typing import Self

from aiohttp import web


class Whim(Enum):
    """What a receiver does to one request."""

    TAKE = auto()
    REFUSE = auto()
    """500, not stored."""
    PUT_OFF = auto()
    """429 with `Retry-After: 0`, not stored."""
    RESET = auto()
    """The connection is reset before anything is stored."""
    RESET_AFTER = auto()
    """Stored, then the connection is reset: the sender cannot know."""
    SILENT_AFTER = auto()
    """Stored, then silent until the sender gives up or dies."""

    @property
    def ambiguous(self) -> bool:
        return self in {Whim.RESET_AFTER, Whim.SILENT_AFTER}


@dataclass(frozen=True, slots=True, kw_only=True)
class Temper:
    """How a receiver behaves.

    Attributes:
        pause: the longest wait before storing, and again before answering; seconds.
        whims: the chance of each whim; what is left is the chance that it takes.
    """

    pause: float
    whims: Mapping[Whim, float]


TEMPERS = {
    "prompt": Temper(pause=0.016, whims={}),
    "flaky": Temper(
        pause=0.016,
        whims={
            Whim.REFUSE: 0.02,
            Whim.PUT_OFF: 0.15,
            Whim.RESET: 0.01,
            Whim.RESET_AFTER: 0.01,
            Whim.SILENT_AFTER: 0.02,
        },
    ),
}
"""Receivers by name. A refusal or a reset holds its line for about five seconds, so
there is one receiver without them: its line is always moving when the kill comes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrival:
    """One stored request.

    Attributes:
        at, detected_at: epoch ms, read from the body.
    """

    id: str
    raw: bytes
    rule: str
    instrument: str
    event: str
    direction: str | None
    at: int
    detected_at: int


class Receivers:
    """All receivers on one loopback port, between `async with` and its end.

    Attributes:
        arrived: what each has stored, in order, repeats included.
        ambiguous: how many requests each has stored and not confirmed.
        calm: set, nobody has whims any more.
    """

    def __init__(self, seed: int) -> None:
        self.arrived: dict[str, list[Arrival]] = {name: [] for name in TEMPERS}
        self.ambiguous = dict.fromkeys(TEMPERS, 0)
        self.calm = False
        self._random = random.Random(f"receivers:{seed}")
        self._closing = asyncio.Event()
        self._port = 0
        app = web.Application()
        app.router.add_post("/{receiver}", self._serve)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)

    async def __aenter__(self) -> Self:
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", 0).start()
        self._port = self._runner.addresses[0][1]
        return self

    async def __aexit__(self, *_: object) -> None:
        self._closing.set()
        await self._runner.cleanup()

    def url(self, receiver: str) -> str:
        return f"http://127.0.0.1:{self._port}/{receiver}"

    async def _serve(self, request: web.Request) -> web.StreamResponse:
        receiver = request.match_info["receiver"]
        temper, raw = TEMPERS[receiver], await request.read()
        whim = Whim.TAKE if self.calm else self._whim(temper)
        pauses = [self._random.uniform(0, temper.pause) for _ in range(2)]
        await asyncio.sleep(pauses[0])
        if _is_gone(request) or whim is Whim.RESET:
            return _reset(request)
        if whim is Whim.REFUSE:
            return web.Response(status=500)
        if whim is Whim.PUT_OFF:
            return web.Response(status=429, headers={"Retry-After": "0"})
        self.arrived[receiver].append(parse_arrival(raw, request.headers))
        self.ambiguous[receiver] += whim.ambiguous
        await asyncio.sleep(pauses[1])
        if whim is Whim.RESET_AFTER:
            return _reset(request)
        if whim is Whim.SILENT_AFTER:
            await self._closing.wait()
        return web.Response(status=204)

    def _whim(self, temper: Temper) -> Whim:
        left = 1 - sum(temper.whims.values())
        names, chances = zip(*{Whim.TAKE: left, **temper.whims}.items(), strict=True)
        (whim,) = self._random.choices(names, chances)
        return Whim(whim)


def parse_arrival(raw: bytes, headers: Mapping[str, str]) -> Arrival:
    """Read a trigger's JSON; nothing of the daemon reads it for us."""
    body = json.loads(raw)
    return Arrival(
        id=headers["webhook-id"],
        raw=raw,
        rule=body["rule"],
        instrument=body["instrument"],
        event=body["event"],
        direction=body["direction"],
        at=_milliseconds(body["at"]),
        detected_at=_milliseconds(body["detected_at"]),
    )


def _milliseconds(text: str) -> int:
    return round(datetime.fromisoformat(text).timestamp() * 1000)


def _is_gone(request: web.Request) -> bool:
    return request.transport is None or request.transport.is_closing()


def _reset(request: web.Request) -> web.Response:
    """End the connection by a reset; the response that it gives goes nowhere."""
    if request.transport is not None:
        connection = request.transport.get_extra_info("socket")
        if connection is not None:
            at_once = struct.pack("ii", 1, 0)
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, at_once)
        request.transport.abort()
    return web.Response(status=500)
