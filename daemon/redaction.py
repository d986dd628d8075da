"""Taking secrets out of texts that people and files may see.

Knows the exact secrets it was told, in every spelling they travel in, and the shape
of Telegram's tokens. Never keeps a text, and never guesses at other secrets.
"""

import base64
import html
import json
import re
from collections.abc import Iterable
from urllib.parse import quote, quote_plus

HIDDEN = "[secret]"

_SHORTEST = 4
"""Characters; a shorter secret would blacken every second word."""

_TELEGRAM_SHAPE = r"(?<!\d)\d{6,}(?::|%3[Aa])[A-Za-z0-9_-]{30,}"
"""Numeric bot id, colon (in a URL perhaps encoded), secret of 35 characters today:
https://core.telegram.org/bots/api#authorizing-your-bot (read 2026-11)."""


class Redactor:
    """Replaces secrets by ``[secret]``; safe to share and to teach at any time."""

    def __init__(self, secrets: Iterable[str] = ()) -> None:
        self._spellings: frozenset[str] = frozenset()
        self._pattern = re.compile(_TELEGRAM_SHAPE)
        self.register(*secrets)

    def __repr__(self) -> str:
        return f"Redactor({len(self._spellings)} spellings)"

    def register(self, *secrets: str) -> None:
        """Learn secrets, before they are used for the first time.

        Args:
            secrets: exact values; those under four characters are ignored.
        """
        known = set(self._spellings)
        for secret in secrets:
            if len(secret) >= _SHORTEST:
                known |= _spellings(secret)
        # Longest first: of two secrets where one begins the other, hide all of it.
        exact = sorted(known, key=lambda spelling: (-len(spelling), spelling))
        pattern = "|".join([*map(_literal, exact), _TELEGRAM_SHAPE])
        self._spellings, self._pattern = frozenset(known), re.compile(pattern)

    def redact(self, text: str) -> str:
        """The text without secrets."""
        return self._pattern.sub(HIDDEN, text)


def _literal(spelling: str) -> str:
    """A pattern for a spelling; percent codes are the same in either case."""
    return re.sub("%[0-9A-F]{2}", lambda code: f"(?i:{code[0]})", re.escape(spelling))


def _spellings(secret: str) -> set[str]:
    """A secret as it stands in URLs, JSON, reprs, HTML and encoded headers."""
    raw = secret.encode()
    return {
        secret,
        quote(secret),
        quote(secret, safe=""),
        quote_plus(secret),
        json.dumps(secret)[1:-1],
        json.dumps(secret, ensure_ascii=False)[1:-1],
        repr(secret)[1:-1],
        html.escape(secret),
        html.escape(secret, quote=False),
        # Without padding, so that it is found inside a longer encoding too.
        base64.b64encode(raw).decode().rstrip("="),
        base64.urlsafe_b64encode(raw).decode().rstrip("="),
    }
