"""The terminal: a compact block for each alert, in colour where there is colour."""

import sys
from collections.abc import Callable
from typing import TYPE_CHECKING, Literal, TextIO

from alerts.channels.console_block import Block, Line, lay_out
from alerts.channels.http import Http
from alerts.channels.spec import ReceiverSpec
from alerts.errors import SendFailed
from alerts.notification import Notification, Receipt

if TYPE_CHECKING:
    from rich.console import Console

WIDTH = 80
"""Columns where the output is not a terminal, and the most that are used."""


class ConsoleSpec(ReceiverSpec):
    """The standard output of the daemon: a terminal, or the journal."""

    kind: Literal["console"]
    """Standard output."""

    def open(self, http: Http, now: Callable[[], int]) -> "ConsoleChannel":
        """Build the channel."""
        del http, now  # it needs neither
        return ConsoleChannel(sys.stdout)


class ConsoleChannel:
    """Writes to a stream, or through a rich console that draws other things too."""

    def __init__(self, stream: TextIO, *, console: "Console | None" = None) -> None:
        """Take the stream.

        Args:
            stream: rich is used, and imported, only where it is a terminal.
            console: of a live display on the same stream, so that alerts are
                printed above it.
        """
        self._stream = stream
        self._console = console

    async def send(self, notification: Notification) -> Receipt:
        """Print the block.

        Raises:
            SendFailed: the stream is closed or its reader has gone.
        """
        try:
            if self._console is None and not self._stream.isatty():
                self._print_plain(lay_out(notification, WIDTH))
            else:
                self._print_rich(notification)
        except (OSError, ValueError) as exc:
            raise SendFailed(f"the terminal cannot be written: {exc}") from exc
        return Receipt()

    async def close(self) -> None:
        """Leave the stream open: it was here before us."""

    def _print_plain(self, block: Block) -> None:
        text = "".join(f"{_plain(line)}\n" for line in block) + "\n"
        encoding = self._stream.encoding or "utf-8"
        # A terminal that cannot show an arrow must not cost the alert.
        self._stream.write(text.encode(encoding, "replace").decode(encoding))
        self._stream.flush()

    def _print_rich(self, notification: Notification) -> None:
        from rich.console import Console  # noqa: PLC0415  20 ms that a service saves
        from rich.text import Text  # noqa: PLC0415

        if self._console is None:
            self._console = Console(file=self._stream, highlight=False)
        block = lay_out(notification, min(self._console.width, WIDTH))
        lines = [Text.assemble(*line) for line in block]
        self._console.print(*lines, sep="\n", end="\n\n", no_wrap=True, crop=False)


def _plain(line: Line) -> str:
    return "".join(text for text, _ in line).rstrip()
