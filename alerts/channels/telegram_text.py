"""A notification as Telegram shows it: HTML, or plain where HTML was refused.

Telegram counts a text in UTF-16 units, after its tags and entities are taken out, and
takes 4096 of them (core.telegram.org/bots/api#sendmessage).
"""

import html
from collections.abc import Sequence

from alerts.channels.notice import notices, short_id
from alerts.notification import Notification

LIMIT = 4096
"""UTF-16 units of a message, tags not counted."""
_TITLE_LIMIT = 512
_MARK = {"low": "", "normal": "", "high": "❗ "}
_SHORTEST_REST = 24
"""Units below which a cut line tells nothing and is left out whole."""


def render_html(notification: Notification) -> str:
    """The message with its title in bold; everything else is only escaped."""
    title, *rest = fit(notification)
    lines = [f"<b>{_escape(title)}</b>", *map(_escape, rest)]
    return "\n".join(lines)


def render_plain(notification: Notification) -> str:
    """The same words without any markup."""
    return "\n".join(fit(notification))


def fit(notification: Notification, limit: int = LIMIT) -> list[str]:
    """The lines that Telegram will take, the title first.

    What is too long is shortened from the end of the body, and says by how much; the
    title, the notices and the closing line with the id always stay.
    """
    message = notification.message
    mark = _MARK[message.severity]
    head = [cut(_sane(mark + message.title), _TITLE_LIMIT), *notices(notification)]
    tail = [_sane(cut(f"{message.thread} · id {short_id(notification)}", _TITLE_LIMIT))]
    body = [_sane(line) for line in message.lines]
    room = limit - _length(head) - _length(tail)
    if _length(body) <= room:
        return [*head, *body, *tail]
    return [*head, *_shorten(body, room), *tail]


def _shorten(body: Sequence[str], room: int) -> list[str]:
    room -= units(f"… {len(body)} more lines") + 1
    kept: list[str] = []
    for line in body:
        if units(line) + 1 > room:
            if room > _SHORTEST_REST:
                kept.append(cut(line, room - 1))
            break
        kept.append(line)
        room -= units(line) + 1
    left_out = len(body) - len(kept)
    return [*kept, f"… {left_out} more lines"] if left_out else kept


def _length(lines: Sequence[str]) -> int:
    return sum(units(line) + 1 for line in lines)


def units(text: str) -> int:
    """The length as Telegram counts it."""
    return len(text.encode("utf-16-le", "replace")) // 2


def cut(text: str, limit: int) -> str:
    """At most `limit` UTF-16 units, an ellipsis included; no half of a sign."""
    if units(text) <= limit:
        return text
    kept = text.encode("utf-16-le", "replace")[: 2 * (limit - 1)]
    return kept.decode("utf-16-le", "ignore") + "…"


def _sane(text: str) -> str:
    # A lone surrogate cannot travel as UTF-8; Telegram refuses the whole message.
    return text.encode("utf-8", "replace").decode()


def _escape(text: str) -> str:
    return html.escape(text, quote=False)
