"""Values of the configuration in messages: how they are found, shown and hidden."""

import re
from collections.abc import Iterator, Mapping
from datetime import date, datetime, time
from decimal import Decimal

from daemon.config.lines import KeyPath
from daemon.secrets import PREFIX

_SENSITIVE = re.compile(r"(^|_)(token|password|secret|url|ping|key)$")
_BARE = re.compile(r"[A-Za-z0-9_-]+")
_LONGEST_VALUE = 60
_LONGEST_MESSAGE = 400


def value_at(data: object, path: KeyPath) -> object:
    """The value at a path; None where there is none (TOML knows no null)."""
    for step in path:
        if isinstance(data, Mapping):
            data = data.get(step)
        elif isinstance(data, list) and isinstance(step, int):
            data = data[step] if 0 <= step < len(data) else None
        else:
            return None
    return data


def walk(data: object, path: KeyPath = ()) -> Iterator[tuple[KeyPath, object]]:
    """Every scalar with its path, in the order of the file."""
    if isinstance(data, Mapping):
        for key, value in data.items():
            yield from walk(value, (*path, key))
    elif isinstance(data, list):
        for index, value in enumerate(data):
            yield from walk(value, (*path, index))
    else:
        yield path, data


def is_sensitive(path: KeyPath) -> bool:
    """Whether the last key may hold a secret."""
    names = [step for step in path if isinstance(step, str)]
    return bool(names) and _SENSITIVE.search(names[-1]) is not None


def render_path(path: KeyPath) -> str:
    """As the user would write it: ``instruments."BNB/USD".sources[0]``."""
    text = ""
    for step in path:
        if isinstance(step, int):
            text += f"[{step}]"
        else:
            key = step if _BARE.fullmatch(step) else f'"{_printable(step)}"'
            text += f".{key}" if text else key
    return text


def render_value(value: object) -> str:
    """A wrong value, short and on one line."""
    match value:
        case str() if value.startswith(PREFIX):
            return f"the value of {_printable(value)}"
        case str():
            return f'"{_printable(value)}"'
        case int() if value.bit_length() > 64:  # noqa: PLR2004 - as TOML has it
            return "a number beyond 64 bits"
        case bool() | int() | Decimal():
            return _printable(str(value).lower())
        case datetime() | date() | time():
            return value.isoformat()
        case list():
            return "a list" if value else "an empty list"
        case Mapping():
            return "a table"
    return "this"


def one_line(message: str) -> str:
    """A message that cannot forge a second line, nor fill the terminal."""
    text = _escaped(" ".join(message.split()))
    return text if len(text) <= _LONGEST_MESSAGE else text[:_LONGEST_MESSAGE] + "…"


def _printable(text: str) -> str:
    short = text if len(text) <= _LONGEST_VALUE else text[:_LONGEST_VALUE] + "…"
    return _escaped(short)


def _escaped(text: str) -> str:
    return "".join(
        c if c.isprintable() else c.encode("unicode_escape").decode() for c in text
    )
