"""A service manager's end of the notification socket."""

import asyncio
import itertools
import os
import socket
from typing import Self

from tests.acceptance.waiting import until

_NUMBERS = itertools.count()


class Manager:
    """Listens between `async with` and its end.

    Attributes:
        address: for NOTIFY_SOCKET.
        heard: all datagrams, oldest first.
    """

    def __init__(self) -> None:
        # Abstract: a path in a deep temporary folder may be too long for a socket.
        self.address = f"@levelwatch-acceptance-{os.getpid()}-{next(_NUMBERS)}"
        self.heard: list[str] = []
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._socket.setblocking(False)

    async def __aenter__(self) -> Self:
        self._socket.bind(self.address.replace("@", "\0"))
        asyncio.get_running_loop().add_reader(self._socket, self._listen)
        return self

    async def __aexit__(self, *_: object) -> None:
        asyncio.get_running_loop().remove_reader(self._socket)
        self._socket.close()

    def _listen(self) -> None:
        self.heard.append(self._socket.recv(4096).decode())

    def count(self, line: str) -> int:
        """How many datagrams have said this line."""
        return sum(line in datagram.splitlines() for datagram in self.heard)

    async def hear(self, line: str, times: int = 1) -> None:
        """Wait until a line was said so many times.

        Raises:
            TimeoutError: with what was said instead.
        """
        await until(
            lambda: self.count(line) >= times,
            lambda: f"{line} was not said {times} times: {set(self.heard)}",
        )
