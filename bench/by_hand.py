"""The floor as a process: HTTP written by hand, nothing parsed twice, nothing stored.

Arguments: port of the loopback server, seconds between polls.
"""

import asyncio
import json
import sys
import time

_ASK = b"GET /0/public/Ticker?pair=BNBUSD HTTP/1.1\r\nhost: x\r\n\r\n"


async def exchange(
    streams: tuple[asyncio.StreamReader, asyncio.StreamWriter], request: bytes
) -> bytes:
    """Send a request, return the body of the answer."""
    reader, writer = streams
    writer.write(request)
    head = await reader.readuntil(b"\r\n\r\n")
    for line in head.split(b"\r\n"):
        if line.startswith(b"content-length:"):
            return await reader.readexactly(int(line[15:]))
    return b""


async def main(port: int, every: float) -> None:
    """Post every price that lies on the other side of the level."""
    prices = await asyncio.open_connection("127.0.0.1", port)
    hook = await asyncio.open_connection("127.0.0.1", port)
    below: bool | None = None
    due = time.monotonic()
    while True:
        reply = json.loads(await exchange(prices, _ASK))
        price = float(reply["result"]["BNBUSD"]["c"][0])
        was, below = below, price < 637
        if was is not None and was != below:
            body = json.dumps({"price": price}).encode()
            head = f"POST /hook HTTP/1.1\r\nhost: x\r\ncontent-length: {len(body)}\r\n"
            await exchange(hook, head.encode() + b"\r\n" + body)
        due += every
        await asyncio.sleep(max(0.0, due - time.monotonic()))


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1]), float(sys.argv[2])))
