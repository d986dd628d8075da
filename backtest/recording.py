"""Recorded prices: the rows of one file as columns, and as observations."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from backtest.columns import Floats, Integers
from backtest.errors import RecordingProblem
from market.bar import Bar
from market.tick import Tick
from market.timeframe import Timeframe

SOURCE = "recording"
"""What a tick names as its source: the file does not know the venue."""

_CHUNK = 8192
"""Rows that are turned into objects at a time; all at once would fill the memory."""
_SAMPLE = 500
"""Rows whose digits are looked at; a venue's precision shows early."""

Observation = tuple[int, int, int, Tick | Bar]
"""(instant, number of the file, line, what was seen): sorts as it is to be played."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Recording:
    """The playable rows of one file, in order of time; of one instant as in the file.

    Attributes:
        names: the instruments that `numbers` counts in.
        timeframe: of bars; None where the rows are prices.
        at: epoch ms; of a bar its open.
        ends: the same; of a bar its close.
        lines: where each row stands in the file.
        values: a line each: open, high, low, close, volume of bars; price, last,
            bid, ask of prices, NaN where there is none.
        disorder: rows that stood after a later one.
        skipped: wrong rows that were left out; `problems` has the first of them.
        foreign: rows of instruments that were not asked for.
        unknown: columns that were not read.
    """

    file: str
    names: Sequence[str]
    timeframe: Timeframe | None
    at: Integers
    ends: Integers
    numbers: Integers
    lines: Integers
    values: Floats
    disorder: int
    skipped: int
    problems: tuple[RecordingProblem, ...]
    foreign: Mapping[str, int]
    unknown: tuple[str, ...]

    def __len__(self) -> int:
        return len(self.at)

    def counts(self) -> dict[str, int]:
        """Rows of each instrument that has any."""
        counted = np.bincount(self.numbers, minlength=len(self.names))
        pairs = zip(self.names, map(int, counted), strict=True)
        return {name: count for name, count in pairs if count}

    def nearest(self) -> int | None:
        """The least time between the opens of two bars of one instrument."""
        if self.timeframe is None:
            return None
        gaps = [np.diff(self.at[self.numbers == n]) for n in range(len(self.names))]
        positive = [int(gap[gap > 0].min()) for gap in gaps if (gap > 0).any()]
        return min(positive, default=None)

    def decimals(self) -> dict[str, int]:
        """Digits after the point: the most in a sample of each instrument's prices."""
        quoted = self.values[1:] if self.timeframe is None else self.values[:4]
        found = {}
        for number in map(int, np.unique(self.numbers)):
            sample = quoted[:, self.numbers == number][:, :_SAMPLE]
            found[self.names[number]] = max(map(_digits, map(float, sample.flat)))
        return found

    def observations(self, order: int, wanted: Iterable[str]) -> Iterator[Observation]:
        """What was seen of some instruments.

        Args:
            order: the file's number; of two rows of one instant and instrument, the
                one of the lower number comes first.
        """
        known = set(wanted)
        chosen = [number for number, name in enumerate(self.names) if name in known]
        places = np.flatnonzero(np.isin(self.numbers, chosen))
        for start in range(0, len(places), _CHUNK):
            some = places[start : start + _CHUNK]
            if self.timeframe is None:
                yield from self._ticks(some, order)
            else:
                yield from self._bars(some, order, self.timeframe)

    def _bars(
        self, some: Integers, order: int, timeframe: Timeframe
    ) -> Iterator[Observation]:
        rows = zip(*self._columns(some), *self._values(some), strict=True)
        for at, end, number, line, opened, high, low, close, volume in rows:
            bar = Bar(
                instrument=self.names[number],
                timeframe=timeframe,
                open_time=at,
                close_time=end,
                open=opened,
                high=high,
                low=low,
                close=close,
                volume=volume,
            )
            yield at, order, line, bar

    def _ticks(self, some: Integers, order: int) -> Iterator[Observation]:
        rows = zip(*self._columns(some), *self._values(some), strict=True)
        for at, _, number, line, price, last, bid, ask in rows:
            tick = Tick(
                instrument=self.names[number],
                at=at,
                price=price,
                source=SOURCE,
                received_at=at,
                last=_known(last),
                bid=_known(bid),
                ask=_known(ask),
            )
            yield at, order, line, tick

    def _columns(self, some: Integers) -> list[list[int]]:
        columns = (self.at, self.ends, self.numbers, self.lines)
        return [column[some].tolist() for column in columns]

    def _values(self, some: Integers) -> list[list[float]]:
        values: list[list[float]] = self.values[:, some].tolist()
        return values


def _digits(value: float) -> int:
    _, _, decimals = repr(value).partition(".")
    return len(decimals) if decimals.isdecimal() and decimals != "0" else 0


def _known(value: float) -> float | None:
    return value if value == value else None  # noqa: PLR0124 - NaN is not itself
