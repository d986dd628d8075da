"""Secrets that can be recognised wherever they turn up, and the search for them."""

import base64
import html
import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from urllib.parse import quote

TOKEN = "987654321:CANARY-token_CANARY-token_CANARY-01"
CHAT = "-1009876501234"
PASSWORD = 'CANARY p@ss/w+rd="1"'
HOOK_SECRET = "whsec_" + base64.b64encode(b"CANARY hook secret 0123456789").decode()
HOOK_KEY = "CANARY-hook-key"
PING_KEY = "CANARY-ping-key"

IN_ENVIRONMENT = {"TELEGRAM_TOKEN": TOKEN, "TELEGRAM_CHAT": CHAT}
IN_ENV_FILE = {"SMTP_PASSWORD": PASSWORD}
IN_CREDENTIALS = {"HOOK_SECRET": HOOK_SECRET}
"""Values by name; the addresses with HOOK_KEY and PING_KEY have ports, see World."""

_SHARP = {
    "token": TOKEN.partition(":")[2],
    "chat": CHAT,
    "password": PASSWORD,
    "hook secret": HOOK_SECRET.removeprefix("whsec_"),
    "hook key": HOOK_KEY,
    "ping key": PING_KEY,
}
"""The parts that nobody but their owner may see."""


def spellings(secret: str) -> set[bytes]:
    """How a secret may look in logs, JSON, URLs, HTML and encoded headers."""
    raw = secret.encode()
    # Inside a longer base64 text a secret begins at one of three places; the
    # characters at its ends depend on its neighbours.
    shifted = {
        base64.b64encode(bytes(shift) + raw)[4 * (shift > 0) : -4] for shift in range(3)
    }
    texts = {
        secret,
        quote(secret, safe=""),
        json.dumps(secret)[1:-1],
        repr(secret)[1:-1],
        html.escape(secret),
        raw.hex(),
    }
    return shifted | {text.encode() for text in texts}


def find_secrets(
    texts: Mapping[str, bytes], extra: Mapping[str, str] | None = None
) -> list[str]:
    """Which secret stands where; empty where all is well."""
    secrets = {**_SHARP, **(extra or {})}
    return [
        f"the {name} stands in {place} as {spelling!r}"
        for place, text in texts.items()
        for name, secret in secrets.items()
        for spelling in sorted(spellings(secret))
        if spelling in text
    ]


def read_all(paths: Iterable[Path]) -> dict[str, bytes]:
    """The bytes of files by their names."""
    return {path.name: path.read_bytes() for path in paths if path.is_file()}
