"""A notification as a mail: plain text, and HTML saying the same.

Headers: RFC 5322; Auto-Submitted from RFC 3834, so that no robot answers; List-Id
from RFC 2919, so that a person can filter. All mails of one thread refer to one
root that was never sent; mail programs show them together.
"""

import hashlib
import html
from email.header import Header
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime, parseaddr

from alerts.channels.notice import notices, short_id
from alerts.notification import Notification, Severity
from market.instant import to_datetime

_COLOUR: dict[Severity, str] = {
    "low": "#8a8f98",
    "normal": "#2f6fde",
    "high": "#d1242f",
}
_IMPORTANCE: dict[Severity, str] = {"low": "low", "normal": "normal", "high": "high"}
_TITLE_LIMIT = 300
"""Signs of a subject; far more than any mail program shows."""


def build_mail(
    notification: Notification, *, sender: str, recipient: str, now: int
) -> bytes:
    """The mail of one recipient; all attempts and recipients share its Message-ID.

    Args:
        sender: "name <address>" or an address; its domain stands in all ids, so that
            this machine's name stays at home.
        now: time of the attempt, epoch ms.
    """
    message = notification.message
    domain = domain_of(sender)
    mail = EmailMessage(policy=SMTP)
    mail["From"] = sender
    mail["To"] = recipient
    mail["Date"] = format_datetime(to_datetime(now - now % 1000))
    mail["Message-ID"] = f"<{message.event_id}@{domain}>"
    root = f"<thread.{_digest(message.thread)}@{domain}>"
    mail["In-Reply-To"] = root
    mail["References"] = root
    mail["List-Id"] = f"levelwatch <levelwatch.{domain}>"
    mail["Auto-Submitted"] = "auto-generated"
    mail["X-Auto-Response-Suppress"] = "All"
    mail["Importance"] = _IMPORTANCE[message.severity]
    mail.set_content(_render_plain(notification))
    mail.add_alternative(_render_html(notification), subtype="html")
    return _subject(message.title) + mail.as_bytes()


def _subject(title: str) -> bytes:
    # Not left to EmailMessage: where it folds between two encoded words, Python 3.11
    # loses the space ("below — ×" arrives as "below —×").
    text = " ".join(_sane(title).split())[:_TITLE_LIMIT]
    charset = "us-ascii" if text.isascii() else "utf-8"
    folded = Header(text, charset, header_name="Subject").encode(linesep="\r\n")
    return f"Subject: {folded}\r\n".encode()


def address_of(mailbox: str) -> str:
    """The bare address: "me@example.org" of "Me <me@example.org>"."""
    return parseaddr(mailbox)[1]


def domain_of(mailbox: str) -> str:
    """What stands after the @."""
    return address_of(mailbox).rpartition("@")[2]


def _digest(thread: str) -> str:
    return hashlib.sha256(thread.encode("utf-8", "replace")).hexdigest()[:16]


def _sane(text: str) -> str:
    return text.encode("utf-8", "replace").decode()


def _footer(notification: Notification) -> str:
    return f"{notification.message.thread} · id {short_id(notification)}"


def _render_plain(notification: Notification) -> str:
    message = notification.message
    head = [message.title, *notices(notification), ""]
    return _sane("\n".join([*head, *message.lines, "", _footer(notification), ""]))


def _render_html(notification: Notification) -> str:
    message = notification.message
    told = "".join(f"<p><b>{_escape(line)}</b></p>" for line in notices(notification))
    lines = "<br>\n".join(map(_escape, message.lines))
    return (
        '<html><body style="font-family:sans-serif;line-height:1.5">\n'
        f'<div style="border-left:4px solid {_COLOUR[message.severity]};'
        'padding-left:12px">\n'
        f'<p style="font-size:1.2em"><b>{_escape(message.title)}</b></p>\n'
        f"{told}<p>{lines}</p>\n"
        f'<p style="color:#8a8f98;font-size:0.85em">{_escape(_footer(notification))}'
        "</p>\n</div></body></html>\n"
    )


def _escape(text: str) -> str:
    return html.escape(_sane(text))
