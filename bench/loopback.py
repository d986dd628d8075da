"""An exchange and a webhook receiver on loopback, both HTTP by hand.

It speaks as much of Kraken's public REST API as ccxt needs, and lists a thousand
pairs, as Kraken does. When a price left and when a message about it arrived are
stamps of one clock in one process.
"""

import asyncio
import json
import time
from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import Self
from urllib.parse import parse_qs, urlsplit

from daemon.paper.pair import BNB_USD, PAIRS, Pair
from daemon.paper.wire import find_pairs, render_assets, render_pairs

_LISTED = 1_000
_PRICES = {"XMR/USD": 340.0, "DOGE/USD": 0.22, "EUR/USD": 1.12}

Prices = Callable[[], float]


class Loopback:
    """The server; an async context manager.

    Attributes:
        left: perf_counter seconds at which a price of BNB/USD last went out.
        arrivals: (price in the message, perf_counter seconds, latency or None).
    """

    def __init__(self, bnb: Prices) -> None:
        """Take the prices of BNB/USD: asked once for every Ticker reply."""
        self.left: dict[float, float] = {}
        self.arrivals: list[tuple[float, float, float | None]] = []
        self.polls: dict[str, int] = {}
        self._bnb = bnb
        self._news = asyncio.Event()
        self._server: asyncio.Server | None = None
        self._open: dict[asyncio.StreamWriter, asyncio.Task[object] | None] = {}
        self._static = {
            "Assets": _reply(render_assets(PAIRS)),
            "AssetPairs": _reply(render_pairs(_listing())),
        }
        self.port = 0

    @property
    def base_url(self) -> str:
        """What replaces the venue's REST root."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def hook_url(self) -> str:
        """Where messages go."""
        return f"{self.base_url}/hook"

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._server is not None:
            self._server.close()
        for writer in self._open:
            writer.close()
        await asyncio.gather(*filter(None, self._open.values()))

    async def wait_for(self, count: int, within: float = 60.0) -> None:
        """Until so many messages have arrived."""
        async with asyncio.timeout(within):
            while len(self.arrivals) < count:
                self._news.clear()
                await self._news.wait()

    async def _serve(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        self._open[writer] = asyncio.current_task()
        try:
            while True:
                head = await reader.readuntil(b"\r\n\r\n")
                body = await reader.readexactly(_length(head))
                writer.write(self._answer(head.split(b" ", 2)[1].decode(), body))
        except (asyncio.IncompleteReadError, ConnectionError):
            writer.close()

    def _answer(self, target: str, body: bytes) -> bytes:
        url = urlsplit(target)
        if url.path == "/hook":
            self._arrive(json.loads(body))
            return b"HTTP/1.1 204 No Content\r\n\r\n"
        method = url.path.rpartition("/")[2]
        self.polls[method] = self.polls.get(method, 0) + 1
        if method in self._static:
            return self._static[method]
        query = parse_qs(url.query)
        pairs = find_pairs(query.get("pair", [""])[0] or None, PAIRS)
        if method == "OHLC":
            return _reply({pairs[0].venue_id: [], "last": 0})
        bnb = self._bnb()
        reply = _reply({p.venue_id: _ticker(p, bnb) for p in pairs})
        if BNB_USD in pairs:
            self.left[bnb] = time.perf_counter()
        return reply

    def _arrive(self, message: dict[str, object]) -> None:
        now = time.perf_counter()
        price = float(str(message["price"]))
        left = self.left.pop(price, None)
        self.arrivals.append((price, now, None if left is None else now - left))
        self._news.set()


def _length(head: bytes) -> int:
    for line in head.split(b"\r\n"):
        name, _, value = line.partition(b":")
        if name.lower() == b"content-length":
            return int(value)
    return 0


def _reply(result: dict[str, object]) -> bytes:
    body = json.dumps({"error": [], "result": result}, separators=(",", ":")).encode()
    head = (
        "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n"
        f"content-length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body


def _ticker(pair: Pair, bnb: float) -> dict[str, object]:
    price = bnb if pair is BNB_USD else _PRICES[pair.instrument]
    at = pair.increments(price)
    last = pair.render(at)
    return {
        "a": [pair.render(at + pair.half_spread), "1", "1.000"],
        "b": [pair.render(at - pair.half_spread), "1", "1.000"],
        "c": [last, "1.00000000"],
        "v": ["4147.94474901", "8896.96086304"],
        "p": [last, last],
        "t": [3907, 10056],
        "l": [last, last],
        "h": [last, last],
        "o": last,
    }


def _listing() -> Iterable[Pair]:
    yield from PAIRS
    for number in range(_LISTED - len(PAIRS)):
        name = f"C{number:03}"
        yield replace(
            BNB_USD,
            instrument=f"{name}/USD",
            venue_id=f"{name}USD",
            altname=f"{name}USD",
            wsname=f"{name}/USD",
            base=name,
        )
