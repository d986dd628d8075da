"""How each fault looks on the wire."""

import asyncio
import gzip
import json
from collections.abc import Callable
from typing import Any

from aiohttp import web

from daemon.paper.faults import Fault, Injection
from daemon.paper.market import PaperMarket
from daemon.paper.wire import Wire

_PAGE = "<!doctype html><html><title>Just a moment...</title><body>503</body></html>"
_CHUNK = 64 * 1024
_DRIP_SECONDS = 0.05


class Spoiler:
    """Turns an honest reply into the one that an injection asks for."""

    def __init__(self, stopping: asyncio.Event) -> None:
        """`stopping` ends the replies that would never end."""
        self._stopping = stopping

    async def spoil(
        self,
        request: web.Request,
        body: Wire,
        injection: Injection,
        market: PaperMarket,
    ) -> web.StreamResponse:
        """The spoiled reply, sent or ready to be sent."""
        fault = injection.fault
        if fault in {Fault.HANG, Fault.DRIP, Fault.CUT, Fault.HUGE}:
            return await self._stream(request, body, injection)
        if fault is Fault.BOMB:
            squeezed = gzip.compress(bytes(injection.size), compresslevel=1)
            return web.Response(
                body=squeezed,
                content_type="application/json",
                headers={"Content-Encoding": "gzip"},
            )
        if fault is Fault.STATUS:
            headers = {"Retry-After": injection.retry_after or ""}
            return web.Response(
                status=injection.status,
                text="no",
                headers=headers if injection.retry_after else None,
            )
        return _whole(body, injection, market)

    async def _stream(
        self, request: web.Request, body: Wire, injection: Injection
    ) -> web.StreamResponse:
        if injection.fault is Fault.HANG:
            await self._stopping.wait()
        response = web.StreamResponse(headers={"Content-Type": "application/json"})
        text = json.dumps(body).encode()
        if injection.fault is Fault.CUT:
            response.content_length = len(text)
        await response.prepare(request)
        match injection.fault:
            case Fault.CUT:
                await response.write(text[: len(text) // 2])
                if request.transport is not None:
                    request.transport.close()
            case Fault.DRIP:
                await self._drip(response, text)
            case Fault.HUGE:
                for _ in range(0, injection.size, _CHUNK):
                    await response.write(b" " * _CHUNK)
            case _:
                pass
        return response

    async def _drip(self, response: web.StreamResponse, text: bytes) -> None:
        for byte in text:
            if self._stopping.is_set():
                return
            await response.write(bytes([byte]))
            await asyncio.sleep(_DRIP_SECONDS)


def _whole(body: Wire, injection: Injection, market: PaperMarket) -> web.Response:
    text = json.dumps(body)
    content_type = "application/json"
    match injection.fault:
        case Fault.HTML:
            text, content_type = _PAGE, "text/html"
        case Fault.EMPTY:
            text = ""
        case Fault.TRUNCATED:
            text = text[: len(text) // 2]
        case Fault.ERROR:
            text = json.dumps({"error": [injection.error]})
        case _:
            text = json.dumps(_lie(body, injection, market))
    return web.Response(text=text, content_type=content_type)


def _lie(body: Wire, injection: Injection, market: PaperMarket) -> Wire:
    result = body.get("result")
    if not isinstance(result, dict) or not result:
        return body
    first = next(iter(result))
    if injection.fault is Fault.MISSING_PAIR:
        return {**body, "result": {k: v for k, v in result.items() if k != first}}
    if injection.fault is Fault.WRONG_PAIR:
        others = [p.venue_id for p in market.pairs if p.venue_id not in result]
        others += [f"X{name}" for name in result]
        return {**body, "result": dict(zip(others, result.values(), strict=False))}
    meant = {
        pair.venue_id
        for pair in market.pairs
        if injection.instrument in {None, pair.instrument}
    }
    lie = _LIES[injection.fault]
    return {
        **body,
        "result": {k: lie(v) if k in meant else v for k, v in result.items()},
    }


def _with_price(text: str | None) -> Callable[[dict[str, Any]], dict[str, Any]]:
    return lambda entry: {**entry, "c": [text, "1.00000000"]}


def _without_last(entry: dict[str, Any]) -> dict[str, Any]:
    return {**entry, "c": [None, None]}


def _spiked(entry: dict[str, Any]) -> dict[str, Any]:
    def multiplied(sides: list[str]) -> list[str]:
        return [repr(float(sides[0]) * 100), *sides[1:]]

    return {**entry, **{side: multiplied(entry[side]) for side in ("a", "b", "c")}}


def _crossed(entry: dict[str, Any]) -> dict[str, Any]:
    return {**entry, "a": entry["b"], "b": entry["a"]}


_LIES: dict[Fault, Callable[[dict[str, Any]], dict[str, Any]]] = {
    Fault.NAN: _with_price("NaN"),
    Fault.INFINITE: _with_price("1e400"),
    Fault.ZERO: _with_price("0.00000"),
    Fault.NEGATIVE: _with_price("-1.00000"),
    Fault.TEXT: _with_price("abc"),
    Fault.NULL_LAST: _without_last,
    Fault.SPIKE: _spiked,
    Fault.CROSSED: _crossed,
}
