"""Where a relative SQLite path in the configuration begins."""

import re
from pathlib import Path

DEFAULT_URL = "sqlite:///levelwatch.db"

_RELATIVE_SQLITE = re.compile(r"(sqlite(?:\+\w+)?:///)(?![/:])(?!file:)(.+)", re.DOTALL)


def place_database(data: dict[str, object], folder: Path) -> None:
    """Make the path of `storage.url` absolute, in place.

    So `status` and `silence` open the daemon's own file from whatever directory they
    are called; a path relative to that would quietly make a second, empty one.

    Args:
        data: the file's content, secrets resolved.
        folder: what a relative path is relative to.
    """
    storage = data.setdefault("storage", {})
    if not isinstance(storage, dict):
        return
    url = storage.get("url", DEFAULT_URL)
    match = _RELATIVE_SQLITE.fullmatch(url) if isinstance(url, str) else None
    if match:
        storage["url"] = f"{match[1]}{folder.absolute() / match[2]}"
