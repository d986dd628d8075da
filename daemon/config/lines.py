"""On which line of a TOML text each key stands.

tomllib gives no lines, and tomlkit's document puts interleaved [[tables]] into
another order than the file's, so the text is read once more here, by a scanner that
relies on tomllib having accepted it. It never judges a text nor decodes a value.
"""

import re
import tomllib
from bisect import bisect_right

KeyPath = tuple[str | int, ...]
"""Keys and 0-based indexes from the root: ("rules", 1, "when", "kind")."""

_BLANK = re.compile(r"(?:[ \t\r\n,]|#[^\n]*)*")
_SPACE = re.compile(r"[ \t]*")
_DOT = re.compile(r"[ \t]*(\.?)[ \t]*")
_STRING = re.compile(
    r'"""(?:[^"\\]|\\.|"(?!""))*"{3,5}'
    r"|'''(?:[^']|'(?!''))*'{3,5}"
    r'|"(?:[^"\\]|\\.)*"'
    r"|'[^']*'",
    re.DOTALL,
)
_WORD = re.compile(r"[A-Za-z0-9_-]+")
_SCALAR = re.compile(r"[^,\]}#\n]*")


def find_lines(text: str) -> dict[KeyPath, int]:
    """Map every key path of a valid TOML text to its 1-based line.

    A table has the line of its first header or of the key that implies it, an array
    element its own. Empty where the text turns out to be beyond this scanner: the
    caller then has no line to tell, which is better than a wrong one.
    """
    scanner = _Scanner(text)
    try:
        scanner.scan()
    except (ValueError, RecursionError):
        return {}
    return scanner.lines


class _Scanner:
    def __init__(self, text: str) -> None:
        self.text = text
        self.at = 0
        self.lines: dict[KeyPath, int] = {}
        self._starts = [0] + [m.end() for m in re.finditer("\n", text)]
        self._last_index: dict[KeyPath, int] = {}

    def scan(self) -> None:
        table: KeyPath = ()
        while self._skip_blank():
            if self.text[self.at] == "[":
                table = self._header()
            else:
                self._assignment(table)

    def _header(self) -> KeyPath:
        start = self.at
        is_element = self.text.startswith("[[", start)
        self.at += 2 if is_element else 1
        *parents, name = self._key()
        self.at += 2 if is_element else 1
        path = (*self._enter((), parents, start), name)
        self._note(path, start)
        if is_element:
            self._last_index[path] = self._last_index.get(path, -1) + 1
            path += (self._last_index[path],)
            self._note(path, start)
            return path
        return self._newest(path)

    def _assignment(self, table: KeyPath) -> None:
        start = self.at
        *parents, name = self._key()
        self._expect("=")
        path = (*self._enter(table, parents, start), name)
        self._note(path, start)
        self._value(path)

    def _value(self, path: KeyPath) -> None:
        self._take(_SPACE)
        if self.text[self.at : self.at + 1] in ('"', "'"):
            self._take(_STRING)
        elif self.text.startswith("[", self.at):
            self._array(path)
        elif self.text.startswith("{", self.at):
            self._inline_table(path)
        else:
            self._take(_SCALAR)

    def _array(self, path: KeyPath) -> None:
        self.at += 1
        index = 0
        while self._skip_blank() and self.text[self.at] != "]":
            self._note((*path, index), self.at)
            self._value((*path, index))
            index += 1
        self._expect("]")

    def _inline_table(self, path: KeyPath) -> None:
        self.at += 1
        while self._skip_blank() and self.text[self.at] != "}":
            self._assignment(path)
        self._expect("}")

    def _key(self) -> list[str]:
        self._take(_SPACE)
        parts = []
        more = "."
        while more:
            quoted = self.text[self.at : self.at + 1] in ('"', "'")
            word = self._take(_STRING if quoted else _WORD)
            parts.append(_unquoted(word) if quoted else word)
            more = self._take(_DOT).strip()
        return parts

    def _enter(self, path: KeyPath, parents: list[str], start: int) -> KeyPath:
        for name in parents:
            path += (name,)
            self._note(path, start)
            path = self._newest(path)
        return path

    def _newest(self, path: KeyPath) -> KeyPath:
        index = self._last_index.get(path)
        return path if index is None else (*path, index)

    def _note(self, path: KeyPath, at: int) -> None:
        self.lines.setdefault(path, bisect_right(self._starts, at))

    def _skip_blank(self) -> bool:
        self._take(_BLANK)
        return self.at < len(self.text)

    def _expect(self, sign: str) -> None:
        if not self.text.startswith(sign, self.at):
            raise ValueError(f"expected {sign} at {self.at}")
        self.at += len(sign)

    def _take(self, pattern: re.Pattern[str]) -> str:
        match = pattern.match(self.text, self.at)
        if match is None:
            raise ValueError(f"unexpected text at {self.at}")
        self.at = match.end()
        return match[0]


def _unquoted(word: str) -> str:
    value = tomllib.loads(f"key = {word}")["key"]
    return str(value)
