"""When a breach counts: after so many ticks, after a hold, at a bar's close."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated

from pydantic import BeforeValidator, WithJsonSchema

from market.timeframe import Timeframe, parse_timeframe

_FORM = re.compile(r"(ticks):(\d+)|(close):(\w+)|(closes):(\d+):(\w+)")
_EXPECTED = 'write "ticks:3", "close:1h", "closes:2:1d" or a list of these'


@dataclass(frozen=True, slots=True, kw_only=True)
class Confirmation:
    """All of it must hold; the default is to fire at the first breach.

    Attributes:
        ticks: consecutive observations beyond, the first included.
        closes: consecutive closes beyond of `timeframe`; without a timeframe the
            machine runs on ticks.
    """

    ticks: int = 1
    closes: int = 1
    timeframe: Timeframe | None = None


FIRST_BREACH = Confirmation()
"""No filter: the first observation beyond counts."""


def parse_confirmation(value: object) -> Confirmation:
    """Read "ticks:3", "close:1h", "closes:2:1d" or a list of these.

    Raises:
        ValueError: with the forms that are understood.
    """
    if isinstance(value, Confirmation):
        return value
    items: Sequence[object] = value if isinstance(value, list | tuple) else [value]
    found = Confirmation()
    for item in items:
        found = _with(found, item)
    return found


def _with(found: Confirmation, item: object) -> Confirmation:
    match = _FORM.fullmatch(item) if isinstance(item, str) else None
    if match is None:
        raise ValueError(f'"{item}" is not a confirmation; {_EXPECTED}')
    count = int(match[2] or match[6] or 1)
    if not 1 <= count <= 1000:  # noqa: PLR2004 - more is surely a slip
        raise ValueError(f'"{item}": the count must lie between 1 and 1000')
    if match[1]:
        return Confirmation(ticks=count, closes=found.closes, timeframe=found.timeframe)
    if found.timeframe is not None:
        raise ValueError(f'"{item}": only one timeframe can confirm')
    timeframe = parse_timeframe(match[4] or match[7])
    return Confirmation(ticks=found.ticks, closes=count, timeframe=timeframe)


ConfirmationField = Annotated[
    Confirmation,
    BeforeValidator(parse_confirmation),
    WithJsonSchema(
        {
            "anyOf": [
                {"type": "string"},
                {"type": "array", "items": {"type": "string"}},
            ],
            "examples": ["ticks:3", "close:1h", "closes:2:1d"],
        }
    ),
]
"""A confirmation, as written in the config."""
