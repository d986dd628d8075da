"""Turns what pydantic says into what a person can act on.

``levelwatch.toml:12: rules[1].when.kind: "corss" is not a condition; did you mean
"cross"?`` Values under keys that may hold a secret are never repeated.
"""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cached_property

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from daemon.config.keys import has_tag, kinds_at, known_keys
from daemon.config.lines import KeyPath
from daemon.config.sections import INSTRUMENT_PATTERN, NAME_PATTERN
from daemon.config.values import (
    is_sensitive,
    one_line,
    render_path,
    render_value,
    value_at,
)
from daemon.errors import ConfigError, ConfigProblem
from daemon.redaction import HIDDEN, Redactor
from daemon.suggestion import with_hint


class Findings:
    """Collects the problems of one file, one for each key: the first.

    Args:
        file: the file's name as the user gave it.
        data: the parsed file, secrets still as references.
        find_lines: where each key stands; asked only when there is a problem.
    """

    def __init__(
        self,
        file: str,
        data: Mapping[str, object],
        find_lines: Callable[[], Mapping[KeyPath, int]],
    ) -> None:
        self._file = file
        self._data = data
        self._find_lines = find_lines
        self._messages: dict[KeyPath, str] = {}
        self._redactor = Redactor()

    def __bool__(self) -> bool:
        return bool(self._messages)

    @cached_property
    def _lines(self) -> Mapping[KeyPath, int]:
        return self._find_lines()

    def line_of(self, path: KeyPath) -> int | None:
        """Where a key stands, else the table around it; None where that is unknown."""
        for end in range(len(path), 0, -1):
            if path[:end] in self._lines:
                return self._lines[path[:end]]
        return None

    def hide(self, secrets: Iterable[str]) -> None:
        """Never let any of these strings into a message."""
        self._redactor.register(*secrets)

    def add(self, path: KeyPath, message: str) -> None:
        """Note one problem."""
        self._messages.setdefault(path, message)

    def add_all(self, errors: Sequence[ErrorDetails]) -> None:
        """Note the errors of pydantic."""
        for error in errors:
            inner = error.get("ctx", {}).get("error")
            if isinstance(inner, ValidationError):
                # A model inside a validator: its errors are about keys further in.
                within = inner.errors(include_url=False)
                self.add_all([{**e, "loc": (*error["loc"], *e["loc"])} for e in within])
            else:
                self.add(*self._translate(error))

    def error(self) -> ConfigError:
        """All of them, in the order of the file."""
        problems = [
            ConfigProblem(
                file=self._file,
                line=self.line_of(path),
                key=one_line(render_path(path)),
                message=one_line(self._redactor.redact(message)),
            )
            for path, message in self._messages.items()
        ]
        return ConfigError(sorted(problems, key=lambda p: p.line or 0))

    def _translate(self, error: ErrorDetails) -> tuple[KeyPath, str]:
        path = _key_path(error, self._data)
        if self._has_unknown_kind(path, error):
            return (*path, "kind"), self._wrong_kind(path)
        if error["type"] == "extra_forbidden":
            table = value_at(self._data, path[:-1])
            known = known_keys(path[:-1], table)
            return path, with_hint("unknown key", str(path[-1]), known)
        if "[key]" in error["loc"]:
            key = str(path[-1])
            return path, _explain(error, render_value(key), key)
        return path, _explain(error, self._found(path), self._text(path))

    def _has_unknown_kind(self, path: KeyPath, error: ErrorDetails) -> bool:
        registry = kinds_at(path)
        if registry is None:
            return False
        if error["type"].startswith("union_tag"):
            return True
        kind = value_at(self._data, (*path, "kind"))
        return kind is not None and (
            not isinstance(kind, str) or kind not in registry.kinds
        )

    def _wrong_kind(self, path: KeyPath) -> str:
        registry = kinds_at(path)
        kinds = list(registry.kinds) if registry else []
        noun = registry.noun if registry else "kind"
        kind = value_at(self._data, (*path, "kind"))
        if kind is None:
            return with_hint("missing", "", kinds)
        found = kind if isinstance(kind, str) else ""
        return with_hint(f"{render_value(kind)} is not a {noun}", found, kinds)

    def _found(self, path: KeyPath) -> str:
        value = value_at(self._data, path)
        return HIDDEN if is_sensitive(path) else render_value(value)

    def _text(self, path: KeyPath) -> str:
        value = value_at(self._data, path)
        return value if isinstance(value, str) and not is_sensitive(path) else ""


def _key_path(error: ErrorDetails, data: object) -> KeyPath:
    """The path in the file: pydantic's, without its tags and names of branches."""
    path: KeyPath = ()
    here, tag_seen = data, False
    for number, step in enumerate(error["loc"], start=1):
        if not tag_seen and has_tag(path) and _kind(here) == step:
            tag_seen = True
            continue
        inner = value_at(here, (step,))
        is_missing = number == len(error["loc"]) and error["type"] == "missing"
        if inner is not None or is_missing:
            path, here, tag_seen = (*path, step), inner, False
    return path


def _kind(table: object) -> object:
    return table.get("kind") if isinstance(table, dict) else None


_WANTED: Mapping[str, str] = {
    "bool": "true or false",
    "date": "a date",
    "datetime": "a date and time",
    "decimal": "a number",
    "dict": "a table",
    "float": "a number",
    "finite": "a finite number",
    "int": "a whole number",
    "list": "a list",
    "model": "a table",
    "string": "text",
    "tuple": "a list",
}
"""By the first word of pydantic's error type."""

_BOUNDS: Mapping[str, str] = {
    "greater_than": "more than {gt}",
    "greater_than_equal": "{ge} or more",
    "less_than": "less than {lt}",
    "less_than_equal": "{le} or less",
    "too_short": "at least {min_length}",
    "too_long": "at most {max_length}",
    "string_too_short": "at least {min_length} characters",
    "string_too_long": "at most {max_length} characters",
}


def _explain(error: ErrorDetails, found: str, text: str) -> str:
    kind, context = error["type"], error.get("ctx", {})
    if kind == "missing":
        return "missing"
    if kind in {"value_error", "assertion_error"}:
        return str(context.get("error", error["msg"]))
    if kind in {"literal_error", "enum"}:
        known = re.findall(r"'([^']*)'", str(context.get("expected", "")))
        return with_hint(f"{found} is not allowed here", text, known)
    if kind == "string_pattern_mismatch":
        return f"{found} {_wrong_form(str(context.get('pattern')))}"
    if kind in _BOUNDS:
        return f"found {found}; expected {_BOUNDS[kind].format_map(context)}"
    wanted = _WANTED.get(kind.partition("_")[0])
    if wanted is None:
        return f"{found}: {error['msg'].lower()}"
    return f"{found} is not {wanted}{_remedy(wanted, text)}"


def _remedy(wanted: str, text: str) -> str:
    return f'; write ["{text}"]' if wanted == "a list" and text else ""


def _wrong_form(pattern: str) -> str:
    if pattern == INSTRUMENT_PATTERN:
        return 'is not an instrument; write base and quote, as in "BNB/USD"'
    if pattern == NAME_PATTERN:
        return "is not a name; use letters, digits, - and _"
    return "does not have the right form"
