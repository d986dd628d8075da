"""The fenced blocks of a Markdown file, and the price paths among them."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from market.instant import parse_duration

ROOT = Path(__file__).parents[2]

_FENCE = re.compile(r"^```(\w*)\n(.*?)^```$", re.DOTALL | re.MULTILINE)
_MOMENT = re.compile(r"(?P<at>\S+) +(?P<price>[0-9.]+|·)(?: +→ (?P<told>.+))?")


@dataclass(frozen=True, slots=True, kw_only=True)
class Fence:
    """One block.

    Attributes:
        line: of its first line in the file, from 1.
        language: the word behind the backticks.
    """

    line: int
    language: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Moment:
    """One line of a price path: `1h   101   → cross up`.

    Attributes:
        at: ms after the start.
        price: None where only time has passed (`·`).
        told: the events dated to this moment, as written.
    """

    at: int
    price: float | None
    told: tuple[str, ...]


def fences(path: Path) -> Iterator[Fence]:
    """All fenced blocks of a file, in order."""
    text = path.read_text(encoding="utf-8")
    for match in _FENCE.finditer(text):
        yield Fence(
            line=text.count("\n", 0, match.start()) + 2,
            language=match[1],
            text=match[2],
        )


def moments(text: str) -> list[Moment]:
    """The lines of a `prices` block."""
    found = []
    for line in text.splitlines():
        match = _MOMENT.fullmatch(line.partition("#")[0].strip())
        if match is None:
            raise ValueError(f"not a moment of a price path: {line!r}")
        found.append(
            Moment(
                at=parse_duration(match["at"]),
                price=None if match["price"] == "·" else float(match["price"]),
                told=tuple(match["told"].split(", ")) if match["told"] else (),
            )
        )
    return found
