"""From what a program wrote to a terminal to a picture of that terminal.

Understands as much as rich needs to draw one progress line under other output.
"""

import re
from collections.abc import Iterable, Iterator
from io import StringIO

from rich.console import Console
from rich.text import Text

COLUMNS = 80

_REDRAW = "\r\x1b[2K"
"""How rich begins its progress line anew: at the left, the line erased."""
_CURSOR = re.compile(r"\x1b\[\?25[hl]")
_FONTS = re.compile(r"@font-face\s*\{.*?\}\s*", re.DOTALL)
_COMMENT = re.compile(r"<!--.*?-->\s*", re.DOTALL)


def redraws(output: Iterable[str]) -> Iterator[str]:
    """The stretches between two drawings of the progress line, whole ones only."""
    rest = ""
    for text in output:
        *whole, rest = (rest + text).split(_REDRAW)
        yield from whole


def last_full_screen(stretches: Iterable[str], *, rows: int) -> list[str]:
    """The lines of the last screen from which nothing had scrolled away.

    Returns:
        At most `rows` lines, colours as escape sequences, the progress line last.
    """
    printed: list[str] = []
    screen: list[str] = []
    for stretch in stretches:
        *lines, progress = _CURSOR.sub("", stretch).split("\r\n")
        printed += lines
        if len(printed) + 1 > rows:
            break
        screen = [*printed, progress]
    return screen


def draw(screen: Iterable[str], *, title: str) -> str:
    """An SVG of a terminal with these lines; it refers to nothing outside itself."""
    console = Console(record=True, width=COLUMNS, file=StringIO(), force_terminal=True)
    for line in screen:
        console.print(Text.from_ansi(line), soft_wrap=True)
    svg = console.export_svg(title=title, unique_id="demo")
    # rich names fonts on a host; every system has a monospaced one of its own.
    return _FONTS.sub("", _COMMENT.sub("", svg))
