"""Lays out one alert for a terminal: pieces of text with the names of their styles.

::

    ▌ ▼ BNB/USD fell below 637.0 — 636.9                     Sat 17 May 03:05 CEST
    ▌   the support that the May note leaned on
    ▌   636.9 is 0.02 % (0.1) below 637.0
    ▌   −0.42 % in 1 h, −2.10 % in 24 h · kraken
"""

import re
import textwrap
import unicodedata
from collections.abc import Iterator

from alerts.channels.notice import notices
from alerts.notification import Message, Notification, Severity

Piece = tuple[str, str]
"""Text and a style in rich's words ("bold red"), "" for none."""
Line = list[Piece]
Block = list[Line]

_BAR: dict[Severity, str] = {
    "low": "bright_black",
    "normal": "cyan",
    "high": "bold red",
}
_GLYPHS = {
    "cross": "▲▼◆",
    "reach": "▲▼◆",
    "move": "▲▼◆",
    "traverse_up": "▲▲▲",
    "traverse_down": "▼▼▼",
    "lost": "▲▼◆",
    "approach": "↗↘→",
    "touch": "↑↓•",
    "enter": "↗↘→",
    "exit": "↗↘→",
    "reject": "↩↩↩",
    "bounce": "↩↩↩",
    "false_breakout": "↩↩↩",
    "reclaim": "↻↻↻",
    "retest": "↻↻↻",
}
_STANDING = "▲▼◆"
"""Of the other events: by direction."""
_UP_DOWN = {"up": (0, "green"), "down": (1, "red")}
_NO_WAY = (2, "yellow")
_ALWAYS = {"above": "up", "below": "down", "traverse_up": "up", "traverse_down": "down"}
"""Events that have a way although their trigger may not name it."""
_INDENT = "  "
_YEAR = re.compile(r"(?<= )\d{4} ")
_CHANGE = re.compile(r"([+−][0-9.]+ %)")


def lay_out(notification: Notification, width: int) -> Block:
    """The lines of the block, none wider than `width` columns, no line ends."""
    message = notification.message
    bar: Piece = ("▌ ", _BAR[message.severity])
    room = width - _columns(bar[0])
    when = _YEAR.sub("", message.local_time)
    titles = _wrap(message.title, room - _columns(_INDENT))
    gap = room - _columns(_INDENT) - _columns(titles[0]) - _columns(when)
    stands_beside = gap >= 2 and len(titles) == 1  # noqa: PLR2004  columns between
    beside: Line = [(" " * gap, ""), (when, "dim")] if stands_beside else []
    rows = [
        *_headline(message, titles, beside),
        *_notes(notification, room),
        *_body(message, room, "" if stands_beside else when),
    ]
    return [[bar, *row] for row in rows]


def _headline(message: Message, titles: list[str], beside: Line) -> Iterator[Line]:
    glyph, colour = _sign(message)
    weight = "bold" if message.severity != "low" else ""
    yield [(f"{glyph} ", colour), (titles[0], weight), *beside]
    yield from ([(_INDENT, ""), (line, weight)] for line in titles[1:])


def _notes(notification: Notification, room: int) -> Iterator[Line]:
    for notice in notices(notification):
        for line in _wrap(notice, room - _columns(_INDENT)):
            yield [(_INDENT, ""), (line, "bold yellow")]


def _body(message: Message, room: int, when: str) -> Iterator[Line]:
    room -= _columns(_INDENT)
    told = [line.removesuffix(message.local_time) for line in message.lines]
    # The last line says where and when; the time may stand beside the title already.
    *facts, where = told or [""]
    where = where.removesuffix(" · ")
    closing = " · ".join(part for part in (where, when) if part)
    lines = [line for fact in facts for line in _wrap(fact, room)]
    last = lines.pop() if lines else ""
    joined = f"{last} · {closing}" if last and closing else last or closing
    if _columns(joined) <= room:
        lines.append(joined)
    else:
        lines += [last, *_wrap(closing, room)]
    yield from ([(_INDENT, ""), *_coloured(line)] for line in lines if line)


def _coloured(line: str) -> Iterator[Piece]:
    for piece in _CHANGE.split(line):
        if _CHANGE.fullmatch(piece):
            yield piece, "green" if piece[0] == "+" else "red"
        elif piece:
            yield piece, ""


def _sign(message: Message) -> Piece:
    event = str(message.body.get("event", ""))
    if not event:
        return ("!", "bold red") if message.severity == "high" else ("✓", "green")
    way = _ALWAYS.get(event) or str(message.body.get("direction"))
    index, colour = _UP_DOWN.get(way, _NO_WAY)
    return _GLYPHS.get(event, _STANDING)[index], colour


def _wrap(text: str, room: int) -> list[str]:
    # textwrap counts signs; wide ones are rare here and are given room for two.
    wide = _columns(text) - len(text)
    return textwrap.wrap(text, max(room - wide, 8)) or [""]


def _columns(text: str) -> int:
    return sum(_width(sign) for sign in text)


def _width(sign: str) -> int:
    if unicodedata.combining(sign) or unicodedata.category(sign) == "Cf":
        return 0
    return 2 if unicodedata.east_asian_width(sign) in {"W", "F"} else 1
